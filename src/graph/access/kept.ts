import { hashText } from "../../lib/hash.ts";
import { byText } from "../../lib/sort.ts";

interface Entry<Value> {
  readonly hash: number;
  readonly value: Value;
}

/**
 * Values by key, of at most so many keys: those with the smallest hashes, and the empty key before all others. A key that is
 * among them in the end was among them all the time, so what is kept of it is whole, whatever the order.
 */
export class Kept<Value> {
  readonly limit: number;
  readonly #entries = new Map<string, Entry<Value>>();
  /** The key that goes next; undefined while nobody asked. */
  #last: string | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Whether a key that is not here would be kept. */
  admits(key: string): boolean {
    return this.#entries.size < this.limit || this.#isBeforeLast(key, hashOf(key));
  }

  /**
   * Takes a key that is admitted and not here.
   *
   * @returns the value that had to go for it
   */
  put(key: string, value: Value): Value | undefined {
    const gone = this.#entries.size < this.limit ? undefined : this.#removeLast();
    this.#entries.set(key, { hash: hashOf(key), value });
    this.#last = undefined;
    return gone;
  }

  /** In the order of keys. */
  entries(): readonly (readonly [key: string, value: Value])[] {
    const rows = [...this.#entries].map(([key, { value }]) => [key, value] as const);
    return rows.toSorted(([a], [b]) => byText(a, b));
  }

  /** Values in no order, for whoever asks often. */
  *unsorted(): Generator<Value> {
    for (const { value } of this.#entries.values()) yield value;
  }

  values(): readonly Value[] {
    return this.entries().map(([, value]) => value);
  }

  #removeLast(): Value | undefined {
    const key = this.#lastKey();
    const gone = this.#entries.get(key)?.value;
    this.#entries.delete(key);
    return gone;
  }

  #isBeforeLast(key: string, hash: number): boolean {
    const last = this.#lastKey();
    const lastHash = this.#entries.get(last)?.hash ?? 0;
    return hash < lastHash || (hash === lastHash && key < last);
  }

  #lastKey(): string {
    if (this.#last !== undefined) return this.#last;
    let last = { key: "", hash: -1 };
    for (const [key, { hash }] of this.#entries) {
      if (hash > last.hash || (hash === last.hash && key > last.key)) last = { key, hash };
    }
    return (this.#last = last.key);
  }
}

function hashOf(key: string): number {
  return key === "" ? -1 : hashText(key);
}
