import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaSubscription } from "../collectors/kafka/port.ts";
import { matchTopics } from "../collectors/kafka/topics.ts";
import { beginTopics } from "./begin-topics.ts";
import { type HeldPartition, partitionKey, sourceOfKey } from "./held-partition.ts";
import { type CollectorOptions, type CollectorParts, KafkaCollector } from "./kafka-collector.ts";
import type { StartRule } from "./start-rule.ts";
import type { Totals } from "./totals.ts";
import { type Targets, WatchedReader } from "./watched-reader.ts";

/** What a run reads, and until when. */
export interface KafkaRunOptions extends CollectorOptions {
  /** Where to begin in topics that the state knows nothing of. */
  readonly start: StartRule;
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
/** How often it is looked how far other members are, milliseconds. */
const LOOK_AT_OTHERS_EVERY = 1000;

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
    await beginTopics(topics, { ...parts, ...options });
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
  readonly targets: Targets | undefined;
  readonly parts: CollectorParts;
  readonly options: KafkaRunOptions;
}

async function topicsOf({ cluster }: CollectorParts, { topics }: KafkaRunOptions): Promise<readonly string[]> {
  return matchTopics(await cluster.topics(), topics);
}

/** Offsets that a run has to reach, by partition. */
async function targetsOf({ cluster }: CollectorParts, topics: readonly string[]): Promise<Targets> {
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
    if (targets !== undefined && reader.isAt(targets) && (await collector.settle())) {
      if (await areOthersAt(targets, { collector, parts })) return "caught-up";
      await pause(signal, LOOK_AT_OTHERS_EVERY);
    }
    const now = parts.now();
    if (targets === undefined && Math.abs(now - looked) >= options.topicInterval) {
      looked = now;
      const found = await topicsOf(parts, options);
      if (found.some((topic) => !topics.includes(topic))) return "topics";
    }
  }
  return "stopped";
}

/**
 * True when the state has reached the targets in partitions that other members read. A member that died while it joined
 * holds partitions until the group notices: who did not wait for them would say that it had caught up, and had not.
 */
async function areOthersAt(
  targets: Targets,
  { collector, parts }: { readonly collector: KafkaCollector; readonly parts: CollectorParts },
): Promise<boolean> {
  const own = new Set(collector.partitions.map(partitionKey));
  const others = [...targets].filter(([key]) => !own.has(key));
  if (others.length === 0) return true;
  const positions = new Map((await parts.store.positions()).map(({ source, next }) => [source, next]));
  return others.every(([key, target]) => (positions.get(sourceOfKey(parts.cluster.id, key)) ?? -1) >= target);
}

async function pause(signal: AbortSignal, milliseconds = LOOK_EVERY): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}
