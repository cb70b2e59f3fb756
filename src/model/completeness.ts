/**
 * How much of the traffic the observation has seen (Chao and Jost 2012; Chao et al. 2014). `coverage` and the
 * rest are undefined when fewer than two units were observed: then nothing can be estimated.
 */
export interface Completeness {
  readonly unit: "day" | "hour";
  /** m: how many units the window was cut into. */
  readonly units: number;
  /** S: distinct edges seen. */
  readonly edges: number;
  /** Q1, Q2: edges seen in exactly one and exactly two units. */
  readonly once: number;
  readonly twice: number;
  readonly estimate:
    | {
        /** 0..1, share of edge-incidences that belongs to edges already seen. */
        readonly coverage: number;
        /** Q0: edges that exist and were not seen, a lower bound. */
        readonly unseen: number;
        /** Edges expected to appear for the first time in the next `horizon` units, with a 95 % interval. */
        readonly horizon: number;
        readonly expected: number;
        readonly low: number;
        readonly high: number;
        /** True when Q1 = 1 and Q2 = 0: one rare edge is nothing to estimate from. */
        readonly uncertain: boolean;
      }
    | undefined;
}
