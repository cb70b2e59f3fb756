import { setTimeout as sleep } from "node:timers/promises";
import type {
  KafkaBatch,
  KafkaReader,
  KafkaSubscription,
  PartitionStart,
  TopicPartition,
} from "../collectors/kafka/port.ts";
import { matchTopics } from "../collectors/kafka/topics.ts";
import { type HeldPartition, partitionKey } from "./held-partition.ts";
import { type CollectorOptions, type CollectorParts, KafkaCollector } from "./kafka-collector.ts";
import type { Totals } from "./totals.ts";

/** What a run reads, and until when. */
export interface KafkaRunOptions extends CollectorOptions {
  /** Names, or `/regular expressions/`. */
  readonly topics: readonly string[];
  /** `until-caught-up` ends when everything was folded in that was there at the start. */
  readonly mode: "until-caught-up" | "follow";
  /** How often topics are looked for that match a pattern and are new, milliseconds; `follow` only. */
  readonly topicInterval: number;
}

/** How a run ended. */
export interface KafkaRunResult {
  readonly topics: readonly string[];
  readonly partitions: readonly HeldPartition[];
  readonly totals: Totals;
  /** False when the run was stopped before. */
  readonly caughtUp: boolean;
}

/** How often it is looked whether a run is at its end, milliseconds. */
const LOOK_EVERY = 100;
/** So many answers without records, one after the other, say that what is left can't be read yet (open transactions). */
const IDLE_ANSWERS = 3;

/**
 * Reads topics into the state until it has caught up or `signal` aborts; then what was read is folded in. Both are a
 * good end.
 *
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE`, `NETLEARN_STATE_UNUSABLE`; what was folded in before stays
 */
export async function runKafka(
  parts: CollectorParts,
  options: KafkaRunOptions,
  signal: AbortSignal,
): Promise<KafkaRunResult> {
  const collector = new KafkaCollector(parts, options);
  let topics = await topicsOf(parts, options);
  const targets = options.mode === "follow" ? undefined : await targetsOf(parts, topics);
  let ending: Ending = "topics";
  while (ending === "topics") {
    await collector.begin(topics);
    ending = await readTopics({ collector, topics, targets, parts, options }, signal);
    if (ending === "topics") topics = await topicsOf(parts, options);
  }
  const { partitions, totals } = collector;
  return { topics, partitions, totals, caughtUp: ending === "caught-up" };
}

type Ending = "caught-up" | "stopped" | "topics";

interface Run {
  readonly collector: KafkaCollector;
  readonly topics: readonly string[];
  readonly targets: ReadonlyMap<string, number> | undefined;
  readonly parts: CollectorParts;
  readonly options: KafkaRunOptions;
}

async function topicsOf({ cluster }: CollectorParts, { topics }: KafkaRunOptions): Promise<readonly string[]> {
  return matchTopics(await cluster.topics(), topics);
}

/** Offsets that a run has to reach, by partition. */
async function targetsOf({ cluster }: CollectorParts, topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const extents = await Promise.all(topics.map(async (topic) => await cluster.extents(topic)));
  return new Map(extents.flat().map((extent) => [partitionKey(extent), extent.end]));
}

async function readTopics(run: Run, signal: AbortSignal): Promise<Ending> {
  const { collector, topics, parts } = run;
  const reader = new WatchedReader(collector);
  const subscription = await parts.cluster.subscribe(topics, reader);
  collector.use(subscription);
  try {
    return await watch(run, { reader, subscription }, signal);
  } finally {
    await subscription.stop();
    await collector.flush();
    collector.use(undefined);
  }
}

async function watch(
  { collector, topics, targets, parts, options }: Run,
  { reader, subscription }: { readonly reader: WatchedReader; readonly subscription: KafkaSubscription },
  signal: AbortSignal,
): Promise<Ending> {
  let looked = parts.now();
  while (!signal.aborted) {
    await Promise.race([subscription.ended, pause(signal)]);
    if (signal.aborted) break;
    await collector.tick();
    if (targets !== undefined && reader.isAt(targets) && (await collector.settle())) return "caught-up";
    const now = parts.now();
    if (targets === undefined && Math.abs(now - looked) >= options.topicInterval) {
      looked = now;
      const found = await topicsOf(parts, options);
      if (found.some((topic) => !topics.includes(topic))) return "topics";
    }
  }
  return "stopped";
}

async function pause(signal: AbortSignal): Promise<void> {
  await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
}

/** A reader that knows whether there is more to come. */
class WatchedReader implements KafkaReader {
  readonly #collector: KafkaCollector;
  #idle = 0;

  constructor(collector: KafkaCollector) {
    this.#collector = collector;
  }

  /** True when every partition assigned was read up to its target, or as far as it can be. */
  isAt(targets: ReadonlyMap<string, number>): boolean {
    const partitions = this.#collector.assignment;
    if (partitions === undefined) return false;
    if (this.#idle >= IDLE_ANSWERS) return true;
    return partitions.every((held) => {
      return held.unseenWitness === undefined && held.next >= (targets.get(partitionKey(held)) ?? held.next);
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
