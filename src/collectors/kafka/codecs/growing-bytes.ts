/** Data that unpacks to more bytes than it may. */
export class TooLargeError extends Error {
  constructor(limit: number) {
    super(`it unpacks to more than ${limit} bytes`);
    this.name = "TooLargeError";
  }
}

/** Bytes that are appended to up to a limit, and that a decoder copies from its own output. */
export class GrowingBytes {
  readonly #limit: number;
  #bytes: Buffer;
  #length = 0;

  /**
   * @param expected how many bytes are probably to come; a wrong number costs time only
   * @param limit more bytes than this are refused
   */
  constructor(expected: number, limit: number) {
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(expected, 64), limit));
  }

  get length(): number {
    return this.#length;
  }

  /** What was appended; valid until the next call of another method. */
  result(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Appends `count` bytes of `source`, which has them. */
  append(source: Buffer, from: number, count: number): void {
    this.#reserve(count);
    const target = this.#bytes;
    const to = this.#length;
    if (count > 32) {
      target.set(source.subarray(from, from + count), to);
    } else {
      for (let index = 0; index < count; index++) {
        target[to + index] = source[from + index] ?? 0;
      }
    }
    this.#length = to + count;
  }

  /** Appends `count` bytes that begin `distance` bytes before the end; where they overlap they repeat. */
  repeat(distance: number, count: number): void {
    if (distance === 0 || distance > this.#length) {
      throw new Error("a back reference leads out of the data");
    }
    this.#reserve(count);
    const bytes = this.#bytes;
    const to = this.#length;
    if (count > 32 && distance >= count) {
      bytes.copyWithin(to, to - distance, to - distance + count);
    } else {
      for (let index = to, from = to - distance; index < to + count; index++, from++) {
        bytes[index] = bytes[from] ?? 0;
      }
    }
    this.#length = to + count;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) {
      return;
    }
    if (wanted > this.#limit) {
      throw new TooLargeError(this.#limit);
    }
    const larger = Buffer.allocUnsafeSlow(Math.min(Math.max(wanted, 2 * this.#bytes.length), this.#limit));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
