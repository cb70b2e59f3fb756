/** What the estimates are computed from: incidences of edges in sampling units. */
export interface Incidences {
  /** m: sampling units. */
  readonly units: number;
  /** Q1 and Q2: edges seen in exactly one and exactly two units. */
  readonly once: number;
  readonly twice: number;
}

/** Chao2, a lower bound for the edges that exist and were not seen (Chao 1987, with the (m-1)/m of incidence data). */
export function unseenEdges({ units, once, twice }: Incidences): number {
  const pairs = twice > 0 ? once ** 2 / (2 * twice) : (once * (once - 1)) / 2;
  return ((units - 1) / units) * pairs;
}

/**
 * A of Chao and Jost 2012: how rare the edges are that were seen once. 1 when there is a single one and no edge was
 * seen twice: nothing can be estimated from it, and 0 would claim that everything was seen.
 */
export function rarity({ units, once, twice }: Incidences): number {
  if (once === 0) {
    return 0;
  }
  if (once === 1 && twice === 0) {
    return 1;
  }
  const seen = (units - 1) * (twice > 0 ? once : once - 1);
  return seen / (seen + (twice > 0 ? 2 * twice : 2));
}

/** Sample coverage C = 1 - (Q1/U) A (Chao and Jost 2012); `total` is U, the sum of all incidences, and not 0. */
export function coverage(incidences: Incidences, total: number): number {
  return 1 - (incidences.once / total) * rarity(incidences);
}

/** Edges that the next `horizon` units will show for the first time (Chao et al. 2014). */
export function newEdges(incidences: Incidences, horizon: number): number {
  const unseen = unseenEdges(incidences);
  if (unseen === 0) {
    return 0;
  }
  const { units, once } = incidences;
  return unseen * (1 - (1 - once / (units * unseen + once)) ** horizon);
}
