import { JsonBoundary } from "./json-boundary.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACKET = 0x5d;

/** How many bytes there is room for at least, unless it is said otherwise. */
export const CHUNK_BYTES = 1 << 20;
/** A broken value up to this size is read again line by line; so no input costs more than a few times its length. */
const REREAD_LIMIT = 1 << 20;

/** Where a record stands. The splitter reuses the object: take the values out of it. */
export interface RecordPosition {
  /** 1-based line the record begins on. */
  line: number;
  /** True when these bytes were reported as part of a broken record; what is good in them still counts. */
  quiet: boolean;
}

/** What becomes of the pieces. Bytes are only valid during the call; `end` is exclusive. */
export interface RecordTaker {
  /** A line, trimmed. False when it begins like a JSON object and does not parse, with nothing reported. */
  line(bytes: Buffer, start: number, end: number, position: RecordPosition): boolean;
  /** A complete JSON value, or a line that is none. */
  text(bytes: Buffer, start: number, end: number, position: RecordPosition): void;
  /** A record that cannot be taken: longer than allowed, no JSON, or cut off at the end. */
  fault(reason: "too-long" | "invalid-json" | "truncated", position: RecordPosition, preview: string): void;
}

/**
 * Cuts a stream of bytes into records in bounded memory: JSON lines, JSON arrays of any length, and values that span
 * lines. Bytes are read straight into its buffer ({@link room}, {@link filled}).
 */
export class RecordSplitter {
  readonly #taker: RecordTaker;
  readonly #limit: number;
  readonly #boundary = new JsonBoundary();
  readonly #position: RecordPosition = { line: 1, quiet: false };
  readonly #chunk: number;
  #buffer: Buffer;
  #start = 0;
  #scanned = 0;
  #end = 0;
  #line = 1;
  /** Stream offset of the buffer's first byte, and up to which offset faults are known already. */
  #base = 0;
  #quietUntil = 0;
  #mode: "lines" | "text-line" | "value" | "skip-line" | "skip-value" = "lines";
  /** True right after a value, where a comma may stand. */
  #afterValue = false;
  #taken = 0;
  #lastByte = NEWLINE;

  /**
   * @param maxRecordBytes records longer than this are left out and reported as `too-long`
   * @param firstLine the line that the stream begins with, 1-based
   * @param chunkBytes room for at least so many bytes is made; at least 1
   */
  constructor(
    taker: RecordTaker,
    maxRecordBytes: number,
    { firstLine = 1, chunkBytes = CHUNK_BYTES }: { readonly firstLine?: number; readonly chunkBytes?: number } = {},
  ) {
    this.#taker = taker;
    this.#limit = maxRecordBytes;
    this.#chunk = chunkBytes;
    this.#buffer = Buffer.allocUnsafeSlow(2 * chunkBytes);
    this.#line = firstLine;
  }

  /** Offset in the stream of the first byte not taken yet. */
  get offset(): number {
    return this.#base + this.#start;
  }

  /** Nothing stands across {@link offset}: another splitter that began there would read the rest in the same way. */
  get isBetweenRecords(): boolean {
    const isInside = this.#afterValue && this.#start < this.#end;
    return this.#mode === "lines" && !isInside && this.offset >= this.#quietUntil;
  }

  /** The line that is being read, 1-based. */
  get line(): number {
    return this.#mode === "value" || this.#mode === "skip-value" ? this.#boundary.line : this.#line;
  }

