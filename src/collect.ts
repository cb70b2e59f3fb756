import { hostname } from "node:os";
import type { Readable } from "node:stream";
import type { Progress } from "./collectors/file/collect-options.ts";
import { findInputs } from "./collectors/file/inputs.ts";
import { inputFormat } from "./collectors/formats/input-format.ts";
import type { KafkaCluster, KafkaConnection } from "./collectors/kafka/port.ts";
import { matchTopics } from "./collectors/kafka/topics.ts";
import { ValueReader } from "./collectors/kafka/value-reader.ts";
import type { FileCollectChoice, KafkaCollectOptions } from "./config/collect-options.ts";
import { mergeCells } from "./graph/merge-cells.ts";
import { collectFilesInto, type FileRunResult } from "./ingest/collect-files.ts";
import type { CollectorParts } from "./ingest/kafka-collector.ts";
import type { IngestObserver } from "./ingest/observer.ts";
import { type KafkaRunResult, runKafka } from "./ingest/run-kafka.ts";
import type { StateStore } from "./model/state.ts";
import { stateName } from "./state.ts";
import { openState } from "./store/open.ts";

export { stateName } from "./state.ts";

/** Opens a Kafka cluster; throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE`, or the signal's reason. */
export type ConnectKafka = (
  connection: KafkaConnection,
  options: { readonly signal: AbortSignal; readonly log?: (line: string) => void },
) => Promise<KafkaCluster>;

/** What is known once reading begins. */
export interface Beginning {
  /** The state, for people: no password. */
  readonly state: string;
  readonly store: StateStore;
  readonly topics: readonly string[];
}

/** What collecting gets from the process around it. */
export interface CollectIo {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly observer: IngestObserver;
  readonly begun: (beginning: Beginning) => void;
  /** Nothing more is read, and the state is still open. */
  readonly ending?: () => Promise<void>;
  /** Hears what the Kafka client tells of its doings. */
  readonly log?: (line: string) => void;
  /** The network; undefined: the real one. */
  readonly connect?: ConnectKafka | undefined;
}

/** A delta is folded in at this many distinct things, whatever was asked: they are what memory depends on. */
const FLUSH_SIZE = 25_000;
/** How often topics are looked for that match a pattern and are new, milliseconds. */
const TOPIC_INTERVAL = 60_000;

/**
 * Reads topics into a state, each record once, until it has caught up or the signal aborts; what was read is folded in
 * then. The state is opened last, so that nothing is changed when Kafka can't be read.
 *
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE`, `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`; what was folded
 *   in before stays
 */
export async function collectKafka(options: KafkaCollectOptions, io: CollectIo): Promise<KafkaRunResult> {
  const { signal, log } = io;
  const connect = io.connect ?? (await import("./collectors/kafka/connect-kafka.ts")).connectKafka;
  await requireSecrets(options.connection);
  const cluster = await connect(options.connection, { signal, ...(log === undefined ? {} : { log }) });
  try {
    const topics = matchTopics(await cluster.topics(), options.topics);
    const store = await openState(options.state, { mode: "write", mergeCells });
    let isDone = false;
    try {
      io.begun({ state: stateName(options.state), store, topics });
      const parts = { cluster, store, read: valueReader(options), observer: io.observer, now: io.now };
      const result = await run(options, parts, io);
      isDone = true;
      return result;
    } finally {
      await (isDone ? store.close() : store.abandon());
    }
  } finally {
    await cluster.close();
  }
}

/** Secrets that can't be read are said before anything else is tried. */
async function requireSecrets({ sasl }: KafkaConnection): Promise<void> {
  if (sasl === undefined) return;
  await (sasl.mechanism === "oauthbearer" ? sasl.token() : sasl.password());
}

async function run(
  { topics, mode, start, flushInterval, flushRecords }: KafkaCollectOptions,
  parts: CollectorParts,
  { signal }: CollectIo,
): Promise<KafkaRunResult> {
  const limits = { flushInterval, flushRecords, flushSize: FLUSH_SIZE };
  return await runKafka(
    parts,
    { topics, mode, start, owner: ownName(), topicInterval: TOPIC_INTERVAL, ...limits },
    signal,
  );
}

function valueReader({ format }: KafkaCollectOptions): CollectorParts["read"] {
  let reader: ValueReader | undefined;
  return ({ topic, partition }, record, sink) => {
    reader ??= new ValueReader({ sink, format: inputFormat(format) });
    reader.sink = sink;
    reader.read(topic, partition, record);
  };
}

/** What collecting from files gets from the process around it. */
export interface FileCollectIo extends Pick<CollectIo, "signal" | "now" | "ending"> {
  readonly observer: Pick<IngestObserver, "folded">;
  readonly begun: (beginning: Omit<Beginning, "topics">) => void;
  readonly stdin: Readable;
  readonly notice: (text: string) => void;
  readonly progress: (progress: Progress) => void;
}

/**
 * Reads flow logs into a state, each byte of a file once, until they end or the signal aborts; what was read is folded in
 * then. Inputs are looked for first, so that no state is made for what is not there.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING`, `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`; what was folded in
 *   before stays
 */
export async function collectFiles(
  inputs: readonly string[],
  { state, format, flushInterval }: FileCollectChoice,
  io: FileCollectIo,
): Promise<FileRunResult> {
  const { signal, now, observer, stdin, notice, progress } = io;
  await findInputs(inputs, () => {});
  const store = await openState(state, { mode: "write", mergeCells });
  try {
    io.begun({ state: stateName(state), store });
    const limits = { flushSize: FLUSH_SIZE, flushInterval };
    const options = { ...limits, owner: ownName(), format: inputFormat(format), stdin, signal, notice, progress };
    const result = await collectFilesInto(inputs, { store, observer, now }, options);
    await io.ending?.();
    return result;
  } finally {
    await store.close();
  }
}

/** Names this process to people who look at the state. */
function ownName(): string {
  return `${hostname()}:${process.pid}`;
}
