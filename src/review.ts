import { accessOptions, type GrantedAccess } from "./access.ts";
import { accessFactsThatBreakIt, blindSpotsOf } from "./confidence/index.ts";
import type { SuggestOptions } from "./config/pipeline-options.ts";
import { Authorizer } from "./evaluator/access/authorizer.ts";
import type { Learned } from "./learn.ts";
import { by, later } from "./lib/sort.ts";
import type { AccessGraph, AccessUse } from "./model/access.ts";
import type { AccessReview, ApiUse, BindingUse } from "./model/access-review.ts";
import type { KnownNamespace } from "./model/directory.ts";
import type { Finding } from "./model/finding.ts";
import type { WorkloadKey } from "./model/peer.ts";
import type { BindingManifest, KnownBinding, RbacState } from "./model/rbac.ts";
import { apiUseOf } from "./synthesizer/access/api-use.ts";
import { inferencesOf } from "./synthesizer/access/inferences.ts";
import { meetingFindings } from "./synthesizer/access/meeting.ts";
import { riskOf } from "./synthesizer/access/risks.ts";
import { synthesizeAccess } from "./synthesizer/access/synthesize.ts";
import { isInScope } from "./synthesizer/network/options.ts";

/** What the workloads do with the tokens of their ServiceAccounts. */
export function apiUseIn(
  { graph, known, access }: Learned,
  { isObservable }: Pick<GrantedAccess, "isObservable">,
): ReadonlyMap<WorkloadKey, ApiUse> {
  return apiUseOf({ workloads: graph.workloads, known, access, isObservable });
}

/** What flows and the use of the API say together. */
export function meetingOf(
  { graph, known }: Learned,
  apiUse: ReadonlyMap<WorkloadKey, ApiUse>,
  options: SuggestOptions,
): readonly Finding[] {
  const { namespaces, systemNamespaces } = options;
  const isWanted = (namespace: string): boolean => isInScope(namespace, { namespaces, systemNamespaces });
  return meetingFindings({ graph, known, apiUse, isInScope: isWanted });
}

/** The use of the API held against what is granted. */
export function reviewOf(
  { access }: Learned,
  { findings, existingNamespaces, stableNames, isObservable, ...known }: GrantedAccess,
  namespaces: readonly KnownNamespace[],
  options: SuggestOptions,
): AccessReview {
  const { rbac } = known;
  const decided = { ...accessOptions(options), isObservable, existingNamespaces, stableNames };
  return {
    known,
    subjects: rbac === undefined ? [] : synthesizeAccess(access, known, decided).subjects,
    bindings: rbac === undefined ? [] : bindingUses(access, rbac),
    blindSpots: blindSpotsOf(access, isObservable),
    riskOf,
    namespaces: new Map(namespaces.map(({ name, labels }) => [name, labels])),
    findings: [...findings, ...accessFactsThatBreakIt(access)],
  };
}

/** Every binding in force with the requests that it would have let through, or that needed it besides. */
function bindingUses({ uses }: AccessGraph, rbac: RbacState): readonly BindingUse[] {
  const authorizer = new Authorizer([...rbac.roles, ...rbac.bindings]);
  const found = new Map<string, { requests: number; lastUsed: number | undefined; users: Set<string> }>(
    rbac.bindings.map((binding) => [keyOf(binding), { requests: 0, lastUsed: undefined, users: new Set() }]),
  );
  for (const use of uses) {
    const keys = new Set(use.outcome === "denied" ? [] : neededFor(use, authorizer).map(keyOf));
    for (const key of keys) {
      const sum = found.get(key);
      if (sum === undefined) continue;
      sum.requests += use.evidence.requests;
      sum.lastUsed = later(sum.lastUsed, use.evidence.lastSeen);
      sum.users.add((use.impersonator ?? use.identity).username);
    }
  }
  return rbac.bindings.toSorted(by(keyOf)).map((binding) => {
    const { requests = 0, lastUsed, users = [] } = found.get(keyOf(binding)) ?? {};
    return { binding, requests, lastUsed, users: [...users].toSorted() };
  });
}

/** Bindings behind a use, and behind the checks it implies, such as that of impersonation. */
function neededFor(use: AccessUse, authorizer: Authorizer): readonly BindingManifest[] {
  const { identity, impersonator, attributes } = use;
  const implied = inferencesOf(use).flatMap(({ who, anyOf }) =>
    anyOf.flatMap((needed) => {
      const asker = who === "impersonator" ? (impersonator ?? identity) : identity;
      return authorizer.decide(asker, needed).by;
    }),
  );
  return [...authorizer.decide(identity, attributes).by, ...implied];
}

function keyOf({ kind, metadata }: Pick<KnownBinding, "kind" | "metadata">): string {
  return JSON.stringify([kind, metadata.namespace ?? "", metadata.name]);
}
