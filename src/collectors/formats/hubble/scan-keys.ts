import type { ByteCursor } from "./scan-cursor.ts";
import { ExpectedBytes } from "./scan-cursor.ts";

const COLON = 0x3a;
const SLOTS = 256;

/** What {@link KeyTable.read} answers for a key that is not in the table, and for bytes that are no plain key. */
export const UNKNOWN_KEY = -1;
export const NO_KEY = -2;

/**
 * The member names of one kind of object. A writer keeps its order, so the name that followed the last one before is
 * compared first; only a surprise is looked up.
 */
export class KeyTable {
  readonly #names: readonly string[];
  /** Each name in its quotes, with the colon behind it. */
  readonly #texts: readonly ExpectedBytes[];
  readonly #slots: readonly number[][];
  readonly #successor: Int16Array;

  constructor(names: readonly string[]) {
    this.#names = names;
    this.#texts = names.map((name) => new ExpectedBytes(Buffer.from(`"${name}":`)));
    const slots: number[][] = Array.from({ length: SLOTS }, () => []);
    for (const [index, name] of names.entries()) {
      slots[hashOf(name) & (SLOTS - 1)]?.push(index);
    }
    this.#slots = slots;
    this.#successor = new Int16Array(names.length + 1).fill(-1);
  }

  /** Reads the name the cursor's quote opens, and its colon; `previous` is the last answer, -1 for the first member. */
  read(cursor: ByteCursor, previous: number): number {
    const expected = this.#successor[previous + 1] ?? -1;
    const text = this.#texts[expected];
    if (text !== undefined && cursor.isAt(text)) {
      cursor.at += text.length;
      return expected;
    }
    if (!cursor.plainString()) {
      return NO_KEY;
    }
    const key = this.#find(cursor);
    if (!cursor.take(COLON)) {
      return NO_KEY;
    }
    if (key >= 0) {
      this.#successor[previous + 1] = key;
    }
    return key;
  }

  #find(cursor: ByteCursor): number {
    const candidates = this.#slots[cursor.stringHash & (SLOTS - 1)] ?? [];
    const length = cursor.stringEnd - cursor.stringStart;
    for (const index of candidates) {
      const name = this.#names[index] ?? "";
      if (name.length === length && cursor.bytes.toString("latin1", cursor.stringStart, cursor.stringEnd) === name) {
        return index;
      }
    }
    return UNKNOWN_KEY;
  }
}

/** As {@link ByteCursor.plainString} computes it. */
function hashOf(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}
