/** Numbers in [0, 1), the same ones for the same seed. */
export type Random = () => number;

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a few hundred resamples. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Successes in `trials` trials of probability `chance`. Jumps from success to success (the gaps are geometric), so it
 * takes as many steps as there are successes, or failures when those are fewer.
 */
export function drawBinomial(trials: number, chance: number, random: Random): number {
  if (chance <= 0 || trials <= 0) {
    return 0;
  }
  if (chance > 0.5) {
    return trials - drawBinomial(trials, 1 - chance, random);
  }
  const logFailure = Math.log1p(-chance);
  let successes = 0;
  let at = -1;
  for (;;) {
    at += 1 + Math.floor(Math.log1p(-random()) / logFailure);
    if (at >= trials) {
      return successes;
    }
    successes++;
  }
}

/** Events in a time in which `mean` of them are expected: the gaps between events are exponential. */
export function drawPoisson(mean: number, random: Random): number {
  let events = 0;
  let at = -Math.log1p(-random());
  while (at < mean) {
    events++;
    at -= Math.log1p(-random());
  }
  return events;
}
