import { expect, vi } from "vitest";
import type {
  KafkaBatch,
  KafkaConnection,
  KafkaReader,
  PartitionStart,
  TopicPartition,
} from "../../src/collectors/kafka/port.ts";

/** For what happens in a moment, on a machine that has much else to do. */
export const PATIENCE = { timeout: 60_000, interval: 50 };

/** A connection without TLS and login. */
export function plainConnection(brokers: string, group: string): KafkaConnection {
  return {
    brokers: brokers.split(","),
    clientId: "netlearn-test",
    group,
    rack: undefined,
    tls: undefined,
    sasl: undefined,
  };
}

/** Keeps what it is given, and the order of the calls. Two calls at a time are a fault. */
export class RecordingReader implements KafkaReader {
  readonly batches: KafkaBatch[] = [];
  readonly assignments: (readonly TopicPartition[])[] = [];
  idles = 0;
  /** Where each partition begins: the offset behind what was read of it, unless told. */
  startAt: (partition: TopicPartition) => number = (partition) => this.nextOf(partition.topic, partition.partition);
  /** What is done with a batch besides. */
  onBatch: (batch: KafkaBatch) => Promise<void> | void = () => {};
  #isBusy = false;

  async assigned(partitions: readonly TopicPartition[]): Promise<readonly PartitionStart[]> {
    return await this.#alone(async () => {
      this.assignments.push(partitions);
      await Promise.resolve();
      return partitions.map((partition) => ({ ...partition, offset: this.startAt(partition) }));
    });
  }

  async batch(batch: KafkaBatch): Promise<void> {
    await this.#alone(async () => {
      await this.onBatch(batch);
      this.batches.push(batch);
    });
  }

  async idle(): Promise<void> {
    await this.#alone(async () => {
      this.idles++;
      await Promise.resolve();
    });
  }

  /** Offsets delivered of a partition, in the order they came. */
  offsets(topic: string, partition = 0): readonly number[] {
    return this.#of(topic, partition).flatMap(({ records }) => records.map(({ offset }) => offset));
  }

  values(topic: string, partition = 0): readonly (string | undefined)[] {
    return this.#of(topic, partition).flatMap(({ records }) => records.map(({ value }) => value?.toString()));
  }

  /** The position behind the last batch of a partition. */
  nextOf(topic: string, partition = 0): number {
    return this.#of(topic, partition).at(-1)?.next ?? 0;
  }

  async untilNext(topic: string, next: number, partition = 0): Promise<void> {
    await vi.waitFor(() => expect(this.nextOf(topic, partition)).toBe(next), PATIENCE);
  }

  /** Until brokers had nothing new for one more time. */
  async untilIdle(): Promise<void> {
    const before = this.idles;
    await vi.waitFor(() => expect(this.idles).toBeGreaterThan(before), PATIENCE);
  }

  #of(topic: string, partition: number): readonly KafkaBatch[] {
    return this.batches.filter((batch) => batch.topic === topic && batch.partition === partition);
  }

  async #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isBusy) {
      throw new Error("the reader was called while it was at work");
    }
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }
}
