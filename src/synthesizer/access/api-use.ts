import { by, later } from "../../lib/sort.ts";
import type { AccessGraph, AccessUse, Caller, Observability } from "../../model/access.ts";
import type { ApiUse } from "../../model/access-review.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { Workload } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import { readPodName } from "../../model/pod-name.ts";
import { accountUsername, certainGroups, serviceAccountOf } from "../../model/service-account.ts";

/** What is known about workloads and their calls of the API. */
export interface ApiUseSources {
  readonly workloads: readonly Workload[];
  readonly known: KnownWorkloads;
  readonly access: AccessGraph;
  readonly isObservable: Observability;
}

/**
 * What each workload whose ServiceAccount is known does with its token; empty when no use of the API was seen at all. One that was
 * let in now and then needs its refused requests' way to the API server as well; one that never was is no need.
 */
export function apiUseOf({ workloads, known, access, isObservable }: ApiUseSources): ReadonlyMap<WorkloadKey, ApiUse> {
  if (access.uses.length === 0) return new Map();
  const calls = callsByAccount(access.uses);
  const callers = new Map(access.callers.map((caller) => [caller.username, caller]));
  const accounts = accountsOf(workloads, known);
  const namesByAccount = Map.groupBy(accounts, ({ serviceAccount }) => serviceAccount);
  return new Map(
    accounts.toSorted(by(({ key }) => key)).map(({ key, name, serviceAccount }): [WorkloadKey, ApiUse] => {
      const call = calls.get(serviceAccount);
      const sharers = namesByAccount.get(serviceAccount) ?? [];
      const isOthers = isCallOfOthers(name, sharers, callers.get(usernameOf(serviceAccount)));
      if (call !== undefined && !isOthers) return [key, { serviceAccount, ...call }];
      return [key, { kind: readsAreLogged(serviceAccount, isObservable) ? "unused" : "unknown", serviceAccount }];
    }),
  );
}

interface Account {
  readonly key: WorkloadKey;
  readonly name: string;
  /** `namespace/name`. */
  readonly serviceAccount: string;
}

/** What objects say of a workload counts more than what flows showed. */
function accountsOf(workloads: readonly Workload[], known: KnownWorkloads): readonly Account[] {
  const found = new Map<WorkloadKey, Pick<Workload, "namespace" | "name" | "serviceAccount">>([
    ...workloads.map((workload) => [workload.key, workload] as const),
    ...known,
  ]);
  return [...found].flatMap(([key, { namespace, name, serviceAccount }]) =>
    serviceAccount === undefined ? [] : [{ key, name, serviceAccount: `${namespace}/${serviceAccount}` }],
  );
}

type Call = Pick<Extract<ApiUse, { kind: "used" | "refused" }>, "exact" | "kind" | "lastSeen" | "requests">;

/** By ServiceAccount, whoever it stood in for. */
function callsByAccount(uses: readonly AccessUse[]): ReadonlyMap<string, Call> {
  const calls = new Map<string, Call>();
  for (const { identity, impersonator, evidence, outcome } of uses) {
    const account = serviceAccountOf((impersonator ?? identity).username);
    if (account === undefined) continue;
    const key = `${account.namespace}/${account.name}`;
    const { requests, exact, lastSeen } = evidence;
    const call: Call = { kind: outcome === "denied" ? "refused" : "used", requests, exact, lastSeen };
    const before = calls.get(key);
    calls.set(key, before === undefined ? call : addCalls(before, call));
  }
  return calls;
}

/** One that was let in is enough. */
function addCalls(a: Call, b: Call): Call {
  return {
    kind: a.kind === "used" ? a.kind : b.kind,
    requests: a.requests + b.requests,
    exact: a.exact && b.exact,
    lastSeen: later(a.lastSeen, b.lastSeen),
  };
}

/** False where the log leaves out what a client would read most likely, so that silence says nothing. */
function readsAreLogged(serviceAccount: string, isObservable: Observability): boolean {
  const [namespace = ""] = serviceAccount.split("/", 1);
  const username = usernameOf(serviceAccount);
  const groups = certainGroups(username);
  const read = { kind: "resource", apiGroup: "", subresource: "", namespace, name: "" } as const;
  return ["get", "list", "watch"].every((verb) =>
    ["configmaps", "pods"].every(
      (resource) => isObservable({ username, groups }, { ...read, verb, resource }) === true,
    ),
  );
}

function usernameOf(serviceAccount: string): string {
  const [namespace = "", name = ""] = serviceAccount.split("/");
  return accountUsername({ namespace, name });
}

/** True when tokens tell which pods called, and these belong to other workloads of the ServiceAccount. */
function isCallOfOthers(name: string, sharers: readonly Account[], caller: Caller | undefined): boolean {
  if (caller === undefined || caller.hasMorePods || caller.pods.length === 0 || sharers.length < 2) return false;
  const stems = new Set(caller.pods.map((pod) => readPodName(pod.name).stem));
  return !stems.has(name) && [...stems].every((stem) => sharers.some((sharer) => sharer.name === stem));
}
