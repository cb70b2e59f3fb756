import type { ObservationSink } from "../model/observation.ts";
import type { AuditDecoder } from "./formats/audit/decoder.ts";
import type { EndpointTable } from "./formats/hubble/endpoint.ts";
import type { FlowScanner } from "./formats/hubble/scan.ts";
import type { FormatRule } from "./formats/input-format.ts";
import { mayBeFlows } from "./formats/input-format.ts";
import { isFields, parseJson, preview } from "./formats/json.ts";
import { RecordDecoder } from "./formats/record-decoder.ts";
import type { YamlTaker } from "./formats/yaml-documents.ts";
import { YamlDocuments } from "./formats/yaml-documents.ts";
import type { RecordPosition, RecordTaker } from "./lines/record-splitter.ts";
import { RecordSplitter } from "./lines/record-splitter.ts";
import { LOOK_BYTES, looksLikeAuditYaml, looksLikeLog, SNIFF_BYTES, sniff } from "./lines/sniff.ts";

/** What a reader works with. */
export interface ReaderOptions {
  /** Named in rejections: a path, or `-`. */
  readonly source: string;
  readonly sink: ObservationSink;
  readonly format: FormatRule;
  readonly endpoints: EndpointTable;
  readonly audit: AuditDecoder;
  /** The fast path, of the same endpoints; shared by the readers of a run, since what it remembers costs memory. */
  readonly scanner: FlowScanner | undefined;
  readonly maxRecordBytes: number;
  /** True for files nobody named: what shows no sign of a flow log or an audit log is left alone. */
  readonly onlyLogs: boolean;
  /** How many bytes of the source are held at least; the splitter's own choice when absent. */
  readonly chunkBytes?: number;
  /** For bytes from within a source that is known to be a log: the line they begin with, 1-based. */
  readonly continuesAt?: number;
}

/** How far a source was read so that reading can go on from there with another reader. */
export interface Settled {
  /** Bytes since the first one pushed. */
  readonly bytes: number;
  /** Lines that ended before, those before the first byte included. */
  readonly lines: number;
  /** False when something behind was reported already: what was reported is more than what these bytes hold. */
  readonly isAll: boolean;
}

/** How a source ended: read, refused since its bytes are no text, or passed over since it is no log that is read. */
export type ReaderState = "reading" | "refused" | "passed-over";

type FaultReason = "too-long" | "invalid-json" | "invalid-event" | "truncated";

