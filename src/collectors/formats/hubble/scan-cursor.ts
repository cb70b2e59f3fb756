const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;

/** Deeper nesting in a value nobody reads is left to JSON.parse. */
const DEEPEST = 32;
/** Numbers of more digits are left to JSON.parse, which rounds them. */
const MOST_DIGITS = 15;

/** Bytes to compare with, four at a time. */
export class ExpectedBytes {
  readonly view: DataView;
  readonly length: number;

  constructor(bytes: Uint8Array) {
    const copy = Uint8Array.from(bytes);
    this.view = new DataView(copy.buffer);
    this.length = copy.length;
  }
}

/**
 * A position in the bytes of one JSON text. Every method that reads moves it behind what it read and answers false, or
 * -1, for bytes that RFC 8259 does not allow there or that this class leaves to JSON.parse; it accepts nothing that
 * JSON.parse would refuse.
 */
export class ByteCursor {
  bytes: Buffer = Buffer.alloc(0);
  /** The same bytes, for comparing four at a time. */
  view: DataView = new DataView(new ArrayBuffer(0));
  at = 0;
  end = 0;
  /** Where the last {@link plainString} began and ended, and a hash of its bytes. */
  stringStart = 0;
  stringEnd = 0;
  stringHash = 0;

  /** Begins with another text; `end` is exclusive. */
  reset(bytes: Buffer, start: number, end: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.at = start;
    this.end = end;
  }

  /** The next byte that is not white space, 0 at the end. */
  peek(): number {
    while (this.at < this.end) {
      const byte = this.bytes[this.at] ?? 0;
      if (byte > SPACE) {
        return byte;
      }
      if (byte !== SPACE && byte !== 0x09 && byte !== 0x0d && byte !== 0x0a) {
        return 0;
      }
      this.at++;
    }
    return 0;
  }

  /** Moves over `byte` if it comes next. */
  take(byte: number): boolean {
    if (this.peek() !== byte) {
      return false;
    }
    this.at++;
    return true;
  }

  /** True when exactly these bytes come next, white space not skipped; the cursor stays. */
  isAt(expected: ExpectedBytes): boolean {
    const { view, length } = expected;
    const { at } = this;
    if (at + length > this.end) {
      return false;
    }
    const whole = length & ~3;
    for (let offset = 0; offset < whole; offset += 4) {
      if (this.view.getInt32(at + offset, true) !== view.getInt32(offset, true)) {
        return false;
      }
    }
    for (let offset = whole; offset < length; offset++) {
      if (this.view.getUint8(at + offset) !== view.getUint8(offset)) {
        return false;
      }
    }
    return true;
  }

  /** A string of printable ASCII without escapes; what was read is in `stringStart`, `stringEnd` and `stringHash`. */
  plainString(): boolean {
    if (this.peek() !== QUOTE) {
      return false;
    }
    const { bytes, end } = this;
    let hash = 0;
    for (let at = this.at + 1; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.stringStart = this.at + 1;
        this.stringEnd = at;
        this.stringHash = hash;
        this.at = at + 1;
        return true;
      }
      if (byte < SPACE || byte >= 0x7f || byte === BACKSLASH) {
        return false;
      }
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    return false;
  }

  /** A whole number of at most fifteen digits without sign, fraction or exponent; -1 for anything else. */
  integer(): number {
    let byte = this.peek();
    const start = this.at;
    let value = 0;
    while (byte >= ZERO && byte <= NINE && this.at < this.end) {
      value = value * 10 + byte - ZERO;
      this.at++;
      byte = this.bytes[this.at] ?? 0;
    }
    const digits = this.at - start;
    const leadingZero = digits > 1 && this.bytes[start] === ZERO;
    return digits === 0 || digits > MOST_DIGITS || leadingZero || byte === 0x2e || byte === 0x65 || byte === 0x45
      ? -1
      : value;
  }

  /** 1 for true, 0 for false, -1 for anything else. */
  boolean(): number {
    const first = this.peek();
    if (first === 0x74) {
      return this.#word("true") ? 1 : -1;
    }
    return first === 0x66 && this.#word("false") ? 0 : -1;
  }

  /** Any value. */
  skip(depth = 0): boolean {
    const first = this.peek();
    if (first === QUOTE) {
      return this.#skipString();
    }
    if (first === OPEN_BRACE || first === OPEN_BRACKET) {
      return depth < DEEPEST && this.#skipMembers(first === OPEN_BRACE, depth);
    }
    if (first === MINUS || (first >= ZERO && first <= NINE)) {
      return this.#skipNumber();
    }
    return first === 0x6e ? this.#word("null") : this.boolean() >= 0;
  }

  #skipMembers(isObject: boolean, depth: number): boolean {
    const close = isObject ? 0x7d : 0x5d;
    this.at++;
    if (this.take(close)) {
      return true;
    }
    for (;;) {
      if (isObject && !(this.peek() === QUOTE && this.#skipString() && this.take(COLON))) {
        return false;
      }
      if (!this.skip(depth + 1)) {
        return false;
      }
      if (!this.take(COMMA)) {
        return this.take(close);
      }
    }
  }

  #skipString(): boolean {
    const { bytes, end } = this;
    for (let at = this.at + 1; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        this.at = at + 1;
        return true;
      }
      if (byte === BACKSLASH) {
        const length = escapeLength(bytes, at);
        if (length === 0) {
          return false;
        }
        at += length - 1;
      } else if (byte < SPACE) {
        return false;
      }
    }
    return false;
  }

  #skipNumber(): boolean {
    if (this.bytes[this.at] === MINUS) {
      this.at++;
    }
    const leadingZero = this.bytes[this.at] === ZERO;
    const digits = this.#skipDigits();
    if (digits === 0 || (leadingZero && digits > 1)) {
      return false;
    }
    if (this.bytes[this.at] === 0x2e) {
      this.at++;
      if (this.#skipDigits() === 0) {
        return false;
      }
    }
    return this.#skipExponent();
  }

  #skipExponent(): boolean {
    const mark = this.bytes[this.at];
    if (mark !== 0x65 && mark !== 0x45) {
      return true;
    }
    this.at++;
    const sign = this.bytes[this.at];
    if (sign === MINUS || sign === 0x2b) {
      this.at++;
    }
    return this.#skipDigits() > 0;
  }

  #skipDigits(): number {
    const start = this.at;
    for (let byte = this.bytes[this.at] ?? 0; byte >= ZERO && byte <= NINE; byte = this.bytes[this.at] ?? 0) {
      this.at++;
    }
    return this.at - start;
  }

  #word(word: string): boolean {
    for (let index = 0; index < word.length; index++) {
      if (this.bytes[this.at + index] !== word.charCodeAt(index)) {
        return false;
      }
    }
    this.at += word.length;
    return this.at <= this.end;
  }
}

const ESCAPED = new Set(Buffer.from('"\\/bfnrt'));

/** How many bytes the escape at the backslash has; 0 when there is no such escape. */
function escapeLength(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1] ?? 0;
  if (ESCAPED.has(letter)) {
    return 2;
  }
  return letter === 0x75 && [2, 3, 4, 5].every((offset) => isHexDigit(bytes[at + offset] ?? 0)) ? 6 : 0;
}

function isHexDigit(byte: number): boolean {
  return (byte >= ZERO && byte <= NINE) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
}