  /** Lines seen, the last one counting when it has any byte. */
  get lines(): number {
    return this.line - (this.#lastByte === NEWLINE ? 1 : 0);
  }

  /** Where the next bytes are to be written; never empty. */
  room(): Buffer {
    if (this.#buffer.length - this.#end < this.#chunk) {
      const kept = this.#end - this.#start;
      const target =
        kept + this.#chunk > this.#buffer.length ? Buffer.allocUnsafeSlow(2 * (kept + this.#chunk)) : this.#buffer;
      this.#buffer.copy(target, 0, this.#start, this.#end);
      this.#buffer = target;
      this.#scanned -= this.#start;
      this.#boundary.shift(this.#start);
      this.#base += this.#start;
      this.#end = kept;
      this.#start = 0;
    }
    return this.#buffer.subarray(this.#end, this.#end + this.#chunk);
  }

  /** `count` bytes were written into {@link room}. */
  filled(count: number): void {
    this.hold(count);
    while (this.#step()) {
      // Each step takes a line or a value; false means that the bytes do not reach for another.
    }
  }

  /** Copies bytes that lie somewhere else into the buffer. */
  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const copied = chunk.copy(this.room(), 0, from);
      this.filled(copied);
      from += copied;
    }
  }

  /** `count` bytes were written into {@link room} and are only to be kept for {@link peek} yet. */
  hold(count: number): void {
    this.#end += count;
    this.#lastByte = count > 0 ? (this.#buffer[this.#end - 1] ?? 0) : this.#lastByte;
  }

  /** The bytes not read yet. */
  peek(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Leaves out `count` bytes, as those of a byte order mark. */
  drop(count: number): void {
    this.#start += count;
    this.#scanned = this.#start;
  }

  /** The stream is over: what is left is a last line without a line break, or a value cut off. */
  end(): void {
    while (this.#endStep()) {
      while (this.#step()) {
        // As in filled.
      }
    }
  }

  /** False when nothing is left. */
  #endStep(): boolean {
    if (this.#mode === "value") {
      this.#cutOff();
      return true;
    }
    return (this.#mode === "lines" || this.#mode === "text-line") && this.#lastLine();
  }

  #step(): boolean {
    switch (this.#mode) {
      case "lines":
      case "text-line":
        return this.#lineStep();
      case "skip-line":
        return this.#skipLine();
      case "value":
      case "skip-value":
        return this.#valueStep();
    }
  }

  #lineStep(): boolean {
    const first = this.#skipBlanks();
    // After a value on the same line another may follow; as lines they would be read over and over.
    if (this.#mode === "lines" && (first === OPEN_BRACKET || (first === OPEN_BRACE && this.#afterValue))) {
      return this.#beginValue(first === OPEN_BRACKET);
    }
    const newline = this.#newline();
    if (newline < 0) {
      this.#scanned = this.#end;
      return this.#end - this.#start > this.#limit && this.#overflow(first);
    }
    if (newline - this.#start > this.#limit) {
      this.#fault("too-long");
    } else if (!this.#takeLine(newline)) {
      return this.#beginValue(false);
    }
    this.#nextLine(newline);
    return true;
  }

  /** Moves to the first byte of the line that is not blank. A log rotated under its writer begins with NULs. */
  #skipBlanks(): number {
    let byte = this.#buffer[this.#start] ?? 0;
    while (this.#start < this.#end && isBlank(byte, this.#afterValue)) {
      this.#start++;
      byte = this.#buffer[this.#start] ?? 0;
    }
    this.#scanned = Math.max(this.#scanned, this.#start);
    return this.#start < this.#end ? byte : 0;
  }

  #newline(): number {
    const newline = this.#buffer.indexOf(NEWLINE, this.#scanned);
    return newline >= 0 && newline < this.#end ? newline : -1;
  }

  #nextLine(newline: number): void {
    this.#line++;
    this.#start = newline + 1;
    this.#scanned = this.#start;
    this.#afterValue = false;
    this.#mode = "lines";
  }

  /** False when the line begins a JSON object that may go on. */
  #takeLine(end: number): boolean {
    let last = end;
    while (last > this.#start && isBlank(this.#buffer[last - 1] ?? 0, false)) {
      last--;
    }
    if (last === this.#start) {
      return true;
    }
    const position = this.#at(this.#line);
    if (this.#mode === "text-line") {
      this.#taker.text(this.#buffer, this.#start, last, position);
      return true;
    }
    return this.#taker.line(this.#buffer, this.#start, last, position);
  }

  #at(line: number): RecordPosition {
    this.#position.line = line;
    this.#position.quiet = this.#base + this.#start < this.#quietUntil;
    return this.#position;
  }

  #overflow(first: number): boolean {
    if ((first === OPEN_BRACE || first === OPEN_BRACKET) && this.#mode === "lines") {
      return this.#beginValue(first === OPEN_BRACKET);
    }
    this.#fault("too-long");
    this.#mode = "skip-line";
    return true;
  }

  #skipLine(): boolean {
    const newline = this.#newline();
    if (newline < 0) {
      this.#start = this.#end;
      this.#scanned = this.#end;
      return false;
    }
    this.#nextLine(newline);
    return true;
  }

  #beginValue(isArray: boolean): boolean {
    this.#boundary.reset(this.#start, this.#line, isArray);
    this.#scanned = this.#start;
    this.#mode = "value";
    this.#taken = 0;
    return true;
  }

  #valueStep(): boolean {
    const stopped = this.#boundary.scan(this.#buffer, this.#scanned, this.#end);
    this.#scanned = stopped;
    switch (this.#boundary.event) {
      case "more":
        return this.#valueGoesOn();
      case "value":
      case "done":
        this.#takeValue(stopped);
        return true;
      case "closed":
        this.#leaveValue(stopped);
        return true;
      case "broken":
        this.#broken(stopped);
        return true;
    }
  }

  #valueGoesOn(): boolean {
    if (this.#mode === "value" && this.#end - this.#start > this.#limit) {
      this.#fault("too-long", this.#boundary.startLine);
      this.#mode = "skip-value";
    }
    if (this.#mode === "skip-value") {
      this.#start = this.#end;
    }
    return false;
  }

  #takeValue(end: number): void {
    const { start, startLine } = this.#boundary;
    if (this.#mode === "value") {
      if (end - start > this.#limit) {
        this.#fault("too-long", startLine);
      } else {
        this.#taker.text(this.#buffer, start, end, this.#at(startLine));
      }
    }
    this.#taken++;
    this.#mode = "value";
    this.#start = end;
    this.#line = this.#boundary.line;
    if (this.#boundary.event === "done") {
      this.#leaveValue(end);
    }
  }

  #leaveValue(end: number): void {
    this.#line = this.#boundary.line;
    this.#start = end;
    this.#scanned = end;
    this.#afterValue = true;
    this.#mode = "lines";
  }

  /**
   * The bytes since the last good value are no JSON. On one line they are a text; over several, the lines after the
   * first are read again by themselves, since it is the first that was cut off.
   */
  #broken(stopped: number): void {
    const skipping = this.#mode === "skip-value";
    if (this.#boundary.line === this.#line && this.#taken === 0 && !skipping) {
      this.#mode = "text-line";
      return;
    }
    if (!skipping) {
      this.#fault("invalid-json", Math.max(this.#line, this.#boundary.startLine));
    }
    if (skipping || this.#boundary.tooDeep || !this.#reread(stopped)) {
      this.#line = this.#boundary.line;
      this.#mode = "skip-line";
    }
  }

  /** The input ended inside a value: reported once, and what follows its first line is read by itself. */
  #cutOff(): void {
    this.#fault("truncated", Math.max(this.#line, this.#boundary.startLine));
    if (!this.#reread(this.#end)) {
      this.#line = this.#boundary.line;
      this.#start = this.#end;
      this.#mode = "skip-line";
    }
  }

  /** Goes back to the second line of what was scanned up to `stopped`; false when there is none, or too much. */
  #reread(stopped: number): boolean {
    const newline = this.#buffer.indexOf(NEWLINE, this.#start);
    if (newline < 0 || newline >= stopped || stopped - this.#start > REREAD_LIMIT) {
      return false;
    }
    this.#nextLine(newline);
    this.#quietUntil = this.#base + stopped;
    return true;
  }

  /** False when the last line is taken; else it holds a value to be read on. */
  #lastLine(): boolean {
    const first = this.#skipBlanks();
    if (this.#start === this.#end) {
      return false;
    }
    if (this.#takeLine(this.#end)) {
      this.#start = this.#end;
      this.#afterValue = true;
      return false;
    }
    return this.#beginValue(first === OPEN_BRACKET);
  }

  #fault(reason: "too-long" | "invalid-json" | "truncated", line = this.#line): void {
    const preview = this.#buffer.toString("utf8", this.#start, Math.min(this.#end, this.#start + 100));
    this.#taker.fault(reason, this.#at(line), preview);
  }
}

function isBlank(byte: number, afterValue: boolean): boolean {
  return (byte <= SPACE && byte !== NEWLINE) || (afterValue && (byte === COMMA || byte === CLOSE_BRACKET));
}
