import type { Completeness } from "../model/completeness.ts";
import type { CommunicationGraph, Edge } from "../model/graph.ts";
import type { Peer, WorkloadKey } from "../model/peer.ts";
import { newEdgesInterval } from "./bootstrap.ts";
import { seededRandom } from "./random.ts";
import { cutUnits, type ObservedWindow } from "./units.ts";
import { coverage, newEdges, unseenEdges } from "./unseen.ts";

/** How far to look ahead and how to resample. */
export interface CompletenessOptions {
  /** Units to look ahead; default 7 days or 24 hours. */
  readonly horizonUnits?: number;
  /** Default 1. Equal seeds and equal observations give equal figures. */
  readonly seed?: number;
  /** Resamples for the interval; default 400. */
  readonly samples?: number;
}

const HORIZON = { day: 7, hour: 24 } as const;
const SAMPLES = 400;

/**
 * Estimates what the observation has not seen, from the hours (since the epoch) in which each edge was seen. Edges
 * without hours count as seen but say nothing about how often. No estimate is made of fewer than two units or of no
 * incidences at all. The order of the edges does not matter.
 */
export function estimateCompleteness(
  hoursPerEdge: readonly (readonly number[])[],
  window: ObservedWindow | undefined,
  options: CompletenessOptions = {},
): Completeness {
  const { unit, count: units, incidence } = cutUnits(window);
  const counts = new Map<number, number>();
  for (const hours of hoursPerEdge) {
    const seen = incidence(hours);
    counts.set(seen, (counts.get(seen) ?? 0) + 1);
  }
  counts.delete(0);
  const once = counts.get(1) ?? 0;
  const twice = counts.get(2) ?? 0;
  const found = { unit, units, edges: hoursPerEdge.length, once, twice };
  if (units < 2 || counts.size === 0) {
    return { ...found, estimate: undefined };
  }
  return { ...found, estimate: estimate(counts, { units, unit, once, twice }, options) };
}

function estimate(
  counts: ReadonlyMap<number, number>,
  seen: Pick<Completeness, "units" | "unit" | "once" | "twice">,
  { horizonUnits, seed = 1, samples = SAMPLES }: CompletenessOptions,
): Completeness["estimate"] {
  const horizon = horizonUnits ?? HORIZON[seen.unit];
  const expected = newEdges(seen, horizon);
  const interval = newEdgesInterval(counts, seen, { horizon, samples, random: seededRandom(seed) });
  const total = [...counts].reduce((sum, [count, edges]) => sum + count * edges, 0);
  return {
    coverage: coverage(seen, total),
    unseen: unseenEdges(seen),
    horizon,
    expected,
    // Quantiles of resamples may both lie on one side of the estimate itself.
    low: Math.min(interval.low, expected),
    high: Math.max(interval.high, expected),
    uncertain: seen.once === 1 && seen.twice === 0,
  };
}

/** The completeness of a graph, or of those of its edges that the filter takes. */
export function completenessOf(
  graph: Pick<CommunicationGraph, "edges" | "window">,
  filter: (edge: Edge) => boolean = () => true,
  options: CompletenessOptions = {},
): Completeness {
  const hours = graph.edges.filter(filter).map(({ evidence }) => evidence.hours);
  return estimateCompleteness(hours, graph.window, options);
}

/** A filter for edges that begin or end at a workload; `direction` is as seen from it. */
export function edgesOfWorkload(key: WorkloadKey, direction?: "ingress" | "egress"): (edge: Edge) => boolean {
  const isIt = (peer: Peer): boolean => peer.kind === "workload" && peer.workload === key;
  return ({ client, server }) => (direction !== "ingress" && isIt(client)) || (direction !== "egress" && isIt(server));
}

/** A filter for edges that begin or end at a workload of a namespace. */
export function edgesOfNamespace(namespace: string): (edge: Edge) => boolean {
  const isIn = (peer: Peer): boolean => peer.kind === "workload" && peer.workload.startsWith(`${namespace}/`);
  return ({ client, server }) => isIn(client) || isIn(server);
}
