import type { ObservationSink } from "../../model/observation.ts";
import { AuditDecoder } from "../formats/audit/decoder.ts";
import { EndpointTable } from "../formats/hubble/endpoint.ts";
import { FlowScanner } from "../formats/hubble/scan.ts";
import { formatRule } from "../formats/input-format.ts";
import { RecordReader } from "../record-reader.ts";
import type { CollectOptions, CollectSummary, SourceMessage } from "./collect-options.ts";
import { reasonOf } from "./file-errors.ts";
import type { Input } from "./inputs.ts";
import type { SourceRead } from "./read-source.ts";

const MAX_RECORD_BYTES = 16 * 1024 * 1024;

/** The readers of a run, which share what they remember of endpoints and identities, and what became of the sources. */
export class Sources {
  readonly #options: CollectOptions;
  readonly #endpoints = new EndpointTable();
  readonly #audit = new AuditDecoder();
  readonly #scanner = new FlowScanner(this.#endpoints);
  readonly #unreadable: SourceMessage[];
  readonly #skipped: SourceMessage[] = [];
  #sources = 0;
  #bytes = 0;
  #lines = 0;

  /** @param unreadable inputs that could not even be looked at */
  constructor(options: CollectOptions, unreadable: readonly SourceMessage[]) {
    this.#options = options;
    this.#unreadable = [...unreadable];
  }

  /**
   * A reader for one source.
   *
   * @param continuesAt the line it begins with, when it goes on within a source
   */
  open(input: Input, sink: ObservationSink, continuesAt?: number): RecordReader {
    return new RecordReader({
      source: input.source,
      sink,
      format: formatRule(this.#options.format),
      endpoints: this.#endpoints,
      audit: this.#audit,
      scanner: this.#scanner,
      maxRecordBytes: this.#options.maxRecordBytes ?? MAX_RECORD_BYTES,
      onlyLogs: !input.named,
      ...(continuesAt === undefined ? {} : { continuesAt }),
    });
  }

  /** Notes what became of a source. */
  read(input: Input, { opened, bytes, error }: SourceRead, reader: RecordReader): void {
    if (error !== undefined) this.failed(input, error);
    if (reader.refusal !== undefined) this.#unreadable.push({ source: input.source, message: reader.refusal });
    if (reader.state === "passed-over") {
      const message = "nothing in it looks like a flow log or an audit log; name the file to read it anyway";
      this.#skipped.push({ source: input.source, message });
      return;
    }
    this.#bytes += bytes;
    this.#sources += opened ? 1 : 0;
    this.#lines += reader.linesRead;
  }

  /** Notes that a source can't be read, or not on. */
  failed({ source }: Input, error: unknown): void {
    this.#unreadable.push({ source, message: reasonOf(error) });
  }

  summary(): CollectSummary {
    const [sources, bytes, lines] = [this.#sources, this.#bytes, this.#lines];
    return { sources, bytes, lines, unreadable: this.#unreadable, skipped: this.#skipped };
  }
}
