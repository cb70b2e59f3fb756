import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, type Producer } from "kafkajs";
import type { KafkaRecord } from "../../testbed/kafka-records.ts";

/** Writes records over and over, as fast as told, until it is stopped. */
export class SteadyProducer {
  written = 0;
  readonly #records: readonly KafkaRecord[];
  readonly #perSecond: number;
  readonly #producer: Producer;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(brokers: string, records: readonly KafkaRecord[], perSecond: number) {
    this.#records = records;
    this.#perSecond = perSecond;
    const kafka = new Kafka({
      clientId: "shipper",
      brokers: brokers.split(","),
      logLevel: logLevel.NOTHING,
      retry: { retries: 60, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    this.#producer = kafka.producer();
  }

  async start(): Promise<void> {
    await this.#producer.connect();
    this.#running = this.#run();
    // Whoever stops it hears what went wrong.
    this.#running.catch(() => {});
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.#producer.disconnect();
  }

  async #run(): Promise<void> {
    const size = Math.ceil(this.#perSecond / 20);
    for (let at = 0; !this.#stopped; at = (at + size) % this.#records.length) {
      const records = this.#records.slice(at, at + size);
      const topic = records[0]?.topic ?? "";
      const messages = records.map(({ key, value }) => ({ key: bytes(key), value: bytes(value) }));
      await this.#producer.send({ topic, messages, acks: -1 });
      this.written += messages.length;
      await sleep(50);
    }
  }
}

function bytes(text: string | Uint8Array | null | undefined): Buffer | null {
  return text === null || text === undefined ? null : Buffer.from(text);
}
