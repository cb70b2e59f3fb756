import type { ObservationSink, RejectionReason } from "../../model/observation.ts";
import { compressionOf } from "../file/decompress.ts";
import { AuditDecoder } from "../formats/audit/decoder.ts";
import { EndpointTable } from "../formats/hubble/endpoint.ts";
import { FlowScanner } from "../formats/hubble/scan.ts";
import type { InputFormat } from "../formats/input-format.ts";
import { formatRule, mayBeFlows } from "../formats/input-format.ts";
import { RecordDecoder } from "../formats/record-decoder.ts";
import { SNIFF_BYTES, sniff } from "../lines/sniff.ts";
import { RecordReader } from "../record-reader.ts";
import type { CodecName } from "./codecs/codecs.ts";
import { UnpackingError, unpack } from "./codecs/codecs.ts";
import type { KafkaRecord } from "./port.ts";

/** Longer values, unpacked, are left out and reported: as long as a record of a file may be. */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN_BRACKET = 0x5b;
const OPEN_BRACE = 0x7b;
/** Magic 0 and the number of a schema (Confluent's wire format); the value follows. */
const SCHEMA_PREFIX = 5;

export interface ValueReaderOptions {
  readonly sink: ObservationSink;
  readonly format: InputFormat;
  /** {@link MAX_VALUE_BYTES} when absent. */
  readonly maxValueBytes?: number;
}

/** Where a record stands. */
interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/**
 * Values of Kafka records -> observations: flows and audit events in any shape and envelope that files may have, one or many in a value,
 * packed with gzip or zstd or not. What can't be read is reported to the sink with its place, `TOPIC/PARTITION@OFFSET`,
 * and nothing that a value holds makes {@link read} throw.
 *
 * A line that a container runtime cut into pieces is put together within a value only: positions in Kafka stand between
 * records, and what is half read there would be lost with them.
 */
export class ValueReader {
  /** Where observations go from now on. */
  sink: ObservationSink;
  readonly #format;
  readonly #limit: number;
  readonly #endpoints = new EndpointTable();
  readonly #audit = new AuditDecoder();
  /** Undefined when the format says that no flow stands by itself. */
  readonly #scanner: FlowScanner | undefined;

  constructor({ sink, format, maxValueBytes = MAX_VALUE_BYTES }: ValueReaderOptions) {
    this.sink = sink;
    this.#format = formatRule(format);
    this.#limit = maxValueBytes;
    this.#scanner = mayBeFlows(this.#format) ? new FlowScanner(this.#endpoints) : undefined;
  }

  /** Reports what a record holds. */
  read(topic: string, partition: number, { offset, value }: KafkaRecord): void {
    if (value === null) {
      this.sink.otherEvent("tombstone");
    } else if (!this.#readFlow(value)) {
      this.#readOther(value, { topic, partition, offset });
    }
  }

  /** Nearly always a value is one flow, which takes no copy and no text then. */
  #readFlow(value: Buffer): boolean {
    const isBraced = value[0] === OPEN_BRACE && value.length <= this.#limit;
    const record = isBraced ? this.#scanner?.scan(value, 0, value.length) : undefined;
    if (record === undefined) {
      return false;
    }
    this.sink.flow(record);
    return true;
  }

  #readOther(value: Buffer, place: RecordPlace): void {
    if (value.length > this.#limit) {
      this.#rejectLong(place);
      return;
    }
    const codec = compressionOf(value);
    const plain = codec === undefined ? value : this.#unpacked(codec, value, place);
    if (plain === undefined) {
      return;
    }
    const bytes = plain.subarray(schemaPrefix(plain));
    const { skip, refusal } = sniff(bytes.subarray(0, SNIFF_BYTES));
    if (refusal !== undefined) {
      this.#reject(refusal.reason, place, refusal.detail);
      return;
    }
    const text = bytes.subarray(skip);
    if (text.length === value.length || !this.#readFlow(text)) {
      this.#readText(text, place);
    }
  }

  #readText(bytes: Buffer, place: RecordPlace): void {
    const end = trimmedEnd(bytes);
    if (end === 0) {
      this.sink.otherEvent("empty-value");
      return;
    }
    const newline = bytes.indexOf(NEWLINE);
    if (newline < 0 || newline >= end) {
      this.#readLine(bytes.toString("utf8", 0, end), place);
    } else {
      this.#readLines(bytes, place);
    }
  }

  #readLine(text: string, place: RecordPlace): void {
    const decoder = new RecordDecoder({ ...this.#decoding(place), sink: this.sink });
    if (!decoder.line(text, WHOLE)) {
      decoder.text(text, WHOLE);
    }
    decoder.end(undefined);
  }

  #readLines(bytes: Buffer, place: RecordPlace): void {
    const reader = new RecordReader({
      ...this.#decoding(place),
      sink: this.sink,
      scanner: this.#scanner,
      onlyLogs: false,
      chunkBytes: bytes.length,
    });
    reader.push(bytes);
    reader.end();
  }

  #decoding(place: RecordPlace) {
    return {
      source: sourceOf(place),
      format: this.#format,
      endpoints: this.#endpoints,
      audit: this.#audit,
      maxRecordBytes: this.#limit,
    };
  }

  #unpacked(codec: CodecName, value: Buffer, place: RecordPlace): Buffer | undefined {
    try {
      return unpack(codec, value, this.#limit);
    } catch (error) {
      if (!(error instanceof UnpackingError)) {
        throw error;
      }
      if (error.tooLarge) {
        this.#rejectLong(place);
      } else {
        this.#reject("binary-encoding", place, `the value is packed with ${codec} and damaged: ${error.message}`);
      }
      return undefined;
    }
  }

  #rejectLong(place: RecordPlace): void {
    this.#reject("too-long", place, `the value is longer than ${this.#limit} bytes; split it where it is written`);
  }

  #reject(reason: RejectionReason, place: RecordPlace, detail: string): void {
    this.sink.rejected({ reason, place: { source: sourceOf(place), line: undefined }, detail });
  }
}

const WHOLE = { line: undefined, quiet: false } as const;

function sourceOf({ topic, partition, offset }: RecordPlace): string {
  return `${topic}/${partition}@${offset}`;
}

/** JSON that a schema registry's serializer wrote is JSON behind its prefix; Avro and Protobuf are not. */
function schemaPrefix(bytes: Buffer): number {
  const first = bytes[SCHEMA_PREFIX];
  return bytes[0] === 0 && (first === OPEN_BRACE || first === OPEN_BRACKET) ? SCHEMA_PREFIX : 0;
}

function trimmedEnd(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] ?? 0) <= SPACE) {
    end--;
  }
  return end;
}
