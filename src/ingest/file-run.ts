import type { CollectOptions } from "../collectors/file/collect-options.ts";
import { digestOf, type LogFile } from "../collectors/file/log-file.ts";
import type { SourceRead } from "../collectors/file/read-source.ts";
import { ResumedReader } from "../collectors/file/resumed-reader.ts";
import type { Sources } from "../collectors/file/sources.ts";
import type { Settled } from "../collectors/record-reader.ts";
import { NetlearnError } from "../lib/errors.ts";
import { Delta } from "./delta.ts";
import { type FilePosition, fileLandmark, fileSource, UNREAD, wholeFileSource } from "./file-book.ts";
import { type FileFold, type FileLedger, type FileMove, Overtaken } from "./file-ledger.ts";
import { SwitchedSink } from "./switched-sink.ts";

/** What reading a file works with. */
export interface FileRunParts {
  readonly ledger: FileLedger;
  readonly sources: Sources;
  readonly options: CollectOptions;
  /** A file is folded in piece by piece when it shows more distinct things than this. */
  readonly foldSize: number;
  readonly fold: (fold: FileFold) => Promise<void>;
  readonly notice: (text: string) => void;
}

/** How a file is to be read. */
interface Plan {
  /** What the state has to have of it until the next fold. */
  readonly expected: FilePosition;
  readonly start: FilePosition;
  /** Its name where its beginning is no name for it; `packed` when only its packed bytes give one. */
  readonly name: "head" | "packed" | { readonly whole: string };
}

/** Reads a file into the state from where it was left, and remembers how far it came. */
export class FileRun {
  readonly #file: LogFile;
  readonly #parts: FileRunParts;
  readonly #sink: SwitchedSink;
  #delta = new Delta();
  #plan: Plan = { expected: UNREAD, start: UNREAD, name: "head" };

  constructor(file: LogFile, parts: FileRunParts) {
    this.#file = file;
    this.#parts = parts;
    this.#sink = new SwitchedSink(this.#delta.learner);
  }

  /**
   * @returns false when there was nothing new in it
   * @throws Overtaken when another collector folded in some of it meanwhile; NetlearnError of the state
   */
  async run(): Promise<boolean> {
    const plan = await this.#look();
    if (plan === undefined) return false;
    this.#plan = plan;
    let reading = await this.#read(Number.POSITIVE_INFINITY);
    while (reading.again !== undefined) reading = await this.#read(reading.again);
    return reading.isNew;
  }

  /** Undefined when everything in it was folded in already. */
  async #look(): Promise<Plan | undefined> {
    const { ledger } = this.#parts;
    const { size, head, packedHead, compression } = this.#file;
    const expected = ledger.book.find(head);
    const plan: Plan = { expected, start: expected, name: "head" };
    if (compression !== undefined) return ledger.book.next(fileSource(packedHead, size)) === size ? undefined : plan;
    if (size < expected.next) return await this.#lookAtShort(plan);
    const tail = expected.tail && digestOf(await this.#file.bytesBefore(expected.next));
    if (tail !== expected.tail) {
      this.#noticeOther();
      return { ...plan, start: UNREAD };
    }
    return size === expected.next ? undefined : plan;
  }

