import type { Broker } from "kafkajs";
import { UnpackingError } from "./codecs/codecs.ts";
import type { TopicPartition } from "./port.ts";

type FetchRequest = Parameters<Broker["fetch"]>[0];

/** What a broker answered about one partition. */
export interface FetchedPartition extends TopicPartition {
  /** The offset that was asked for. */
  readonly asked: number;
  /** Records that came, control records and those of aborted transactions among them. */
  readonly count: number;
  /** Behind the last record that may be read; undefined when the broker did not say. */
  readonly end: number | undefined;
}

/** Records that could not be read, and why. */
export interface UnreadableRecords extends TopicPartition {
  /** They are at or behind this offset. */
  readonly asked: number;
  /** Undefined when it is not the codec that failed. */
  readonly codec: string | undefined;
  readonly reason: string;
}

/** What of a cluster of kafkajs is observed. */
export interface FetchingCluster {
  findBroker(node: { nodeId: string }): Promise<FetchingBroker>;
}

interface FetchingBroker {
  fetch: Broker["fetch"];
}

/** Hears of each fetch of one consumer. */
export interface FetchObserver {
  asks(partition: TopicPartition, offset: number): void;
  answered(partitions: readonly FetchedPartition[]): void;
  unreadable(records: UnreadableRecords): void;
}

/**
 * Observes the fetches of one consumer of kafkajs, which by itself tells neither what it asked for nor that nothing
 * came, and in which partition something could not be unpacked.
 *
 * @param cluster the consumer's own, as it is handed to partition assigners
 */
export function observeFetches(cluster: FetchingCluster, observer: FetchObserver): void {
  const observed = new WeakSet<FetchingBroker>();
  const find = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await find(node);
    if (!observed.has(broker)) {
      observed.add(broker);
      const fetch = broker.fetch.bind(broker);
      broker.fetch = async (request) => await observedFetch(fetch, request, observer);
    }
    return broker;
  };
}

async function observedFetch(
  fetch: Broker["fetch"],
  request: FetchRequest,
  observer: FetchObserver,
): Promise<{ readonly responses: readonly unknown[] }> {
  for (const { topic, partitions } of request.topics) {
    for (const { partition, fetchOffset } of partitions) {
      observer.asks({ topic, partition }, Number(fetchOffset));
    }
  }
  try {
    const response: unknown = await fetch(request);
    const responses = list(response, "responses");
    observer.answered(responses.flatMap((one) => answersOf(one, request)));
    return { responses };
  } catch (error) {
    if (isDecodingError(error)) {
      await reportUnreadable(fetch, request, observer);
      return { responses: [] };
    }
    throw error;
  }
}

/** An error of the library's is about the protocol or the network; others come from bytes it could not make sense of. */
function isDecodingError(error: unknown): boolean {
  return (
    error instanceof UnpackingError || error instanceof RangeError || error instanceof TypeError || isBadVarInt(error)
  );
}

function isBadVarInt(error: unknown): boolean {
  return error instanceof Error && error.constructor.name === "KafkaJSInvalidVarIntError";
}

/** One partition that can't be read spoils the whole answer, which does not say which one it is: each is asked alone. */
async function reportUnreadable(fetch: Broker["fetch"], request: FetchRequest, observer: FetchObserver): Promise<void> {
  for (const { topic, partitions } of request.topics) {
    for (const one of partitions) {
      try {
        await fetch({ ...request, topics: [{ topic, partitions: [one] }] });
      } catch (error) {
        if (!isDecodingError(error)) {
          throw error;
        }
        observer.unreadable({
          topic,
          partition: one.partition,
          asked: Number(one.fetchOffset),
          codec: error instanceof UnpackingError ? error.codec : undefined,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
    }
  }
}

function answersOf(response: unknown, request: FetchRequest): readonly FetchedPartition[] {
  const topic = text(response, "topicName");
  const asked = request.topics.find((one) => one.topic === topic);
  if (topic === undefined || asked === undefined) {
    return [];
  }
  return list(response, "partitions").flatMap((answer) => {
    const { partition, fetchOffset } =
      asked.partitions.find((one) => one.partition === member(answer, "partition")) ?? {};
    if (partition === undefined || fetchOffset === undefined) {
      return [];
    }
    const stable = offset(text(answer, "lastStableOffset"));
    return {
      topic,
      partition,
      asked: Number(fetchOffset),
      count: list(answer, "messages").length,
      end: stable ?? offset(text(answer, "highWatermark")),
    };
  });
}

function offset(digits: string | undefined): number | undefined {
  const value = Number(digits ?? "-1");
  return value < 0 ? undefined : value;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function text(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === "string" ? found : undefined;
}

function list(value: unknown, name: string): readonly unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}
