import { by, byText, sortedBy } from "../../lib/sort.ts";
import type { AccessAttributes, AccessGraph, AccessOutcome, AccessUse, Caller } from "../../model/access.ts";
import { withName } from "../../model/access-attributes.ts";
import type { Gap } from "../../model/gap.ts";
import type { AccessLog } from "./access-log.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { identityText, type Principal } from "./principals.ts";
import { setAsideOf } from "./set-aside.ts";
import { type UseFamily } from "./use-family.ts";

/** What a graph says besides what was seen of the cluster. */
export interface AccessSurroundings {
  readonly gaps: readonly Gap[];
  /** Events of other clusters. */
  readonly others: number;
}

/**
 * Says what was seen: equal observations give equal graphs. What no event tells a decision of is presumed to have been allowed
 * only where none of all events tells any.
 */
export function resolveAccess(observations: ClusterAccess, { gaps, others }: AccessSurroundings): AccessGraph {
  const { first, last, counts, isPresuming, records } = observations;
  return {
    window: first === undefined || last === undefined ? undefined : { first, last },
    uses: sortedBy(usesOf(observations), useText),
    callers: callersOf(observations),
    facts: {
      events: records + others,
      withDecision: (counts.get("allowed") ?? 0) + (counts.get("denied") ?? 0),
      setAside: setAsideOf(counts, isPresuming, others),
      origins: observations.origins.toSorted(byText),
      ...(gaps.length === 0 ? {} : { gaps }),
    },
  };
}

function* usesOf({ principals, isPresuming }: ClusterAccess): Generator<AccessUse> {
  for (const principal of principals.list()) {
    for (const family of principal.allowed.list()) yield* familyUses(principal, family, "allowed");
    for (const family of principal.denied.families.values()) yield* familyUses(principal, family, "denied");
    if (!isPresuming) continue;
    for (const family of principal.undecided.list()) yield* familyUses(principal, family, "presumed");
  }
}

function* familyUses(principal: Principal, family: UseFamily, outcome: AccessOutcome): Generator<AccessUse> {
  const { attributes, names, many } = family;
  for (const [name, log] of names.entries()) yield useOf(principal, withName(attributes, name), outcome, log);
  if (many === undefined) return;
  const any = withName(attributes, attributes.kind === "resource" ? "" : "*");
  yield { ...useOf(principal, any, outcome, many), isMany: true };
}

function useOf(
  { identity, impersonator }: Principal,
  attributes: AccessAttributes,
  outcome: AccessOutcome,
  log: AccessLog,
): AccessUse {
  return {
    identity,
    impersonator,
    attributes,
    isMany: false,
    outcome,
    citations: log.sortedCitations(),
    signs: log.sortedSigns(),
    evidence: log.evidence(),
  };
}

/** Orders uses by identity, then by what was used. */
function useText({ identity, impersonator, attributes, isMany, outcome }: AccessUse): string {
  const who = [identityText(identity), impersonator === undefined ? "" : identityText(impersonator)];
  if (attributes.kind === "non-resource") {
    return JSON.stringify([...who, attributes.kind, attributes.path, attributes.verb, isMany, outcome]);
  }
  const { kind, apiGroup, resource, subresource, namespace, verb, name } = attributes;
  return JSON.stringify([...who, kind, namespace, apiGroup, resource, subresource, verb, name, isMany, outcome]);
}

/** Denied requests that no use stands for belong to who asked. */
function callersOf({ principals }: ClusterAccess): readonly Caller[] {
  const further = new Map<string, number>();
  for (const { identity, impersonator, denied } of principals.list()) {
    const { username } = impersonator ?? identity;
    const count = denied.further?.requests.count() ?? 0;
    if (count > 0) further.set(username, (further.get(username) ?? 0) + count);
  }
  return [...principals.callers]
    .map(([username, log]): Caller => {
      const furtherDenied = further.get(username);
      return { ...log.caller(username), ...(furtherDenied === undefined ? {} : { furtherDenied }) };
    })
    .toSorted(by(({ username }) => username));
}