  /** A file that holds less than what was folded in from one that begins alike: a copy made earlier, or cut since. */
  async #lookAtShort({ expected }: Plan): Promise<Plan | undefined> {
    const { size } = this.#file;
    const whole = wholeFileSource(size, await this.#file.digest());
    if (this.#parts.ledger.book.next(whole) === size) return undefined;
    this.#noticeShort();
    return { expected, start: UNREAD, name: { whole } };
  }

  #noticeOther(): void {
    this.#parts.notice(
      `${this.#file.input.source} begins as a file that was folded in and goes on otherwise: it is read from its beginning`,
    );
  }

  #noticeShort(): void {
    this.#parts.notice(
      `${this.#file.input.source} holds less than what was folded in from a file that begins alike; it is folded in as a file of its own, so records in both are counted twice (policies do not depend on counts)`,
    );
  }

  /** @returns `again`: the file has to be read once more, up to that offset */
  async #read(limit: number): Promise<{ readonly again: number | undefined; readonly isNew: boolean }> {
    this.#renew();
    const { sources, options } = this.#parts;
    const { input, size, compression } = this.#file;
    const { start } = this.#plan;
    const continuesAt = start.next > 0 ? start.lines + 1 : undefined;
    const reader = sources.open(input, this.#sink, continuesAt);
    const isPacked = compression !== undefined;
    const resumed: ResumedReader = new ResumedReader(reader, {
      start: start.next,
      skip: isPacked ? start.next : 0,
      tail: isPacked ? start.tail : undefined,
      isWhole: isPacked,
      limit,
      rest: () => this.#rest(resumed),
    });
    const range = isPacked ? { start: 0, end: size } : { start: start.next, end: Math.min(size, limit) };
    const read = await this.#file.read(range, resumed, options);
    if (read.error instanceof NetlearnError || read.error instanceof Overtaken) throw read.error;
    options.signal?.throwIfAborted();
    if (resumed.isOther || (resumed.isShort && read.error === undefined)) {
      if (resumed.isShort) this.#noticeShort();
      else this.#noticeOther();
      this.#plan = { ...this.#plan, start: UNREAD, name: "packed" };
      return { again: Number.POSITIVE_INFINITY, isNew: true };
    }
    return await this.#end({ resumed, read, limit });
  }

  async #end({
    resumed,
    read,
    limit,
  }: {
    readonly resumed: ResumedReader;
    readonly read: SourceRead;
    readonly limit: number;
  }): Promise<{ readonly again: number | undefined; readonly isNew: boolean }> {
    const { sources, notice } = this.#parts;
    const { input, size, compression } = this.#file;
    const { settled } = resumed;
    if (!settled.isAll && settled.bytes < limit) {
      if (read.error !== undefined) sources.failed(input, read.error);
      return { again: settled.bytes, isNew: true };
    }
    sources.read(input, read, resumed.reader);
    if (resumed.reader.state !== "reading") return { again: undefined, isNew: true };
    const isWhole = compression !== undefined && read.error === undefined && limit === Number.POSITIVE_INFINITY;
    const isNew = settled.bytes > this.#plan.start.next;
    this.#delta.inputs = 1;
    await this.#fold(settled, isWhole);
    if (compression === undefined && settled.bytes < size) {
      notice(
        `${input.source}: its last ${size - settled.bytes} bytes are no whole record yet and are left for the next run`,
      );
    }
    return { again: undefined, isNew };
  }

  /** Between pieces of the file: folds when much was learned and nothing stands across. */
  #rest(resumed: ResumedReader): Promise<void> | undefined {
    if (this.#delta.size < this.#parts.foldSize || this.#plan.name !== "head") return undefined;
    const { settled } = resumed;
    return settled.isAll ? this.#fold(settled, false) : undefined;
  }

  async #fold({ bytes, lines }: Settled, isWhole: boolean): Promise<void> {
    const { ledger } = this.#parts;
    const { head, packedHead, size, compression } = this.#file;
    const { name, start, expected } = this.#plan;
    const moves: FileMove[] = [];
    const move = (source: string, next: number, landmark: string): void => {
      moves.push({ source, from: ledger.book.next(source), next, landmark });
    };
    const tail = compression === undefined ? digestOf(await this.#file.bytesBefore(bytes)) : undefined;
    const position = { source: fileSource(head, bytes), next: bytes, lines, tail };
    if (name === "head" && bytes > start.next) move(position.source, bytes, fileLandmark(lines, tail));
    if (typeof name === "object") move(name.whole, size, fileLandmark(lines, undefined));
    if (isWhole) move(fileSource(packedHead, size), size, fileLandmark(lines, undefined));
    if (moves.length === 0 && (name !== "packed" || this.#delta.size === 0)) return;
    await this.#parts.fold({ delta: this.#delta, moves, head, expected });
    this.#renew();
    if (name === "head" && bytes > start.next) this.#plan = { name, start: position, expected: position };
  }

  #renew(): void {
    this.#delta = new Delta();
    this.#sink.target = this.#delta.learner;
  }
}
