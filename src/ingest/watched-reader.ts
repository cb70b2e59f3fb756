import type { KafkaBatch, KafkaReader, PartitionStart, TopicPartition } from "../collectors/kafka/port.ts";
import { partitionKey } from "./held-partition.ts";
import type { KafkaCollector } from "./kafka-collector.ts";

/** Offsets that a run has to reach, by `partitionKey`. */
export type Targets = ReadonlyMap<string, number>;

/** So many answers without records, one after the other, say that what is left can't be read yet (open transactions). */
const IDLE_ANSWERS = 3;

/** A reader that knows whether there is more to come. */
export class WatchedReader implements KafkaReader {
  readonly #collector: KafkaCollector;
  #idle = 0;

  constructor(collector: KafkaCollector) {
    this.#collector = collector;
  }

  /** True when every partition assigned was read up to its target, or as far as it can be. */
  isAt(targets: Targets): boolean {
    const partitions = this.#collector.assignment;
    if (partitions === undefined) return false;
    if (this.#idle >= IDLE_ANSWERS) return true;
    return partitions.every((held) => {
      return held.unseenLandmark === undefined && held.next >= (targets.get(partitionKey(held)) ?? held.next);
    });
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<readonly PartitionStart[]> {
    this.#idle = 0;
    return await this.#collector.assigned(partitions);
  }

  async batch(batch: KafkaBatch): Promise<void> {
    this.#idle = 0;
    await this.#collector.batch(batch);
  }

  async idle(): Promise<void> {
    await this.#collector.idle();
    this.#idle++;
  }
}
