import { by } from "../../lib/sort.ts";
import type { FetchedPartition } from "./fetches.ts";
import type { PartitionStart, TopicPartition } from "./port.ts";

/** What is known about reading one partition of the assignment. */
export interface Slot extends TopicPartition {
  /** The offset that is to be asked for next. */
  position: number | undefined;
  /** True until the position was asked for: what comes before is from another one. */
  seeking: boolean;
  /** What the answer at hand was asked for, and the end the broker gave with it. */
  asked: number | undefined;
  end: number | undefined;
  /** True when the broker had nothing at the position. */
  quiet: boolean;
  /** True when the reader refused a batch, or gave no offset to begin at: nothing more is delivered. */
  closed: boolean;
}

/** The partitions of an assignment. */
export class PartitionSlots {
  readonly #slots = new Map<string, Slot>();

  constructor(assignment: Readonly<Record<string, readonly number[]>>) {
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        this.#slots.set(keyOf({ topic, partition }), {
          topic,
          partition,
          position: undefined,
          seeking: false,
          asked: undefined,
          end: undefined,
          quiet: false,
          closed: true,
        });
      }
    }
  }

  /** By topic and partition. */
  get partitions(): readonly TopicPartition[] {
    return [...this.#slots.values()]
      .map(({ topic, partition }) => ({ topic, partition }))
      .toSorted((a, b) => by<TopicPartition>(({ topic }) => topic)(a, b) || a.partition - b.partition);
  }

  get(partition: TopicPartition): Slot | undefined {
    return this.#slots.get(keyOf(partition));
  }

  /** Reads on from another offset. False for partitions that are not assigned. */
  moveTo({ topic, partition, offset }: PartitionStart): boolean {
    const slot = this.get({ topic, partition });
    if (slot !== undefined) {
      slot.position = offset;
      slot.seeking = true;
      slot.quiet = false;
      slot.closed = false;
    }
    return slot !== undefined;
  }

  asks(partition: TopicPartition, offset: number): void {
    const slot = this.get(partition);
    if (slot !== undefined && slot.position === offset) {
      slot.seeking = false;
    }
  }

  answered(answer: FetchedPartition): void {
    const slot = this.get(answer);
    if (slot !== undefined) {
      slot.asked = answer.asked;
      slot.end = answer.end;
      slot.quiet = answer.count === 0 && !slot.seeking && answer.asked === slot.position;
    }
  }

  /** True when brokers had nothing new at any position. */
  get quiet(): boolean {
    const open = [...this.#slots.values()].filter(({ closed }) => !closed);
    return open.every(({ quiet }) => quiet) && (open.length > 0 || this.#slots.size === 0);
  }

  /** From now on each has to be asked again before all are quiet. */
  wake(): void {
    for (const slot of this.#slots.values()) {
      slot.quiet = false;
    }
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** Partitions as kafkajs takes them. */
export function byTopic(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, some]) => ({
    topic,
    partitions: some.map(({ partition }) => partition),
  }));
}
