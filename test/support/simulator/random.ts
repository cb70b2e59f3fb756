/** A seeded source of numbers: the same seed gives the same sequence on every machine. */
export interface Random {
  /** 0 <= n < 1. */
  next(): number;
  /** A whole number, both ends included. */
  integer(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One of a non-empty list. */
  pick<T>(list: readonly T[]): T;
  /** Text of the given length over an alphabet. */
  text(length: number, alphabet: string): string;
  /** Heavy-tailed: at least `minimum`, infinite mean at `shape` <= 1. */
  pareto(minimum: number, shape: number): number;
  /** A new list in random order. */
  shuffle<T>(list: readonly T[]): T[];
  /** An independent sequence, so that drawing more in one place changes nothing in another. */
  fork(name: string): Random;
}

/** FNV-1a, so that a seed may be any text. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** sfc32: small, fast and good enough for statistics; four words of state from the seed. */
function sfc32(seed: string): () => number {
  let a = hash32(`a${seed}`) | 0;
  let b = hash32(`b${seed}`) | 0;
  let c = hash32(`c${seed}`) | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 15; round += 1) next();
  return next;
}

export function createRandom(seed: string | number): Random {
  const next = sfc32(String(seed));
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[integer(0, list.length - 1)];
    if (chosen === undefined) throw new RangeError("pick needs a list with something in it");
    return chosen;
  };
  return {
    next,
    integer,
    pick,
    chance: (probability) => next() < probability,
    text: (length, alphabet) => Array.from({ length }, () => alphabet[integer(0, alphabet.length - 1)]).join(""),
    pareto: (minimum, shape) => minimum / (1 - next()) ** (1 / shape),
    shuffle: (list) => {
      const copy = [...list];
      for (let index = copy.length - 1; index > 0; index -= 1) {
        const other = integer(0, index);
        [copy[index], copy[other]] = [copy[other]!, copy[index]!];
      }
      return copy;
    },
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
