import { NetlearnError } from "../lib/errors.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/** @throws NetlearnError when the version is a later one than this program knows */
export function refuseNewer(version: number, location: string): void {
  if (version <= SCHEMA_VERSION) return;
  throw new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `the state ${location} has version ${version}, and this netlearn knows versions up to ${SCHEMA_VERSION}`,
    { hint: "use the netlearn that wrote it or a newer one; nothing was changed" },
  );
}

/** Who only reads can't bring a state forward. @throws NetlearnError when the version is an earlier one */
export function refuseOlder(version: number, location: string): void {
  if (version >= SCHEMA_VERSION) return;
  throw new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `the state ${location} has version ${version}, and this netlearn reads version ${SCHEMA_VERSION}`,
    { hint: "run `netlearn collect` once, which brings it forward" },
  );
}

/** What whoever reads hears of a place where nothing was learned. */
export function noState(location: string): NetlearnError {
  return new NetlearnError("NETLEARN_STATE_UNUSABLE", `there is no state at ${location} yet`, {
    hint: "run `netlearn collect` first, or name another place",
  });
}
