import type { ProposedManifest } from "../../model/placement.ts";
import type { ObjectGrowth } from "./object-growth.ts";
import { objectId } from "./own-objects.ts";
import { policyGrowth } from "./policy-growth.ts";
import { bindingGrowth, roleGrowth } from "./role-growth.ts";

/** How the objects of one file change. */
export interface Growth {
  readonly isWider: boolean;
  readonly isNarrower: boolean;
  /** The objects of a first step that cuts nothing; the desired ones where that is all there is to do. */
  readonly widened: readonly ProposedManifest[];
}

/**
 * Takes a change apart into what only grows and the rest: nothing is cut by the first, and nothing is added by the second.
 * A policy that is new isolates its pods; a role that is new cuts nobody.
 *
 * @param current as they stand in the repository
 */
export function growthOf(current: readonly ProposedManifest[], desired: readonly ProposedManifest[]): Growth {
  const known = new Map(current.map((manifest) => [objectId(manifest), manifest]));
  const wanted = new Set(desired.map(objectId));
  const found = desired.map((manifest) => ({
    manifest,
    growth: growthOfObject(known.get(objectId(manifest)), manifest),
  }));
  const gone = current.filter((manifest) => !wanted.has(objectId(manifest)));
  const isWider = found.some(({ growth }) => growth.isWider);
  const isNarrower = gone.length > 0 || found.some(({ growth }) => growth.isNarrower);
  const kept = found.flatMap(({ growth }) => growth.widened ?? []);
  return { isWider, isNarrower, widened: isNarrower || !isWider ? [...kept, ...gone] : desired };
}

type Found = Pick<ObjectGrowth, "isWider" | "isNarrower"> & { readonly widened: ProposedManifest | undefined };

function growthOfObject(current: ProposedManifest | undefined, desired: ProposedManifest): Found {
  if (current === undefined) {
    return desired.kind === "NetworkPolicy"
      ? { isWider: false, isNarrower: true, widened: undefined }
      : { isWider: true, isNarrower: false, widened: desired };
  }
  if (current.kind === "NetworkPolicy" && desired.kind === "NetworkPolicy") return policyGrowth(current, desired);
  if ("rules" in current && "rules" in desired) return roleGrowth(current, desired);
  if ("roleRef" in current && "roleRef" in desired) return bindingGrowth(current, desired);
  return { isWider: false, isNarrower: true, widened: current };
}
