const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** What the grammar (RFC 8259) expects next. */
type Expected = "value" | "value-or-end" | "key" | "key-or-end" | "colon" | "comma-or-end";

/**
 * `value`: the value from `start` up to the returned position is complete, and more may follow in its array. `done`:
 * as `value`, and nothing is open any more. `closed`: the array of records ended. `more`: the bytes ran out.
 * `broken`: the byte at the returned position cannot stand there.
 */
export type BoundaryEvent = "value" | "done" | "closed" | "more" | "broken";

const LITERAL = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;
// A longer run of digits is no number anybody means, and String.fromCharCode takes its bytes as arguments.
const LONGEST_LITERAL = 1024;

/** Deeper nesting than this is no log. */
const DEEPEST = 64;

/**
 * Finds where JSON values end that are longer than a line, and the elements of an array at the root. Checks the
 * structure strictly, so that a record cut off in its middle is noticed at the next line and swallows nothing;
 * escapes are left to JSON.parse.
 */
export class JsonBoundary {
  /** Where the current value began, and the line it is on. */
  start = 0;
  startLine = 0;
  /** True when the nesting is deeper than this class follows; then it is `broken` too. */
  tooDeep = false;
  /** The line the scan has reached. */
  line = 0;
  event: BoundaryEvent = "more";
  #open: boolean[] = [];
  #expected: Expected = "value";
  #inString = false;
  #inLiteral = false;
  #literalStart = 0;
  #escaped = false;
  #records = false;

  /** Begins at a `{` or `[`; the elements of an array are reported one by one. */
  reset(position: number, line: number, isArray: boolean): void {
    this.start = position;
    this.startLine = line;
    this.line = line;
    this.#open = [];
    this.#expected = "value";
    this.#inString = false;
    this.#inLiteral = false;
    this.#escaped = false;
    this.#records = isArray;
    this.tooDeep = false;
  }

  /** Follows the bytes when they are moved. */
  shift(by: number): void {
    this.start -= by;
    this.#literalStart -= by;
  }

  /** Reads on; {@link event} says why it stopped. */
  scan(bytes: Uint8Array, from: number, end: number): number {
    let position = from;
    while (position < end) {
      if (this.#inString) {
        position = this.#string(bytes, position, end);
        if (this.#inString) {
          return position;
        }
      } else {
        const ended = this.#structure(bytes, position);
        if (this.event !== "more") {
          return ended;
        }
        position = ended;
        continue;
      }
      if (this.#valueEnded()) {
        return position;
      }
    }
    this.event = "more";
    return position;
  }

  /** To the byte after the closing quote. */
  #string(bytes: Uint8Array, from: number, end: number): number {
    for (let position = from; position < end; position++) {
      const byte = bytes[position] ?? 0;
      if (byte < SPACE) {
        this.event = "broken";
        return position;
      }
      if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
      } else if (byte === QUOTE) {
        this.#inString = false;
        return position + 1;
      }
    }
    this.event = "more";
    return end;
  }

  #structure(bytes: Uint8Array, position: number): number {
    const byte = bytes[position] ?? 0;
    this.event = "more";
    if (this.#inLiteral) {
      return this.#literal(bytes, position);
    }
    if (byte <= SPACE) {
      return this.#blank(byte, position);
    }
    if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      return this.#close(byte === CLOSE_BRACE, position);
    }
    if (byte === COMMA || byte === COLON) {
      return this.#separator(byte, position);
    }
    return this.#opening(byte, position);
  }

  #literal(bytes: Uint8Array, position: number): number {
    const length = position - this.#literalStart;
    if (isLiteralByte(bytes[position] ?? 0) && length < LONGEST_LITERAL) {
      return position + 1;
    }
    this.#inLiteral = false;
    if (LITERAL.test(String.fromCharCode(...bytes.subarray(this.#literalStart, position)))) {
      this.#valueEnded();
    } else {
      this.event = "broken";
    }
    return position;
  }

  #blank(byte: number, position: number): number {
    if (byte === NEWLINE) {
      this.line++;
    } else if (byte !== SPACE && byte !== 0x09 && byte !== 0x0d) {
      this.event = "broken";
      return position;
    }
    return position + 1;
  }

  #separator(byte: number, position: number): number {
    if (byte === COLON && this.#expected === "colon") {
      this.#expected = "value";
    } else if (byte === COMMA && this.#expected === "comma-or-end") {
      this.#expected = this.#open.at(-1) === true ? "key" : "value";
    } else {
      this.event = "broken";
      return position;
    }
    return position + 1;
  }

  #close(isObject: boolean, position: number): number {
    const empty = isObject ? "key-or-end" : "value-or-end";
    if (this.#open.at(-1) !== isObject || (this.#expected !== "comma-or-end" && this.#expected !== empty)) {
      this.event = "broken";
      return position;
    }
    this.#open.pop();
    if (this.#records && this.#open.length === 0) {
      this.event = "closed";
    } else {
      this.#valueEnded();
    }
    return position + 1;
  }

  /** A string, literal, object or array begins. */
  #opening(byte: number, position: number): number {
    const isKey = this.#expected === "key" || this.#expected === "key-or-end";
    if (!this.#mayOpen(byte, isKey)) {
      this.event = "broken";
      return position;
    }
    if (this.#records && this.#open.length === 1) {
      this.start = position;
      this.startLine = this.line;
    }
    if (byte === QUOTE) {
      this.#inString = true;
      this.#expected = isKey ? "colon" : "comma-or-end";
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#open.push(byte === OPEN_BRACE);
      this.#expected = byte === OPEN_BRACE ? "key-or-end" : "value-or-end";
    } else {
      this.#inLiteral = true;
      this.#literalStart = position;
    }
    return position + 1;
  }

  #mayOpen(byte: number, isKey: boolean): boolean {
    if (isKey) {
      return byte === QUOTE;
    }
    const isValue = this.#expected === "value" || this.#expected === "value-or-end";
    this.tooDeep = this.#open.length > DEEPEST;
    return isValue && isValueStart(byte) && !this.tooDeep;
  }

  /** After a string, literal or closing bracket: is a whole record complete? */
  #valueEnded(): boolean {
    if (this.#expected !== "colon") {
      this.#expected = "comma-or-end";
    }
    const depth = this.#open.length;
    if (this.#records ? depth === 1 : depth === 0) {
      this.event = this.#records ? "value" : "done";
      return true;
    }
    this.event = "more";
    return false;
  }
}

/** Could be part of a number, true, false or null. */
function isLiteralByte(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    (byte >= 0x61 && byte <= 0x7a) ||
    byte === 0x2d ||
    byte === 0x2b ||
    byte === 0x2e ||
    byte === 0x45
  );
}

function isValueStart(byte: number): boolean {
  return byte === QUOTE || byte === OPEN_BRACE || byte === OPEN_BRACKET || isLiteralByte(byte);
}