/** Plain bytes of one source -> observations. Bytes are written into {@link room} and announced by {@link filled}. */
export class RecordReader implements RecordTaker, YamlTaker {
  readonly #options: ReaderOptions;
  readonly #decoder: RecordDecoder;
  readonly #splitter: RecordSplitter;
  readonly #scanner: FlowScanner | undefined;
  /** Undefined unless the source is YAML. */
  #yaml: YamlDocuments | undefined;
  #begun = false;
  #state: ReaderState = "reading";
  #refusal: string | undefined;
  #cutOff = false;
  /** How many records and faults were met, now and up to what is settled. */
  #met = 0;
  #settledMet = 0;
  #settledBytes = 0;
  #settledLines: number;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#decoder = new RecordDecoder(options);
    this.#scanner = mayBeFlows(options.format) ? options.scanner : undefined;
    this.#splitter = new RecordSplitter(this, options.maxRecordBytes, {
      ...(options.chunkBytes === undefined ? {} : { chunkBytes: options.chunkBytes }),
      ...(options.continuesAt === undefined ? {} : { firstLine: options.continuesAt }),
    });
    this.#settledLines = (options.continuesAt ?? 1) - 1;
  }

  /** Up to where everything was read and reported. */
  get settled(): Settled {
    const { isBetweenRecords, offset, line } = this.#splitter;
    const isSettled = this.#yaml === undefined ? isBetweenRecords : this.#yaml.isOver;
    if (this.#begun && isSettled && !this.#decoder.isWaiting) {
      this.#settledBytes = offset;
      this.#settledLines = this.#yaml?.lines ?? line - 1;
      this.#settledMet = this.#met;
    }
    return { bytes: this.#settledBytes, lines: this.#settledLines, isAll: this.#met === this.#settledMet };
  }

  /** Anything but `reading` means that further bytes are of no use. */
  get state(): ReaderState {
    return this.#state;
  }

  /** Why a source was refused, and the way out; undefined when it was not. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Lines up to the last one seen, those before the first byte included. */
  get lines(): number {
    return this.#yaml?.lines ?? this.#splitter.lines;
  }

  /** Lines seen so far. */
  get linesRead(): number {
    return this.lines - ((this.#options.continuesAt ?? 1) - 1);
  }

  /** Where the next bytes are to be written; never empty. */
  room(): Buffer {
    return this.#splitter.room();
  }

  /** `count` bytes were written into {@link room}. */
  filled(count: number): void {
    this.hold(count);
    this.process();
  }

  /**
   * As {@link filled}, but nothing is read yet: that is {@link process}'s part, while the next bytes may already be on
   * their way into the next {@link room}.
   */
  hold(count: number): void {
    this.#splitter.hold(count);
  }

  /** Reads what is held. */
  process(): void {
    if (this.#state !== "reading") {
      return;
    }
    if (this.#begun) {
      this.#read();
    } else if (this.#splitter.peek().length >= (this.#options.onlyLogs ? LOOK_BYTES : SNIFF_BYTES)) {
      this.#begin();
    }
  }

  /** Copies bytes that lie somewhere else. */
  push(chunk: Buffer): void {
    for (let from = 0; from < chunk.length && this.#state === "reading"; ) {
      const copied = chunk.copy(this.room(), 0, from);
      this.filled(copied);
      from += copied;
    }
  }

  /**
   * The source is over. It is `cutOff` when it ended before its time, as a compressed file without its end: whoever
   * feeds it says so, what came before still counts, and the broken last line is not reported besides.
   */
  end(cutOff = false): void {
    if (!this.#begun) {
      this.#begin();
    }
    if (this.#state !== "reading") {
      return;
    }
    this.#cutOff = cutOff;
    if (this.#yaml === undefined) {
      this.#splitter.end();
      this.#decoder.end(this.#splitter.line);
    } else {
      this.#yaml.end();
    }
  }

  /**
   * The source is over for now and may grow: as {@link end}, but a last line without a line break that is no complete JSON
   * object, and a value that is not closed yet, are left alone. {@link settled} says where they begin. YAML does not grow:
   * whoever writes it has all of it.
   */
  endGrowing(): void {
    if (!this.#begun) {
      this.#begin();
    }
    if (this.#yaml !== undefined) {
      this.end();
      return;
    }
    const { bytes } = this.settled;
    if (this.#state === "reading" && bytes === this.#splitter.offset && this.#isWhole(this.#splitter.peek())) {
      this.#splitter.end();
    }
  }

  #isWhole(line: Buffer): boolean {
    return isFields(parseJson(line.toString("utf8").trim()));
  }

  line(bytes: Buffer, start: number, end: number, position: RecordPosition): boolean {
    const record = this.#scanner?.scan(bytes, start, end);
    if (record !== undefined) {
      this.#met++;
      this.#options.sink.flow(record);
      return true;
    }
    const isTaken = this.#decoder.line(bytes.toString("utf8", start, end), position);
    if (isTaken) {
      this.#met++;
    }
    return isTaken;
  }

  text(bytes: Buffer, start: number, end: number, position: RecordPosition): void {
    this.#met++;
    this.#decoder.text(bytes.toString("utf8", start, end), position);
  }

  document(value: unknown, position: RecordPosition): void {
    this.#met++;
    this.#decoder.value(value, position);
  }

  /** @param problem what a parser says of it */
  fault(reason: FaultReason, position: RecordPosition, beginning: string, problem = ""): void {
    this.#met++;
    const details = {
      "too-long": `a record that begins with ${preview(beginning)} is longer than ${this.#options.maxRecordBytes} bytes; split it where it is written`,
      "invalid-json": `${preview(beginning)} is broken JSON; the record is left out`,
      "invalid-event": `${preview(beginning)} is broken YAML: ${problem}; the document is left out`,
      truncated: `${preview(beginning)} ends in the middle of a record; was the writer still at work?`,
    };
    if (reason !== "truncated" || !this.#cutOff) {
      this.#decoder.reject(reason, position, details[reason]);
    }
  }

  #begin(): void {
    this.#begun = true;
    const head = this.#splitter.peek();
    if (this.#options.continuesAt !== undefined) {
      this.#read();
      return;
    }
    const { skip, refusal } = sniff(head.subarray(0, SNIFF_BYTES));
    if (this.#options.onlyLogs && head.length > 0 && refusal?.reason !== "wrong-encoding" && !looksLikeLog(head)) {
      this.#state = "passed-over";
    } else if (refusal !== undefined) {
      this.#state = "refused";
      this.#refusal = refusal.detail;
    } else {
      this.#splitter.drop(skip);
      if (looksLikeAuditYaml(head.subarray(skip))) {
        this.#yaml = new YamlDocuments(this, this.#options.maxRecordBytes);
      }
      this.#read();
    }
  }

  #read(): void {
    if (this.#yaml === undefined) {
      this.#splitter.filled(0);
      return;
    }
    const bytes = this.#splitter.peek();
    this.#yaml.push(bytes);
    this.#splitter.drop(bytes.length);
  }
}
