import { setTimeout as sleep } from "node:timers/promises";
import { by } from "../../lib/sort.ts";
import type { KafkaLimits } from "./client.ts";
import { KAFKA_LIMITS, KafkaClient } from "./client.ts";
import { explain } from "./failures.ts";
import type {
  KafkaCluster,
  KafkaConnection,
  KafkaReader,
  KafkaSubscription,
  PartitionExtent,
  PartitionStart,
} from "./port.ts";
import { Questions } from "./questions.ts";
import { Subscription } from "./subscription.ts";
import { missingTopics } from "./topics.ts";
import { Turns } from "./turns.ts";

export interface ConnectOptions {
  /** Ends the attempts to connect, with its reason. */
  readonly signal: AbortSignal;
  /** Hears what the client has to tell of its doings, a line each: nothing a person needs, unless something is wrong. */
  readonly log?: (line: string) => void;
  readonly limits?: KafkaLimits;
}

/**
 * Connects to a Kafka cluster: the first of its brokers that answers within 15 seconds.
 *
 * @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE with what is wrong: unreachable, TLS, credentials, addresses
 * @throws the signal's reason
 */
export async function connectKafka(connection: KafkaConnection, options: ConnectOptions): Promise<KafkaCluster> {
  const { signal, log = () => {}, limits = KAFKA_LIMITS } = options;
  const client = await KafkaClient.open(connection, { log, limits });
  const questions = new Questions(client);
  try {
    await untilConnected(client, questions, signal);
    return new Cluster(client, questions, await questions.cluster());
  } catch (error) {
    await questions.close();
    signal.throwIfAborted();
    throw explain(error, client.scene()).error;
  }
}

/** Each attempt is for another broker of the list. */
async function untilConnected(client: KafkaClient, questions: Questions, signal: AbortSignal): Promise<void> {
  const late = AbortSignal.timeout(client.limits.connectMs);
  for (let attempts = 1; ; attempts++) {
    signal.throwIfAborted();
    try {
      return await unlessAborted(questions.connect(), signal);
    } catch (error) {
      const { passing } = explain(error, client.scene());
      const triedAll = attempts >= client.connection.brokers.length;
      if ((!passing && triedAll) || late.aborted) {
        throw error;
      }
      await sleep(triedAll ? PAUSE_MS : 0, undefined, { signal });
    }
  }
}

const PAUSE_MS = 500;

async function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

class Cluster implements KafkaCluster {
  readonly id: string;
  readonly #client: KafkaClient;
  readonly #questions: Questions;
  readonly #brokers: number;
  readonly #subscriptions = new Set<Subscription>();

  constructor(client: KafkaClient, questions: Questions, described: { readonly id: string; readonly brokers: number }) {
    this.#client = client;
    this.#questions = questions;
    this.#brokers = described.brokers;
    this.id = described.id;
  }

  async topics(): Promise<readonly string[]> {
    const names = await this.#questions.ask((admin) => admin.listTopics());
    return names.filter((name) => !name.startsWith("__")).toSorted(by((name) => name));
  }

  async extents(topic: string): Promise<readonly PartitionExtent[]> {
    const offsets = await this.#questions.ask((admin) => admin.fetchTopicOffsets(topic), [topic]);
    return offsets
      .map(({ partition, low, high }) => ({ topic, partition, start: Number(low), end: Number(high) }))
      .toSorted((a, b) => a.partition - b.partition);
  }

  async offsetsAt(topic: string, time: number): Promise<readonly PartitionStart[]> {
    const offsets = await this.#questions.ask((admin) => admin.fetchTopicOffsetsByTimestamp(topic, time), [topic]);
    return offsets
      .map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }))
      .toSorted((a, b) => a.partition - b.partition);
  }

  async subscribe(topics: readonly string[], reader: KafkaReader): Promise<KafkaSubscription> {
    const missing = missingTopics(topics, await this.topics());
    if (missing !== undefined) {
      throw missing;
    }
    const subscription = new Subscription(topics, {
      client: this.#client,
      reader,
      turns: new Turns(),
      brokers: this.#brokers,
    });
    await subscription.start();
    this.#subscriptions.add(subscription);
    return subscription;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#subscriptions].map(async (subscription) => await subscription.stop()));
    await this.#questions.close();
  }
}
