import { setTimeout as sleep } from "node:timers/promises";
import type { Admin } from "kafkajs";
import type { KafkaClient } from "./client.ts";
import { explain } from "./failures.ts";
import { unavailable } from "./unavailable.ts";

/** Pauses before a question is asked again, in milliseconds; a broker that restarts is away for some seconds. */
const PAUSES = [200, 1000, 3000];

/**
 * Asks a cluster about itself. kafkajs keeps asking about each topic it was ever asked about, so that one that was
 * deleted spoils every later answer: after a failure it starts afresh.
 */
export class Questions {
  readonly #client: KafkaClient;
  #admin: Admin;

  constructor(client: KafkaClient) {
    this.#client = client;
    this.#admin = this.#fresh();
  }

  /** One attempt, for the next broker of the list; throws what kafkajs throws. */
  async connect(): Promise<void> {
    await this.#admin.connect();
  }

  /** One attempt; throws what kafkajs throws. */
  async cluster(): Promise<{ readonly id: string; readonly brokers: number }> {
    const { clusterId, brokers } = await this.#admin.describeCluster();
    return { id: clusterId, brokers: brokers.length };
  }

  /**
   * @param topics what is asked about, for the error
   * @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE
   */
  async ask<Answer>(question: (admin: Admin) => Promise<Answer>, topics: readonly string[] = []): Promise<Answer> {
    for (const pause of [...PAUSES, undefined]) {
      try {
        await this.#admin.connect();
        return await question(this.#admin);
      } catch (error) {
        const failure = explain(error, this.#client.scene(topics));
        await this.#startAfresh();
        if (!failure.passing || pause === undefined) {
          throw failure.error;
        }
        await sleep(pause);
      }
    }
    throw unavailable("Kafka gave no answer", "Try again.");
  }

  async close(): Promise<void> {
    await this.#admin.disconnect().catch((error: unknown) => this.#client.log(String(error)));
  }

  async #startAfresh(): Promise<void> {
    await this.close();
    this.#admin = this.#fresh();
  }

  #fresh(): Admin {
    return this.#client.kafka(0).admin();
  }
}
