import { drawBinomial, drawPoisson, type Random } from "./random.ts";
import { coverage, type Incidences, newEdges, unseenEdges } from "./unseen.ts";

/** Edges of equal chance. */
interface Group {
  readonly edges: number;
  /** Probability that one unit shows such an edge. */
  readonly chance: number;
}

/** What to resample, how often and with which randomness. */
export interface Resampling {
  readonly horizon: number;
  readonly samples: number;
  readonly random: Random;
}

/**
 * 95 % interval for the number of new edges by the bootstrap assemblage of Chao et al. 2014 (the one of iNEXT): edges
 * seen, with chances shrunk to make room, and the unseen ones sharing what coverage lacks. Resampling whole units
 * instead misses the unseen edges altogether.
 *
 * Each re-estimate is an expectation, and what comes scatters around it: without a Poisson draw on top the interval
 * held in 54 to 88 % of simulated clusters instead of 89 to 100 % (a large cluster with a long tail seen for one week
 * aside, where the estimate itself is too low).
 * @param counts how many edges were seen in exactly y units, by y
 */
export function newEdgesInterval(
  counts: ReadonlyMap<number, number>,
  incidences: Incidences,
  { horizon, samples, random }: Resampling,
): { readonly low: number; readonly high: number } {
  const assemblage = assemble(counts, incidences);
  const estimates = Array.from({ length: samples }, () =>
    drawPoisson(newEdges(resample(assemblage, incidences.units, random), horizon), random),
  ).toSorted((a, b) => a - b);
  return { low: quantile(estimates, 0.025), high: quantile(estimates, 0.975) };
}

function assemble(counts: ReadonlyMap<number, number>, incidences: Incidences): readonly Group[] {
  const { units } = incidences;
  // Ascending, so that the random numbers meet the groups in one order whatever the order of the edges.
  const seen = [...counts].toSorted(([a], [b]) => a - b);
  const total = seen.reduce((sum, [count, edges]) => sum + count * edges, 0);
  const missing = (total / units) * (1 - coverage(incidences, total));
  const unseen = Math.ceil(unseenEdges(incidences));
  const missChance = (count: number): number => (1 - count / units) ** units;
  const room = seen.reduce((sum, [count, edges]) => sum + edges * (count / units) * missChance(count), 0);
  // With nobody to give the room to, nothing is shrunk (iNEXT, EstiBootComm.Sam).
  const weight = unseen === 0 || room === 0 ? 0 : missing / room;
  const groups = seen.map(([count, edges]) => ({
    edges,
    chance: Math.max(0, (count / units) * (1 - weight * missChance(count))),
  }));
  return unseen === 0 ? groups : [...groups, { edges: unseen, chance: Math.min(1, missing / unseen) }];
}

/** Only the edges drawn once and twice matter, and edges of one group are alike: two binomials a group are enough. */
function resample(groups: readonly Group[], units: number, random: Random): Incidences {
  let once = 0;
  let twice = 0;
  for (const { edges, chance } of groups) {
    const exactlyOnce = units * chance * (1 - chance) ** (units - 1);
    const exactlyTwice = ((units * (units - 1)) / 2) * chance ** 2 * (1 - chance) ** (units - 2);
    const drawnOnce = drawBinomial(edges, exactlyOnce, random);
    const restChance = exactlyOnce < 1 ? Math.min(1, exactlyTwice / (1 - exactlyOnce)) : 0;
    once += drawnOnce;
    twice += drawBinomial(edges - drawnOnce, restChance, random);
  }
  return { units, once, twice };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}
