import { hostname } from "node:os";
import { EndpointTable } from "./collectors/formats/hubble/endpoint.ts";
import { FlowScanner } from "./collectors/formats/hubble/scan.ts";
import { formatRule, inputFormat } from "./collectors/formats/input-format.ts";
import { matchTopics } from "./collectors/kafka/match-topics.ts";
import type { KafkaCluster, KafkaConnection } from "./collectors/kafka/port.ts";
import { RecordReader } from "./collectors/record-reader.ts";
import type { KafkaCollectOptions } from "./config/collect-options.ts";
import { mergeCells } from "./graph/merge-cells.ts";
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
  /** Hears what the Kafka client tells of its doings. */
  readonly log?: (line: string) => void;
  /** The network; undefined: the real one. */
  readonly connect?: ConnectKafka | undefined;
}

/** A delta is folded in at this many distinct things, whatever was asked: they are what memory depends on. */
const FLUSH_SIZE = 50_000;
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
    try {
      io.begun({ state: stateName(options.state), store, topics });
      return await run(
        options,
        { cluster, store, read: recordReader(options), observer: io.observer, now: io.now },
        io,
      );
    } finally {
      await store.close();
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
  const owner = `${hostname()}:${process.pid}`;
  const limits = { flushInterval, flushRecords, flushSize: FLUSH_SIZE };
  return await runKafka(parts, { topics, mode, start, owner, topicInterval: TOPIC_INTERVAL, ...limits }, signal);
}

const MAX_RECORD_BYTES = 16 * 1024 * 1024;

function recordReader({ format }: KafkaCollectOptions): CollectorParts["read"] {
  const endpoints = new EndpointTable();
  const scanner = new FlowScanner(endpoints);
  const rule = formatRule(inputFormat(format));
  return ({ topic, partition }, { offset, value }, sink) => {
    if (value === null) return sink.otherEvent("tombstone");
    const source = `${topic}/${partition}@${offset}`;
    const limits = { maxRecordBytes: MAX_RECORD_BYTES, onlyFlowLogs: false };
    const reader = new RecordReader({ source, sink, format: rule, endpoints, scanner, ...limits });
    reader.push(value);
    reader.end();
  };
}
