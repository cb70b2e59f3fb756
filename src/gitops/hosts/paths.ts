import { NetlearnError } from "../../lib/errors.ts";
import { whyNotWritten } from "../closed-paths.ts";

/**
 * Refuses paths that must not be written.
 *
 * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE` with the path and why
 */
export function checkPath(path: string): void {
  const why = whyNotWritten(path);
  if (why !== undefined) throw refusedPath(path, why);
}

/** The error for a path that is not written. */
export function refusedPath(path: string, why: string): NetlearnError {
  return new NetlearnError("NETLEARN_OUTPUT_UNWRITABLE", `${JSON.stringify(path)} is not written: it ${why}`, {
    hint: "Map the namespace to another folder in .github/netlearn.yaml.",
  });
}
