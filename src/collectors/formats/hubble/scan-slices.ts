import type { ByteCursor } from "./scan-cursor.ts";

const WAYS = 4;
/** Room for this many bytes of text a bucket, on average. */
const BUCKET_BYTES = 1536;
/** Up to this length objects are found by their own bytes too: `reserved:world` has many addresses, a pod one. */
const LONGEST_COMMON = 256;
const LONGEST_SLICE = 16 * 1024;

/** Bytes to learn, from `start` to the cursor. */
export interface Lesson<Value> {
  readonly start: number;
  readonly hint: number;
  /** Undefined for bytes that have no value. */
  readonly decode: (json: string) => Value | undefined;
}

/**
 * Values of whole JSON objects, remembered by their exact bytes: an object seen before is recognised by one comparison
 * and needs no parsing. Found through a hint, something known before the object is read (0: nothing is), and
 * failing that through a hash of its bytes. Memory is bounded: a bucket recycles its four places in turn, and when the arena is full
 * everything is forgotten.
 */
export class SliceMemo<Value> {
  readonly #arena: Buffer;
  readonly #view: DataView;
  readonly #offsets: Int32Array;
  readonly #lengths: Int32Array;
  readonly #turn: Uint8Array;
  readonly #values: (Value | undefined)[];
  #used = 0;

  /** @param buckets a power of two, at least 16; four slices fit into each */
  constructor(buckets: number) {
    this.#arena = Buffer.allocUnsafeSlow(buckets * BUCKET_BYTES);
    this.#view = new DataView(this.#arena.buffer, this.#arena.byteOffset, this.#arena.byteLength);
    this.#offsets = new Int32Array(buckets * WAYS);
    this.#lengths = new Int32Array(buckets * WAYS);
    this.#turn = new Uint8Array(buckets);
    this.#values = Array.from({ length: buckets * WAYS }, () => undefined);
  }

  /** The value of the object that begins at the cursor, which moves behind it; undefined when `hint` leads to none. */
  recall(cursor: ByteCursor, hint: number): Value | undefined {
    const first = this.#bucketOf(hint) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      const length = this.#lengths[place] ?? 0;
      if (length > 0 && cursor.at + length <= cursor.end && this.#equals(place, cursor.view, cursor.at, length)) {
        cursor.at += length;
        return this.#values[place];
      }
    }
    return undefined;
  }

  /**
   * The value of a lesson's bytes, from memory or else from its `decode`; kept under its hint. Undefined when `decode`
   * finds none, and then nothing is kept.
   */
  learn(cursor: ByteCursor, { start, hint, decode }: Lesson<Value>): Value | undefined {
    const length = cursor.at - start;
    if (length > LONGEST_SLICE) {
      return decode(cursor.bytes.toString("utf8", start, cursor.at));
    }
    const hash = length <= LONGEST_COMMON || hint === 0 ? hashOf(cursor.view, start, length) : 0;
    const known = hash === 0 ? -1 : this.#find(cursor, start, length, hash);
    if (known >= 0) {
      const value = this.#values[known];
      this.#keep(hint, this.#offsets[known] ?? 0, length, value);
      return value;
    }
    const value = decode(cursor.bytes.toString("utf8", start, cursor.at));
    if (value !== undefined) {
      const offset = this.#store(cursor, start, length);
      this.#keep(hint, offset, length, value);
      if (hash !== 0) {
        this.#keep(hash, offset, length, value);
      }
    }
    return value;
  }

  #bucketOf(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 15) & (this.#turn.length - 1);
  }

  #find(cursor: ByteCursor, start: number, length: number, hash: number): number {
    const first = this.#bucketOf(hash) * WAYS;
    for (let place = first; place < first + WAYS; place++) {
      if (this.#lengths[place] === length && this.#equals(place, cursor.view, start, length)) {
        return place;
      }
    }
    return -1;
  }

  #equals(place: number, view: DataView, start: number, length: number): boolean {
    const arena = this.#view;
    const shift = (this.#offsets[place] ?? 0) - start;
    const whole = start + (length & ~7);
    for (let at = start; at < whole; at += 8) {
      if (view.getBigInt64(at, true) !== arena.getBigInt64(at + shift, true)) {
        return false;
      }
    }
    for (let at = whole; at < start + length; at++) {
      if (view.getUint8(at) !== arena.getUint8(at + shift)) {
        return false;
      }
    }
    return true;
  }

  #store(cursor: ByteCursor, start: number, length: number): number {
    if (this.#used + length > this.#arena.length) {
      this.#used = 0;
      this.#lengths.fill(0);
      this.#values.fill(undefined);
    }
    const offset = this.#used;
    cursor.bytes.copy(this.#arena, offset, start, start + length);
    this.#used += length;
    return offset;
  }

  #keep(key: number, offset: number, length: number, value: Value | undefined): void {
    const bucket = this.#bucketOf(key);
    const way = this.#turn[bucket] ?? 0;
    const place = bucket * WAYS + way;
    this.#turn[bucket] = (way + 1) % WAYS;
    this.#offsets[place] = offset;
    this.#lengths[place] = length;
    this.#values[place] = value;
  }
}

function hashOf(view: DataView, start: number, length: number): number {
  const whole = start + (length & ~3);
  let hash = length;
  for (let at = start; at < whole; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  for (let at = whole; at < start + length; at++) {
    hash = Math.imul(hash ^ view.getUint8(at), 0x5bd1e995);
  }
  return hash;
}
