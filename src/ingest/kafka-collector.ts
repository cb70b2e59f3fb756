import type {
  KafkaBatch,
  KafkaCluster,
  KafkaReader,
  KafkaRecord,
  KafkaSubscription,
  PartitionExtent,
  PartitionStart,
  TopicPartition,
} from "../collectors/kafka/port.ts";
import type { ObservationSink } from "../model/observation.ts";
import type { Advance, Claim, StateStore } from "../model/state.ts";
import { Delta, type FlushLimits } from "./delta.ts";
import { HeldPartition, partitionKey, sourceOf } from "./held-partition.ts";
import { landmarkOf } from "./landmark.ts";
import type { IngestObserver } from "./observer.ts";
import { restart, resumeAt, type Start } from "./start-rule.ts";
import { addTotals, NO_TOTALS, type Totals } from "./totals.ts";

/** What a collector works with. */
export interface CollectorParts {
  readonly cluster: KafkaCluster;
  readonly store: StateStore;
  /** Puts what a record shows into a sink; never throws. */
  readonly read: (topic: TopicPartition, record: KafkaRecord, sink: ObservationSink) => void;
  readonly observer: IngestObserver;
  readonly now: () => number;
}

export interface CollectorOptions extends FlushLimits {
  /** Names this collector to people who look at the state. */
  readonly owner: string;
}

/**
 * Folds what a consumer group delivers into the state, each record once, whatever dies when.
 *
 * Records go into a delta in memory; a fold writes it and the new positions in one transaction. Partitions are claimed
 * when they are assigned, so that the fold of whoever had them before is refused from then on; a delta that is refused is
 * forgotten whole, and reading goes on from what the state says. So nothing depends on what the group has committed, on who
 * believes to own a partition, or on when this process dies.
 */
export class KafkaCollector implements KafkaReader {
  readonly #parts: CollectorParts;
  readonly #options: CollectorOptions;
  readonly #held = new Map<string, HeldPartition>();
  #delta: Delta;
  #totals: Totals = NO_TOTALS;
  #failure: { readonly error: unknown } | undefined;
  #subscription: KafkaSubscription | undefined;
  /** True between being thrown out and the next assignment. */
  #isLost = true;
  /** One thing after the other: the clock may ask for a fold while a record is being taken. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: CollectorParts, options: CollectorOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#delta = new Delta(parts.now());
  }

  /** What the reader is subscribed with; needed before the first record. */
  use(subscription: KafkaSubscription | undefined): void {
    this.#subscription = subscription;
  }

  /** The partitions of the last assignment; undefined while there is none. */
  get assignment(): readonly HeldPartition[] | undefined {
    return this.#isLost ? undefined : this.partitions;
  }

