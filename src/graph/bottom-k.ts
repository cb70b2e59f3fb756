import { shortArray } from "../lib/short-array.ts";

const SPACE = 2 ** 53;
const NONE: number[] = [];

/**
 * The k smallest of all hashes ever added (a KMV sketch; Bar-Yossef et al. 2002): counts distinct items in fixed
 * memory, and two sketches over the same hash function are samples of the same items, so they can be compared.
 * Adding is idempotent, commutative and associative.
 */
export class BottomK {
  readonly limit: number;
  /** Ascending. A plain array: most sketches hold a few hashes, where a typed array costs more than they do. */
  #hashes: number[] = NONE;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many hashes are held. */
  get size(): number {
    return this.#hashes.length;
  }

  /** False once more distinct items were added than fit: then {@link count} estimates. */
  get exact(): boolean {
    return this.#hashes.length < this.limit;
  }

  /** The hashes held, ascending. */
  values(): readonly number[] {
    return this.#hashes;
  }

  /** Adds a hash (an integer in [0, 2^53)); true when it was taken and new. */
  add(hash: number): boolean {
    const hashes = this.#hashes;
    if (hashes.length === 0) {
      this.#hashes = shortArray(hash);
      return true;
    }
    const isFull = hashes.length === this.limit;
    if (isFull && hash >= (hashes.at(-1) ?? SPACE)) return false;
    const at = this.#position(hash);
    if (hashes[at] === hash) return false;
    if (isFull) hashes.pop();
    hashes.splice(at, 0, hash);
    return true;
  }

  /**
   * Adds hashes that a sketch of the same limit gave as its {@link values}.
   */
  restore(hashes: readonly number[]): void {
    if (this.#hashes.length === 0 && hashes.length <= this.limit && isAscending(hashes)) this.#hashes = [...hashes];
    else for (const hash of hashes) this.add(hash);
  }

  has(hash: number): boolean {
    const at = this.#position(hash);
    return this.#hashes[at] === hash;
  }

  merge(other: BottomK): void {
    for (const hash of other.values()) if (!this.add(hash) && this.#isBeyond(hash)) return;
  }

  /** Distinct items added: exact while `exact`, else estimated with a standard error of about 1 / sqrt(k - 2). */
  count(): number {
    if (this.exact) return this.#hashes.length;
    return Math.round(((this.limit - 1) * SPACE) / this.bound());
  }

  /** Every item with a hash up to this bound is held. */
  bound(): number {
    return this.exact ? SPACE : (this.#hashes.at(-1) ?? SPACE);
  }

  #isBeyond(hash: number): boolean {
    return !this.exact && hash > this.bound();
  }

  #position(hash: number): number {
    let low = 0;
    let high = this.#hashes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#hashes[middle] ?? 0) < hash) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isAscending(hashes: readonly number[]): boolean {
  for (let at = 1; at < hashes.length; at++) if ((hashes[at - 1] ?? 0) >= (hashes[at] ?? 0)) return false;
  return true;
}

/**
 * True when `some` holds an item that is not among `others`, judged on the part of the hash space both know whole.
 * False also when that part is empty: what can't be told apart is not claimed.
 */
export function hasItemBeyond(some: BottomK, others: BottomK): boolean {
  const bound = Math.min(some.bound(), others.bound());
  return some.values().some((hash) => hash <= bound && !others.has(hash));
}
