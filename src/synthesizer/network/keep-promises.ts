import { by } from "../../lib/sort.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { InferredKind, InferredTraffic } from "../../model/inferred.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { InferredOutcome } from "../../model/policy-set.ts";
import { Closures, type Isolation } from "./closures.ts";
import type { Decision } from "./decide.ts";
import type { Direction, Need } from "./needs.ts";
import type { SynthesisOptions } from "./options.ts";
import { isSeen, letThrough } from "./promise-peers.ts";
import {
  closedDirections,
  isKeptInForce,
  type Promised,
  type PromisesInForce,
  subjectOf,
  withKeys,
} from "./promised.ts";
import type { Selection } from "./selectors.ts";
import { TargetBook } from "./target-book.ts";
import type { Target } from "./targets.ts";
import { selectUnseen, unseenTargets } from "./unseen.ts";

/** What was decided by what was seen, and what objects promise besides. */
export interface Promises {
  readonly graph: Pick<CommunicationGraph, "workloads">;
  readonly known: KnownWorkloads;
  readonly options: SynthesisOptions;
  readonly selections: ReadonlyMap<WorkloadKey, Selection>;
  readonly isolation: Isolation;
  readonly traffic: readonly InferredTraffic[];
  /** Kinds that the operator allowed. */
  readonly allow: readonly InferredKind[];
  readonly inForce: PromisesInForce;
}

/** The decisions with rules for what was allowed, and what becomes of all that is promised. */
export interface KeptPromises {
  /** With targets for workloads that nobody saw and that need a rule; sorted as before. */
  readonly isolation: Isolation;
  readonly selections: ReadonlyMap<WorkloadKey, Selection>;
  /** In the order of the traffic. */
  readonly outcomes: readonly InferredOutcome[];
}

/**
 * Adds what the operator allowed wherever the policies close a direction it needs. Nothing else changes: no direction
 * becomes isolated that was not, and no rule lets less through.
 */
export function keepPromises(given: Promises): KeptPromises {
  const { isolation, graph, known } = given;
  const before = new Closures(isolation);
  const promised = withKeys(given.traffic, graph, known, given.inForce);
  const wanted = promised.filter(({ traffic }) => given.allow.includes(traffic.kind));
  const { selections, targets } = withUnseen(given, wanted, before);
  const book = new TargetBook({ graph, known, selections, targets });
  const decisions = { ingress: new Map(isolation.ingress), egress: new Map(isolation.egress) };
  const kept: Isolation = { ...isolation, ...decisions, targets };
  const now = new Closures(kept);
  for (const direction of ["ingress", "egress"] as const) {
    keep(wanted, { direction, before, now, book, decisions: decisions[direction] });
  }
  return { isolation: kept, selections, outcomes: promised.map((one) => outcomeOf(one, { before, now, book })) };
}

/** Workloads that nobody saw have neither selector nor target until a rule is to be made for them. */
function withUnseen(
  { graph, known, options, selections, isolation }: Promises,
  wanted: readonly Promised[],
  before: Closures,
): Pick<KeptPromises, "selections"> & Pick<Isolation, "targets"> {
  const closed = wanted.filter((one) => closedDirections(one, before).length > 0);
  const ends = closed.flatMap(({ server, client }) => (client === undefined ? [server] : [server, client]));
  const seen = new Set(graph.workloads.map(({ key }) => key));
  const unseen = selectUnseen(new Set(ends.filter((key) => !seen.has(key))), graph, known);
  const targets = [...isolation.targets, ...unseenTargets(unseen, known, isolation.targets, options)];
  return {
    selections: new Map([...selections, ...unseen]),
    targets: targets.toSorted(by(({ namespace, name }) => `${namespace}/${name}`)),
  };
}

interface Keeping {
  readonly direction: Direction;
  readonly before: Closures;
  readonly now: Closures;
  readonly book: TargetBook;
  readonly decisions: Map<Target, Decision>;
}

/** Adds rules in one direction: wide selectors before narrow ones, so that nothing is said twice. */
function keep(wanted: readonly Promised[], keeping: Keeping): void {
  const { direction, before, now, book, decisions } = keeping;
  const closed = wanted.filter((one) => closedDirections(one, before).includes(direction));
  const placed = closed.flatMap((one) => {
    const subject = subjectOf(one, direction);
    const target = subject === undefined ? undefined : book.targetOf(subject);
    return subject === undefined || target === undefined ? [] : [{ one, subject, target }];
  });
  for (const { one, subject, target } of placed.toSorted((a, b) => breadth(b.target) - breadth(a.target))) {
    const own = decisions.get(target);
    const peers = book.peersOf(one, direction);
    // Several objects may promise the same: the rule is there for each of them.
    const others = now.needsOf(subject, direction).filter((need) => need.promised.length === 0 || !isOf(own, need));
    if (peers.length === 0 || letThrough(peers, one.traffic, others)) continue;
    const { protocol, port } = one.traffic;
    const needs = peers.map((peer): Need => {
      return { peer, port: { protocol, port }, because: [], inferredBy: undefined, promised: [one.traffic] };
    });
    addNeeds(target, needs, keeping);
  }
}

function breadth({ matched }: Target): number {
  return matched.length;
}

function isOf(decision: Decision | undefined, need: Need): boolean {
  return decision?.mode === "isolated" && decision.needs.includes(need);
}

/** A target that isolates nothing may do so only where whatever it selects is closed already. */
function addNeeds(target: Target, needs: readonly Need[], { direction, before, decisions }: Keeping): void {
  const decision = decisions.get(target);
  if (decision?.mode === "isolated") {
    decisions.set(target, { mode: "isolated", needs: [...decision.needs, ...needs] });
  } else if (target.matched.every((key) => before.isClosed(key, target.namespace, direction))) {
    decisions.set(target, { mode: "isolated", needs });
  }
}

function outcomeOf(
  promised: Promised,
  { before, now, book }: Pick<Keeping, "before" | "now" | "book">,
): InferredOutcome {
  const passes = (closures: Closures, direction: Direction): boolean =>
    letThrough(book.peersOf(promised, direction), promised.traffic, needsOf(promised, direction, closures));
  const closed = closedDirections(promised, before);
  const unsaid = closed.filter((direction) => !passes(before, direction));
  const kept = unsaid.filter((direction) => passes(now, direction));
  const cut = unsaid.filter(
    (direction) => !kept.includes(direction) && !isSeen(promised, direction, needsOf(promised, direction, before)),
  );
  const { traffic, server, client } = promised;
  const settled = (outcome: InferredOutcome["outcome"], directions: readonly Direction[]): InferredOutcome => {
    return { traffic, server, client, outcome, directions };
  };
  if (cut.length > 0) return settled("cut", cut);
  if (kept.length > 0) return settled("allowed", kept);
  if (closed.length > 0) return settled("seen", []);
  return settled(isKeptInForce(promised, before) ? "in-force" : "open", []);
}

function needsOf(promised: Promised, direction: Direction, closures: Closures): readonly Need[] {
  const subject = subjectOf(promised, direction);
  return subject === undefined ? [] : closures.needsOf(subject, direction);
}