  get partitions(): readonly HeldPartition[] {
    return [...this.#held.values()];
  }

  /** What became of everything that was folded in. */
  get totals(): Totals {
    return this.#totals;
  }

  async assigned(partitions: readonly TopicPartition[]): Promise<readonly PartitionStart[]> {
    return await this.#inTurn(async () => {
      // What was read under the assignment before may still count; when somebody was faster, it is read again.
      await this.#fold();
      this.#forget();
      const starts = await this.#take(partitions);
      this.#isLost = false;
      this.#parts.observer.assigned(this.partitions);
      return starts;
    });
  }

  async batch(batch: KafkaBatch): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#takeBatch(batch);
      } catch (error) {
        // The client only stops reading this partition: whoever asks next hears why.
        this.#failure ??= { error };
        throw error;
      }
    });
  }

  async #takeBatch(batch: KafkaBatch): Promise<void> {
    const held = this.#held.get(partitionKey(batch));
    if (held === undefined) return;
    held.end = batch.end;
    const problem = await this.#problemOf(held, batch);
    if (problem !== undefined) return await this.#startAgain(held, problem);
    for (const record of batch.records) {
      if (record.offset < held.next) continue;
      this.#parts.read(held, record, this.#delta.learner);
      this.#delta.inputs++;
      held.took(record);
    }
    held.fetch = batch.next;
    held.next = Math.max(held.next, batch.next);
    if (this.#isDue()) await this.#foldOrRejoin();
    this.#parts.observer.progress(this.partitions, this.#totals);
  }

  async idle(): Promise<void> {
    await this.tick();
  }

  /** Folds what is due; to be called now and then, also when no records come. */
  async tick(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#isDue()) await this.#foldOrRejoin();
      this.#parts.observer.progress(this.partitions, this.#totals);
    });
  }

  /** Folds everything that was read; false when somebody else holds its sources, and then it is forgotten. */
  async flush(): Promise<boolean> {
    return await this.#inTurn(async () => await this.#fold());
  }

  /** Folds everything that was read; false when it was refused and has to be read again. */
  async settle(): Promise<boolean> {
    return await this.#inTurn(async () => {
      if (await this.#fold()) return true;
      await this.#rejoin();
      return false;
    });
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => {});
    return await mine;
  }

  #forget(): void {
    this.#held.clear();
    this.#delta = new Delta(this.#parts.now());
  }

  async #take(partitions: readonly TopicPartition[]): Promise<readonly PartitionStart[]> {
    const { cluster, store } = this.#parts;
    const sources = partitions.map((one) => sourceOf(cluster.id, one));
    const claims = await store.claim(sources, this.#options.owner);
    const extents = await this.#extentsOf(partitions);
    const starts: PartitionStart[] = [];
    for (const [at, one] of partitions.entries()) {
      const claim = claims[at];
      const extent = extents.get(partitionKey(one));
      if (claim === undefined || extent === undefined) continue;
      starts.push(this.#begin(one, claim, { extent, start: this.#startOf(claim, extent) }));
    }
    return starts;
  }

  async #extentsOf(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, PartitionExtent>> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    const extents = await Promise.all(topics.map(async (topic) => await this.#parts.cluster.extents(topic)));
    return new Map(extents.flat().map((extent) => [partitionKey(extent), extent]));
  }

  #begin(
    one: TopicPartition,
    claim: Claim,
    { extent, start }: { readonly extent: PartitionExtent; readonly start: Start },
  ): PartitionStart {
    const held = new HeldPartition(one, claim, { ...start, end: extent.end });
    if (start.fetch < start.next) held.unseenLandmark = claim.landmark;
    this.#held.set(partitionKey(one), held);
    this.#note(start);
    return { topic: one.topic, partition: one.partition, offset: start.fetch };
  }

  #note({ gap }: Start): void {
    if (gap === undefined) return;
    this.#delta.addGap(gap);
    this.#parts.observer.gap(gap);
  }

  #startOf(claim: Claim, extent: PartitionExtent): Start {
    if (claim.next !== undefined) return resumeAt({ ...claim, next: claim.next }, extent);
    return { fetch: extent.start, next: extent.start, gap: undefined };
  }

  /** Why a batch is not what comes next, as where to begin instead; undefined when it is. */
  async #problemOf(held: HeldPartition, batch: KafkaBatch): Promise<Start | undefined> {
    if (batch.from === held.fetch) return await this.#landmarkProblem(held, batch);
    const extent = await this.#extentOf(held);
    if (batch.from < held.fetch) return restart(held.next, extent);
    return resumeAt({ source: held.claim.source, next: held.next, landmark: undefined }, extent);
  }

  async #landmarkProblem(held: HeldPartition, { records: [first] }: KafkaBatch): Promise<Start | undefined> {
    const expected = held.unseenLandmark;
    if (first === undefined || expected === undefined) return undefined;
    held.unseenLandmark = undefined;
    // The record itself may have been compacted away: then nobody can tell.
    const isThere = first.offset === Number.parseInt(expected, 10);
    if (!isThere || landmarkOf(first) === expected) return undefined;
    return restart(held.next, await this.#extentOf(held));
  }

  async #extentOf(held: HeldPartition): Promise<PartitionExtent> {
    const extents = await this.#parts.cluster.extents(held.topic);
    const found = extents.find(({ partition }) => partition === held.partition);
    return found ?? { topic: held.topic, partition: held.partition, start: held.next, end: held.next };
  }

  async #startAgain(held: HeldPartition, start: Start): Promise<void> {
    this.#note(start);
    held.next = start.next;
    held.fetch = start.fetch;
    held.unseenLandmark = undefined;
    this.#subscription?.seek([{ topic: held.topic, partition: held.partition, offset: start.fetch }]);
  }

  #isDue(): boolean {
    if (this.#delta.isEmpty && this.#advances().length === 0) return false;
    return this.#delta.isDue(this.#options, this.#parts.now());
  }

  #advances(): readonly (readonly [HeldPartition, Advance])[] {
    return this.partitions.flatMap((held) => {
      const advance = held.advance();
      return advance === undefined ? [] : [[held, advance] as const];
    });
  }

  async #foldOrRejoin(): Promise<void> {
    if (!(await this.#fold())) await this.#rejoin();
  }

  async #rejoin(): Promise<void> {
    const partitions = this.partitions;
    this.#forget();
    this.#isLost = true;
    try {
      await this.#subscription?.heartbeat();
    } catch {
      // Thrown out of the group: claiming again would only disturb the owner. The client joins again and is assigned anew.
      return;
    }
    this.#subscription?.seek(await this.#take(partitions));
    this.#isLost = false;
  }

  /** False when the delta was refused; then it is gone, and the partitions have to be taken anew. */
  async #fold(): Promise<boolean> {
    const advances = this.#advances();
    const delta = this.#delta;
    if (delta.isEmpty && advances.length === 0) return true;
    const { store, observer, now } = this.#parts;
    const begun = now();
    const outcome = await store.fold(
      delta.cells(),
      advances.map(([, advance]) => advance),
    );
    this.#delta = new Delta(now());
    if (outcome.kind === "fenced") {
      observer.fenced(outcome.sources);
      return false;
    }
    for (const [held, advance] of advances) held.folded(advance);
    this.#totals = addTotals(this.#totals, delta);
    observer.folded({ inputs: delta.inputs, size: delta.size, changed: outcome.changed, milliseconds: now() - begun });
    await this.#subscription?.commit(
      advances.map(([{ topic, partition }, { next }]) => ({ topic, partition, offset: next ?? 0 })),
    );
    return true;
  }
}
