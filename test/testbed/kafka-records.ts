import { javaProgram, type KafkaAccess, linesOf } from "./java-program.ts";

/** A record to write. Text is UTF-8. */
export interface KafkaRecord {
  readonly topic: string;
  /** By the key's hash, or the producer's choice, unless told. */
  readonly partition?: number;
  readonly key?: string | Uint8Array | null;
  /** Null is a tombstone. */
  readonly value: string | Uint8Array | null;
  readonly headers?: readonly (readonly [string, string])[];
  /** Milliseconds since 1970: now unless told. */
  readonly timestamp?: number;
}

/**
 * What else a producer does between records. Those up to a `flush` (or the end) make one batch a partition, where they
 * fit in. `begin`, `commit` and `abort` need the setting `transactional.id`; a transaction that is open at the end stays
 * open until the broker loses patience.
 */
export interface ProduceStep {
  readonly step: "flush" | "begin" | "commit" | "abort";
}

export type Codec = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** Where a record went. */
export interface Ack {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
}

/** A record as it was read. */
export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, string])[];
}

/** Whatever waits is sent by a flush, so that a batch holds what a test puts between two of them. */
const BATCHING = { "linger.ms": 600_000, "batch.size": 900_000, "delivery.timeout.ms": 700_000 };

/**
 * Writes with the client of Kafka itself, which has all codecs, and returns where each record went, in their order.
 *
 * @throws Error with what the client says when a record is not taken
 */
export async function produce(
  access: KafkaAccess,
  steps: Iterable<KafkaRecord | ProduceStep>,
  codec: Codec = "none",
): Promise<readonly Ack[]> {
  const settings = { ...BATCHING, "compression.type": codec, ...access.settings };
  const lines = await linesOf(javaProgram({ ...access, settings }, "Produce"), linesFor(steps));
  return lines.map((line): Ack => JSON.parse(line));
}

function* linesFor(steps: Iterable<KafkaRecord | ProduceStep>): Generator<string> {
  for (const step of steps) {
    if ("step" in step) yield JSON.stringify(step);
    else {
      const headers = (step.headers ?? []).map(([name, value]) => [name, base64(value)]);
      yield JSON.stringify({ ...step, key: base64(step.key), value: base64(step.value), headers });
    }
  }
}

function base64(content: string | Uint8Array | null | undefined): string | null {
  return content === null || content === undefined ? null : Buffer.from(content).toString("base64");
}

/** What a topic holds at the moment, by partition and offset; with transactions that are neither aborted nor open. */
export async function readTopic(access: KafkaAccess, topic: string): Promise<readonly ReadRecord[]> {
  const settings = { "isolation.level": "read_committed", ...access.settings };
  const lines = await linesOf(javaProgram({ ...access, settings }, "Consume", [topic]), []);
  return lines
    .map((line): WireRecord => JSON.parse(line))
    .map(({ key, value, headers, ...place }) => ({
      ...place,
      key: bytesOf(key),
      value: bytesOf(value),
      headers: headers.map(([name, text]) => [name, Buffer.from(text, "base64").toString("utf8")] as const),
    }))
    .toSorted((one, other) => one.partition - other.partition || one.offset - other.offset);
}

interface WireRecord extends Omit<ReadRecord, "key" | "value"> {
  readonly key: string | null;
  readonly value: string | null;
}

function bytesOf(text: string | null): Buffer | null {
  return text === null ? null : Buffer.from(text, "base64");
}
