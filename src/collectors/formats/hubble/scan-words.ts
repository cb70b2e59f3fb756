import type { ByteCursor } from "./scan-cursor.ts";

const LONGEST_WORD = 64;

/**
 * What short texts stand for, remembered by their bytes. Every text has one slot; a different text of the same slot
 * takes it over, so memory is bounded and hostile variety costs no more than decoding each time.
 */
export class WordTable<Value> {
  readonly #decode: (text: string) => Value;
  readonly #mask: number;
  readonly #texts: Uint8Array;
  readonly #lengths: Int8Array;
  readonly #values: (Value | undefined)[];
  readonly #unset: Value;

  /**
   * @param slots a power of two
   * @param decode what a text stands for; the same text must always give an equal value
   */
  constructor(slots: number, decode: (text: string) => Value) {
    this.#decode = decode;
    this.#mask = slots - 1;
    this.#texts = new Uint8Array(slots * LONGEST_WORD);
    this.#lengths = new Int8Array(slots).fill(-1);
    this.#unset = decode("");
    this.#values = Array.from({ length: slots }, () => undefined);
  }

  /** The value of the string the cursor read last. */
  value(cursor: ByteCursor): Value {
    const { stringStart, stringEnd, stringHash } = cursor;
    const length = stringEnd - stringStart;
    if (length === 0) {
      return this.#unset;
    }
    const slot = (stringHash ^ (stringHash >>> 15)) & this.#mask;
    const known = this.#values[slot];
    if (known !== undefined && this.#lengths[slot] === length && this.#isAt(slot, cursor)) {
      return known;
    }
    const value = this.#decode(cursor.bytes.toString("latin1", stringStart, stringEnd));
    if (length <= LONGEST_WORD) {
      this.#texts.set(cursor.bytes.subarray(stringStart, stringEnd), slot * LONGEST_WORD);
      this.#lengths[slot] = length;
      this.#values[slot] = value;
    }
    return value;
  }

  #isAt(slot: number, { bytes, stringStart, stringEnd }: ByteCursor): boolean {
    const offset = slot * LONGEST_WORD - stringStart;
    for (let at = stringStart; at < stringEnd; at++) {
      if (bytes[at] !== this.#texts[offset + at]) {
        return false;
      }
    }
    return true;
  }
}
