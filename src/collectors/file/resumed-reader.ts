import type { ReaderState, RecordReader, Settled } from "../record-reader.ts";
import { digestOf, HEAD_BYTES } from "./log-file.ts";
import type { ByteTaker } from "./read-source.ts";

/** Where in a source reading begins, and how it ends. */
export interface Resumption {
  /** Offset of the first byte for the reader, in unpacked bytes. */
  readonly start: number;
  /** Bytes that come and are before {@link start}: all of a packed file's, none of another's. */
  readonly skip: number;
  /** `digestOf` the bytes before {@link start}; undefined when that is not to be looked at. */
  readonly tail: string | undefined;
  /** True for what does not grow: the last line counts whatever it looks like. */
  readonly isWhole: boolean;
  /** Nothing from this offset on is read. */
  readonly limit: number;
  /** Called between pieces, when records may wait. */
  readonly rest: () => Promise<void> | undefined;
}

/** Stands before a reader that begins within a source: leaves out what was read before, and knows how far it came. */
export class ResumedReader implements ByteTaker {
  readonly reader: RecordReader;
  readonly #from: Resumption;
  #skipped = 0;
  #pushed = 0;
  #tail: Buffer = Buffer.alloc(0);
  #isOther = false;
  #isWholeRead = false;

  constructor(reader: RecordReader, from: Resumption) {
    this.reader = reader;
    this.#from = from;
  }

  get state(): ReaderState {
    const isOver = this.#isOther || this.#from.start + this.#pushed >= this.#from.limit;
    return isOver && this.reader.state === "reading" ? "passed-over" : this.reader.state;
  }

  /** What came before the start is not what was read then: another source that begins alike. */
  get isOther(): boolean {
    return this.#isOther;
  }

  /** The source ended before the start. */
  get isShort(): boolean {
    return this.#skipped < this.#from.skip;
  }

  /** How far was read, from the source's beginning; see `RecordReader.settled`. */
  get settled(): Settled {
    if (this.#isWholeRead) {
      return { bytes: this.#from.start + this.#pushed, lines: this.reader.lines, isAll: true };
    }
    const { bytes, lines, isAll } = this.reader.settled;
    return { bytes: this.#from.start + bytes, lines, isAll };
  }

  /** Bytes that the reader was given. */
  get bytes(): number {
    return this.#pushed;
  }

  rest(): Promise<void> | undefined {
    return this.#from.rest();
  }

  room(): Buffer {
    return this.reader.room();
  }

  hold(count: number): void {
    this.#pushed += count;
    this.reader.hold(count);
  }

  process(): void {
    this.reader.process();
  }

  push(chunk: Buffer): void {
    const { start, skip, limit } = this.#from;
    const before = Math.min(chunk.length, skip - this.#skipped);
    if (before > 0) this.#skip(chunk.subarray(0, before));
    const bytes = chunk.subarray(before, before + limit - start - this.#pushed);
    if (bytes.length === 0 || this.#isOther) return;
    this.#pushed += bytes.length;
    this.reader.push(bytes);
  }

  end(cutOff = false): void {
    const { isWhole, limit } = this.#from;
    this.#isWholeRead = isWhole && !cutOff && !this.#isOther && !this.isShort && limit === Number.POSITIVE_INFINITY;
    if (this.#isWholeRead) this.reader.end();
    else this.reader.endGrowing();
  }

  #skip(bytes: Buffer): void {
    this.#skipped += bytes.length;
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-HEAD_BYTES)]).subarray(-HEAD_BYTES);
    const { skip, tail } = this.#from;
    if (this.#skipped === skip && tail !== undefined) this.#isOther = digestOf(this.#tail) !== tail;
  }
}
