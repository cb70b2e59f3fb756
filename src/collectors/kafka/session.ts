import type { Consumer, EachBatchPayload } from "kafkajs";
import type { KafkaClient } from "./client.ts";
import type { ConsumerListener } from "./consumer.ts";
import { heartbeatMs, makeConsumer } from "./consumer.ts";
import type { FetchedPartition, UnreadableRecords } from "./fetches.ts";
import type { Slot } from "./partition-slots.ts";
import { byTopic, PartitionSlots } from "./partition-slots.ts";
import type { KafkaBatch, KafkaReader, PartitionStart, TopicPartition } from "./port.ts";
import { toRecord } from "./records.ts";
import type { Turns } from "./turns.ts";
import { unavailable } from "./unavailable.ts";

/** Whose session it is: hears how it goes. */
export interface SessionOwner {
  /** A broker answered. */
  alive(): void;
  /** Reading can't go on, and trying again won't help. */
  failed(error: unknown): void;
  /** The consumer gave up; another one may do better. */
  crashed(error: unknown): void;
}

/** What a session works with. */
export interface SessionParts {
  readonly client: KafkaClient;
  readonly reader: KafkaReader;
  /** Calls of the reader, of all sessions one after the other. */
  readonly turns: Turns;
  /** How many brokers the cluster has. */
  readonly brokers: number;
}

/**
 * One consumer of kafkajs from its first connection to its end. kafkajs fetches on its own from where the group has
 * committed; here each assignment is paused until the reader has said where to begin, and what was fetched from
 * elsewhere is dropped.
 */
export class Session implements ConsumerListener {
  readonly consumer: Consumer;
  readonly #parts: SessionParts;
  readonly #owner: SessionOwner;
  #slots = new PartitionSlots({});
  /** True once the reader has said where the partitions of this assignment begin. */
  #isReading = false;
  #isMember = false;
  #isOver = false;
  #idleWaits = false;
  #beat: (() => Promise<void>) | undefined;

  constructor(parts: SessionParts, owner: SessionOwner) {
    this.#parts = parts;
    this.#owner = owner;
    this.consumer = makeConsumer(parts.client, parts.brokers, this);
  }

  /** From now on the reader is not called any more, but for the call that is running. */
  end(): void {
    this.#isOver = true;
  }

  seek(starts: readonly PartitionStart[]): void {
    for (const start of starts) {
      if (this.#isMember && this.#slots.moveTo(start)) {
        this.consumer.seek({ topic: start.topic, partition: start.partition, offset: String(start.offset) });
      }
    }
  }

  /** While no batch is read, kafkajs sends heartbeats between its fetches. */
  async heartbeat(): Promise<void> {
    await this.#beat?.();
    if (!this.#isMember) {
      throw unavailable("the consumer group is distributing its partitions anew", "It goes on by itself.");
    }
  }

  joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    if (this.#isOver) {
      return;
    }
    const slots = new PartitionSlots(assignment);
    this.#slots = slots;
    this.#isReading = false;
    this.#isMember = true;
    this.#owner.alive();
    this.consumer.pause(byTopic(slots.partitions));
    this.#inTurn(slots, async () => {
      const starts = await this.#parts.reader.assigned(slots.partitions);
      if (this.#isCurrent(slots)) {
        this.seek(starts);
        this.#isReading = true;
        this.consumer.resume(byTopic(starts.filter((start) => slots.get(start) !== undefined)));
      }
    });
  }

  left(): void {
    this.#isMember = false;
  }

  asks(partition: TopicPartition, offset: number): void {
    this.#slots.asks(partition, offset);
  }

  answered(answers: readonly FetchedPartition[]): void {
    this.#owner.alive();
    answers.forEach((answer) => this.#slots.answered(answer));
  }

  fetched(): void {
    const slots = this.#slots;
    if (!this.#isReading || this.#idleWaits || !slots.quiet) {
      return;
    }
    this.#idleWaits = true;
    this.#inTurn(slots, async () => {
      this.#idleWaits = false;
      if (slots.quiet) {
        slots.wake();
        await this.#parts.reader.idle();
      }
    });
  }

  unreadable({ topic, partition, asked, codec, reason }: UnreadableRecords): void {
    const what = codec === undefined ? "can't be read" : `are packed with ${codec} and can't be unpacked`;
    this.#owner.failed(
      unavailable(
        `records of ${topic}/${partition} at or behind offset ${asked} ${what}: ${reason}`,
        "If they are damaged, delete them (kafka-delete-records) and start again; what was read before is kept.",
      ),
    );
  }

  crashed(error: unknown): void {
    this.#isMember = false;
    if (!this.#isOver) {
      this.#owner.crashed(error);
    }
  }

  nothingIn(partition: TopicPartition, last: number): void {
    const slots = this.#slots;
    const slot = slots.get(partition);
    const from = slot?.asked;
    if (!this.#isReading || slot === undefined || slot.closed || slot.seeking || from === undefined) {
      return;
    }
    this.#inTurn(slots, async () => {
      if (!slot.seeking && !slot.closed) {
        await this.#deliver(slot, { ...partition, from, records: [], next: last + 1, end: endOf(slot, last + 1) });
      }
    });
  }

  async batch(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const slots = this.#slots;
    const slot = slots.get(batch);
    if (!this.#isReading || slot === undefined || isStale(slot, payload)) {
      return;
    }
    const stopBeating = this.#keepBeating(payload);
    try {
      await this.#parts.turns.take(async () => {
        if (!this.#isCurrent(slots) || isStale(slot, payload)) {
          return;
        }
        const last = batch.lastOffset();
        const next = Number(last) + 1;
        const { topic, partition, messages } = batch;
        const from = slot.asked ?? next;
        const taken = await this.#deliver(slot, {
          topic,
          partition,
          from,
          records: messages.map(toRecord),
          next,
          end: endOf(slot, next),
        });
        if (taken && this.#isCurrent(slots)) {
          payload.resolveOffset(last);
        }
      });
    } finally {
      stopBeating();
    }
  }

  /** False when the reader is somewhere else now. */
  async #deliver(slot: Slot, batch: KafkaBatch): Promise<boolean> {
    try {
      await this.#parts.reader.batch(batch);
    } catch (error) {
      slot.closed = true;
      this.consumer.pause(byTopic([slot]));
      this.#parts.client.log(`${slot.topic}/${slot.partition} is not read on: ${String(error)}`);
      return false;
    }
    if (slot.seeking) {
      return false;
    }
    slot.position = batch.next;
    return true;
  }

  /** Sends heartbeats until it is told to stop. */
  #keepBeating(payload: EachBatchPayload): () => void {
    const heartbeat = async (): Promise<void> => await payload.heartbeat();
    this.#beat = heartbeat;
    const timer = setInterval(() => {
      heartbeat().catch(() => {
        // kafkajs asks again after the batch, and joins again then.
        this.#isMember = false;
      });
    }, heartbeatMs(this.#parts.client));
    return () => {
      clearInterval(timer);
      this.#beat = undefined;
    };
  }

  #isCurrent(slots: PartitionSlots): boolean {
    return !this.#isOver && this.#slots === slots;
  }

  /** Calls the reader when it is free, unless the assignment is another one by then. Its failures end everything. */
  #inTurn(slots: PartitionSlots, work: () => Promise<void>): void {
    this.#parts.turns
      .take(async () => {
        if (this.#isCurrent(slots)) {
          await work();
        }
      })
      .catch((error: unknown) => this.#owner.failed(error));
  }
}

function isStale(slot: Slot, payload: EachBatchPayload): boolean {
  const { batch } = payload;
  const fetched = "fetchedOffset" in batch ? Number(batch.fetchedOffset) : slot.asked;
  return slot.closed || slot.seeking || fetched !== slot.asked || payload.isStale() || !payload.isRunning();
}

function endOf(slot: Slot, next: number): number {
  return Math.max(slot.end ?? next, next);
}
