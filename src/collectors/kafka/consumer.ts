import type { Consumer, EachBatchPayload } from "kafkajs";
import type { KafkaClient } from "./client.ts";
import type { FetchObserver } from "./fetches.ts";
import { observeFetches } from "./fetches.ts";
import type { TopicPartition } from "./port.ts";

/** Hears what a consumer of kafkajs does. */
export interface ConsumerListener extends FetchObserver {
  joined(assignment: Readonly<Record<string, readonly number[]>>): void;
  /** The membership was lost, or is about to change. */
  left(): void;
  /** Records came; the next ones come when the promise settles. */
  batch(payload: EachBatchPayload): Promise<void>;
  /** Something was there, of which nothing is for readers; `last` is its last offset. */
  nothingIn(partition: TopicPartition, last: number): void;
  /** All brokers were asked, whatever came of it. */
  fetched(): void;
  /** The consumer gave up and has left the group. */
  crashed(error: unknown): void;
}

const RETRIES = 6;
const SESSION_TIMEOUT_MS = 30_000;
const REBALANCE_TIMEOUT_MS = 60_000;

/** How long a broker waits for records; leaving takes as long. */
const LONGEST_WAIT_MS = 500;
/** How soon new partitions are noticed. */
const METADATA_AGE_MS = 30_000;
/**
 * Packed bytes of one answer, and of one partition in it: one with zstd unfolds to twenty times as much, and each broker
 * answers for itself. Larger records come all the same, one an answer.
 */
const ANSWER_BYTES = 1 << 20;
const PARTITION_BYTES = 256 << 10;

/** How often a member says that it lives: ten times within the time after which it counts as dead. */
export function heartbeatMs({ connection }: KafkaClient): number {
  return (connection.sessionTimeout ?? SESSION_TIMEOUT_MS) / 10;
}

/** A consumer that is not connected yet. */
export function makeConsumer(client: KafkaClient, brokers: number, listener: ConsumerListener): Consumer {
  const { PartitionAssigners } = client.library;
  const maxBytes = Math.max(PARTITION_BYTES, Math.floor(ANSWER_BYTES / Math.max(brokers, 1)));
  const consumer = client.kafka(RETRIES).consumer({
    groupId: client.connection.group,
    partitionAssigners: [
      (config) => {
        observeFetches(config.cluster, listener);
        return PartitionAssigners.roundRobin(config);
      },
    ],
    rackId: client.connection.rack ?? "",
    allowAutoTopicCreation: false,
    sessionTimeout: client.connection.sessionTimeout ?? SESSION_TIMEOUT_MS,
    rebalanceTimeout: REBALANCE_TIMEOUT_MS,
    heartbeatInterval: heartbeatMs(client),
    maxWaitTimeInMs: LONGEST_WAIT_MS,
    metadataMaxAge: METADATA_AGE_MS,
    maxBytesPerPartition: Math.min(PARTITION_BYTES, maxBytes),
    maxBytes,
    retry: { retries: RETRIES, restartOnFailure: async () => false },
  });
  listen(consumer, listener);
  return consumer;
}

function listen(consumer: Consumer, listener: ConsumerListener): void {
  const { GROUP_JOIN, REBALANCING, CRASH, FETCH, START_BATCH_PROCESS } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => listener.joined(payload.memberAssignment));
  consumer.on(REBALANCING, () => listener.left());
  consumer.on(CRASH, ({ payload }) => listener.crashed(payload.error));
  consumer.on(FETCH, () => listener.fetched());
  consumer.on(START_BATCH_PROCESS, ({ payload: { topic, partition, batchSize, lastOffset } }) => {
    if (batchSize === 0) {
      listener.nothingIn({ topic, partition }, Number(lastOffset));
    }
  });
}

/**
 * Connects, and joins the group; kafkajs goes on by itself then.
 *
 * @throws what kafkajs throws; what goes wrong with the group is a crash that the listener hears of before this returns
 */
export async function runConsumer(
  consumer: Consumer,
  topics: readonly string[],
  listener: ConsumerListener,
): Promise<void> {
  await consumer.connect();
  // From the beginning: what to do where the partition has not the offset that is asked for, so that nothing is skipped.
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: async (payload) => await listener.batch(payload),
  });
}
