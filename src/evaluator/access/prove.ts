import type { AccessGraph, Identity } from "../../model/access.ts";
import type { AccessPolicySet, AccessProof } from "../../model/access-policy.ts";
import type { RbacManifest, RbacState } from "../../model/rbac.ts";
import { unappliableBy, unlastingIn } from "./applier.ts";
import { Authorizer } from "./authorizer.ts";
import { lossyRoles } from "./lossless.ts";
import { unneededIn } from "./minimality.ts";
import { isMet, type LineNeed, lineNeeds, type Need, type SortedUses, sortUses, usesOfRoles } from "./needs.ts";
import { newPowerIn } from "./new-power.ts";
import { isWhole, objectsInForce, proposedObjects } from "./states.ts";

/** What is to be proved. */
export interface AccessClaim {
  readonly graph: AccessGraph;
  readonly policies: AccessPolicySet;
  /** The manifests as they were generated: these are judged, not the policy set. */
  readonly manifests: readonly RbacManifest[];
  /** In force now; undefined where nobody knows. */
  readonly inForce: RbacState | undefined;
  /** Who applies the manifests; undefined: not asked. */
  readonly applier: Identity | undefined;
}

/**
 * Runs the five checks: what was used and what lines say is allowed; nobody gets what nobody had; nothing can be taken away;
 * the written roles are the suggested ones; whoever applies them may. Every list of the answer is sorted, each entry once.
 */
export function proveAccess(claim: AccessClaim): AccessProof {
  const { graph, policies, manifests, inForce, applier } = claim;
  const known = objectsInForce(inForce);
  const changes = { manifests, replaced: policies.replaced };
  const proposed = proposedObjects(known, changes);
  const uses = usesOf(claim);
  const lines = lineNeeds(policies);
  const sound = cutBy(new Authorizer(proposed), [...uses.needed, ...lines]);
  const power = newPowerIn({ graph, policies, manifests, proposed, inForce: known, isWhole: isWhole(inForce) });
  const standing = new Authorizer(proposedObjects(known, { manifests: [], replaced: policies.replaced }, () => true));
  const needs = [...uses.needed, ...lines.filter(isAccepted)];
  return {
    judged: needs.length,
    cut: sortedOnce(sound),
    newPower: sortedOnce(power.newPower),
    unneeded: sortedOnce(unneededIn(manifests, needs, standing)),
    lossy: sortedOnce(lossyRoles(policies.roles, manifests)),
    unappliable: sortedOnce([
      ...unlastingIn(manifests, policies.replaced, inForce),
      ...(applier === undefined ? [] : unappliableBy(applier, manifests, inForce)),
    ]),
    revoked: isWhole(inForce) ? sortedOnce(uses.refused.map(shown)) : [],
    granted: sortedOnce(power.granted),
    notJudged: notJudged(claim, uses),
  };
}

/** What a line says without a use behind it. */
function isAccepted({ line }: LineNeed): boolean {
  return line.origin.kind !== "observed";
}

/** What was used and has to stay allowed. Where nothing in force is known, nothing is taken from anybody either. */
function usesOf({ graph, policies, inForce }: AccessClaim): SortedUses {
  if (inForce === undefined) return { needed: usesOfRoles(graph, policies), refused: [] };
  return sortUses(graph, new Authorizer(objectsInForce(inForce)));
}

function cutBy(proposed: Authorizer, needs: readonly Need[]): AccessProof["cut"] {
  return needs.filter((need) => !isMet(need, proposed)).map(shown);
}

function shown({ username, attributes }: Need): AccessProof["cut"][number] {
  return { username, attributes };
}

function notJudged({ inForce, applier }: AccessClaim, { refused }: SortedUses): AccessProof["notJudged"] {
  if (isWhole(inForce)) return [];
  const unknown = inForce === undefined ? "what is in force is not known" : "not all that is in force is known";
  const unexplained = refused.length === 0 ? "" : `, and ${refused.length} uses are allowed by nothing that was given`;
  return [
    {
      check: "no-new-power",
      because: `${unknown}, so new roles are compared with what was seen too: what they infer may be new`,
    },
    ...(inForce === undefined || refused.length === 0
      ? []
      : [{ check: "soundness" as const, because: `${unknown}${unexplained}: these are left as they are` }]),
    ...(applier === undefined
      ? []
      : [
          {
            check: "applier" as const,
            because: `${unknown}: whoever applies the manifests may hold more than is said here`,
          },
        ]),
  ];
}

function sortedOnce<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item]))]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, item]) => item);
}
