import { some } from "../../lib/some.ts";
import type { Finding } from "../../model/finding.ts";
import {
  clientName,
  INFERRED_KINDS,
  type Inferred,
  type InferredKind,
  type UnresolvedPromise,
} from "../../model/inferred.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { InferredOutcome } from "../../model/policy-set.ts";

/** What there is to say about traffic that objects promise. */
export interface PromiseReview {
  readonly inferred: Inferred;
  readonly outcomes: readonly InferredOutcome[];
  readonly allow: readonly InferredKind[];
  /** True when some policy closes a direction: else nothing is refused. */
  readonly closesAny: boolean;
}

/** One finding a kind of traffic, however many objects promise it; in the order of the kinds. */
export function promiseFindings(review: PromiseReview): Finding[] {
  return INFERRED_KINDS.flatMap((kind) => findingsOfKind(kind, review));
}

function findingsOfKind(kind: InferredKind, { inferred, outcomes, allow, closesAny }: PromiseReview): Finding[] {
  const own = outcomes.filter(({ traffic }) => traffic.kind === kind);
  const cut = own.filter(({ outcome }) => outcome === "cut");
  const allowed = own.filter(({ outcome }) => outcome === "allowed");
  const unresolved = closesAny ? inferred.unresolved.filter((promise) => promise.kind === kind) : [];
  const isAllowed = allow.includes(kind);
  return [
    ...(cut.length === 0 ? [] : [isAllowed ? unnamed(kind, cut) : promised(kind, cut)]),
    ...(allowed.length === 0 ? [] : [allowedFinding(kind, allowed)]),
    ...(unresolved.length === 0 ? [] : [unresolvedFinding(unresolved)]),
    ...(isAllowed && inferred.traffic.every((traffic) => traffic.kind !== kind) ? [withoutMatch(kind)] : []),
  ];
}

function promised(kind: InferredKind, cut: readonly InferredOutcome[]): Finding {
  return {
    code: "promised-traffic",
    severity: "warning",
    about: onlyServer(cut),
    message: `Policies would cut what ${objectsOf(cut)} and no flow showed: ${some(cut.map(describeOutcome))}.`,
    choice: `--allow ${kind} ${consequence(cut)}.`,
  };
}

/** What the rules that an operator can turn on would let in. */
function consequence(cut: readonly InferredOutcome[]): string {
  const clients = new Set(cut.map(({ traffic }) => traffic.client.kind));
  const parts = [
    ...(clients.has("workload") ? ["lets these workloads through"] : []),
    ...(clients.has("outside") ? ["lets every outside address in on these ports"] : []),
    ...(clients.has("api-server")
      ? ["lets anyone in on these ports, since the addresses of API servers can't be relied upon"]
      : []),
    ...(clients.has("outside-or-nodes") || clients.has("nodes")
      ? [
          "lets anyone in on these ports, since nodes can stand in for clients and not every plugin matches them by address",
        ]
      : []),
    ...(clients.has("unknown") ? ["lets anyone in on the ports whose client is not known"] : []),
  ];
  return parts.join(", and ");
}

/** Allowed by its kind, and yet there is no rule for it. */
function unnamed(kind: InferredKind, cut: readonly InferredOutcome[]): Finding {
  return {
    code: "promised-traffic-unnamed",
    severity: "warning",
    about: onlyServer(cut),
    message: `--allow ${kind} has no rule for what ${objectsOf(cut)}, since no selector names one of the workloads alone: ${some(cut.map(describeOutcome))}.`,
    choice: "Give their pods a label that stays and tells them apart.",
  };
}

function allowedFinding(kind: InferredKind, allowed: readonly InferredOutcome[]): Finding {
  return {
    code: "promised-traffic-allowed",
    severity: "info",
    about: onlyServer(allowed),
    message: `--allow ${kind} lets through what ${objectsOf(allowed)} and no flow showed: ${some(allowed.map(describeOutcome))}.`,
    choice: undefined,
  };
}

function unresolvedFinding(unresolved: readonly UnresolvedPromise[]): Finding {
  const problems = unresolved.map(({ object, problem }) => `${object} (${problem})`);
  return {
    code: "promise-unresolved",
    severity: "info",
    about: undefined,
    message: `Who serves what these objects promise is not known, so neither is whether policies cut it: ${some(problems, 10)}.`,
    choice: "Give the Services and workloads they name as well, or mend the objects.",
  };
}

function withoutMatch(kind: InferredKind): Finding {
  return {
    code: "allow-without-match",
    severity: "warning",
    about: undefined,
    message: `--allow ${kind} allows nothing: no object that was read promises such traffic.`,
    choice: "Give the cluster's objects as well, or leave the kind out.",
  };
}

function onlyServer(outcomes: readonly InferredOutcome[]): WorkloadKey | undefined {
  const [first, ...others] = new Set(outcomes.map(({ server }) => server));
  return others.length === 0 ? first : undefined;
}

function objectsOf(outcomes: readonly InferredOutcome[]): string {
  const objects = [...new Set(outcomes.map(({ traffic }) => traffic.object))];
  return `${some(objects)} ${objects.length === 1 ? "promises" : "promise"}`;
}

function describeOutcome({ traffic, server, client }: InferredOutcome): string {
  return `${client ?? clientName(traffic.client)} -> ${server} ${traffic.port}/${traffic.protocol}`;
}
