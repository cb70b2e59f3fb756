import type {
  KafkaBatch,
  KafkaCluster,
  KafkaReader,
  KafkaRecord,
  KafkaSubscription,
  PartitionExtent,
  PartitionStart,
  TopicPartition,
} from "../../src/collectors/kafka/port.ts";
import { partitionKey } from "../../src/ingest/held-partition.ts";

/** One partition's log: offsets that hold no record are control records, or were compacted away. */
interface Log {
  start: number;
  end: number;
  records: KafkaRecord[];
}

export const TOPIC = "flows";

/** A topic and its group, as far as the port shows them: everything happens when the test says so. */
export class KafkaWorld implements KafkaCluster {
  readonly id = "world";
  logs: Log[];
  readonly members: Set<Member> = new Set();

  constructor(partitions: number) {
    this.logs = Array.from({ length: partitions }, () => ({ start: 0, end: 0, records: [] }));
  }

  append(partition: number, value: Buffer | null, timestamp = 0): void {
    const log = this.#log(partition);
    log.records.push({ offset: log.end, timestamp, value, headers: {} });
    log.end++;
  }

  /** An offset without a record. */
  skip(partition: number): void {
    this.#log(partition).end++;
  }

  /** Retention takes the oldest records, up to an offset. */
  expire(partition: number, start: number): void {
    const log = this.#log(partition);
    log.start = Math.min(Math.max(start, log.start), log.end);
    log.records = log.records.filter(({ offset }) => offset >= log.start);
  }

  /** The topic is deleted and made anew, with more partitions perhaps. */
  recreate(partitions: number): void {
    this.logs = Array.from({ length: partitions }, () => ({ start: 0, end: 0, records: [] }));
  }

  addPartition(): void {
    this.logs.push({ start: 0, end: 0, records: [] });
  }

  async topics(): Promise<readonly string[]> {
    return [TOPIC];
  }

  async extents(): Promise<readonly PartitionExtent[]> {
    return this.logs.map(({ start, end }, partition) => ({ topic: TOPIC, partition, start, end }));
  }

  async offsetsAt(_topic: string, time: number): Promise<readonly PartitionStart[]> {
    return this.logs.map(({ records, end }, partition) => {
      const found = records.find(({ timestamp }) => (timestamp ?? 0) >= time);
      return { topic: TOPIC, partition, offset: found?.offset ?? end };
    });
  }

  async subscribe(_topics: readonly string[], reader: KafkaReader): Promise<KafkaSubscription> {
    const member = new Member(this, reader);
    this.members.add(member);
    return member;
  }

  async close(): Promise<void> {}

  #log(partition: number): Log {
    const log = this.logs[partition];
    if (log === undefined) throw new Error(`no partition ${partition}`);
    return log;
  }
}

/** One consumer: it reads what it believes to be assigned to it, until it hears better. */
export class Member implements KafkaSubscription {
  readonly ended: Promise<void> = new Promise(() => {});
  readonly #world: KafkaWorld;
  readonly #reader: KafkaReader;
  readonly #fetch = new Map<string, PartitionStart>();
  /** False once the group has thrown it out and it does not know yet. */
  isMember = true;

  constructor(world: KafkaWorld, reader: KafkaReader) {
    this.#world = world;
    this.#reader = reader;
  }

  async assign(partitions: readonly number[]): Promise<void> {
    this.isMember = true;
    this.#fetch.clear();
    this.seek(await this.#reader.assigned(partitions.map((partition) => ({ topic: TOPIC, partition }))));
  }

  get believes(): readonly TopicPartition[] {
    return [...this.#fetch.values()];
  }

  /** Fetches and hands over up to `limit` records of the nth partition it believes to have; false when there were none. */
  async deliver(nth: number, limit: number): Promise<boolean> {
    const all = [...this.#fetch.values()];
    const at = all[nth % Math.max(all.length, 1)];
    const log = at === undefined ? undefined : this.#world.logs[at.partition];
    if (at === undefined || log === undefined) return false;
    // The broker answers "offset out of range", and the client starts at the earliest one.
    const from = at.offset > log.end || at.offset < log.start ? log.start : at.offset;
    const records = log.records.filter(({ offset }) => offset >= from).slice(0, limit);
    const last = records.at(-1);
    const isLast = last === undefined || last === log.records.at(-1);
    const next = isLast ? log.end : last.offset + 1;
    if (next === at.offset) return false;
    this.seek([{ ...at, offset: next }]);
    const batch: KafkaBatch = { topic: TOPIC, partition: at.partition, from, records, next, end: log.end };
    await this.#reader.batch(batch);
    return true;
  }

  /** An answer without records. */
  async nothing(): Promise<void> {
    await this.#reader.idle();
  }

  seek(starts: readonly PartitionStart[]): void {
    for (const start of starts) this.#fetch.set(partitionKey(start), start);
  }

  async commit(): Promise<void> {}

  async heartbeat(): Promise<void> {
    if (!this.isMember) throw new Error("The coordinator is not aware of this member");
  }

  async stop(): Promise<void> {
    this.#world.members.delete(this);
  }
}
