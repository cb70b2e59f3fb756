import type { KafkaRecord, TopicPartition } from "../collectors/kafka/port.ts";
import type { Advance, Claim } from "../model/state.ts";
import { landmarkOf } from "./landmark.ts";

/** A partition that this collector reads, and how far it is. */
export class HeldPartition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly claim: Claim;
  /** The offset that is fetched from next. */
  fetch: number;
  /** Offset of the first record that is not in the delta or in the state. */
  next: number;
  /** Offset behind the last record that may be read, as last heard. */
  end: number;
  /** The record before {@link next} has to be the one this names; undefined once that was seen, or can't be. */
  unseenLandmark: string | undefined;
  /** What the state has. */
  #folded: number | undefined;
  #foldedLandmark: string | undefined;
  #last: KafkaRecord | undefined;

  constructor(
    { topic, partition }: TopicPartition,
    claim: Claim,
    start: { readonly fetch: number; readonly next: number; readonly end: number },
  ) {
    this.topic = topic;
    this.partition = partition;
    this.claim = claim;
    this.fetch = start.fetch;
    this.next = start.next;
    this.end = start.end;
    this.#folded = claim.next;
    this.#foldedLandmark = claim.landmark;
  }

  /** Records behind {@link next}. */
  get lag(): number {
    return Math.max(0, this.end - this.next);
  }

  /** A record went into the delta, or was found to be nothing for it. */
  took(record: KafkaRecord): void {
    this.next = record.offset + 1;
    this.#last = record;
  }

  /** What the next fold brings this partition to; undefined when it has not moved. */
  advance(): Advance | undefined {
    // A topic made anew may be read up to the very offset that was reached before: its last record is another one then.
    if (this.next === this.#folded && this.#last === undefined) return undefined;
    const { source, epoch } = this.claim;
    const landmark = this.#last === undefined ? this.#foldedLandmark : landmarkOf(this.#last);
    return { source, epoch, from: this.#folded, next: this.next, landmark };
  }

  /** The state took {@link advance} over. */
  folded(advance: Advance): void {
    this.#folded = advance.next;
    this.#foldedLandmark = advance.landmark;
    this.#last = undefined;
  }
}

/** What a partition is called in the state. */
export function sourceOf(clusterId: string, partition: TopicPartition): string {
  return sourceOfKey(clusterId, partitionKey(partition));
}

/** {@link sourceOf} by the partition's name in memory. */
export function sourceOfKey(clusterId: string, key: string): string {
  return `kafka:${clusterId}/${key}`;
}

/** What a partition is called in memory. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
