import type { KafkaCluster, PartitionStart } from "../collectors/kafka/port.ts";
import type { Advance, StateStore } from "../model/state.ts";
import { sourceOf } from "./held-partition.ts";
import type { StartRule } from "./start-rule.ts";

/** Whose topics are begun, in which state, by whom. */
export interface Beginner {
  readonly cluster: KafkaCluster;
  readonly store: StateStore;
  /** Names this collector to people who look at the state. */
  readonly owner: string;
  readonly start: StartRule;
}

/**
 * Says where reading begins in every partition of topics that the state knows nothing of, before anything is read: so a
 * partition that comes later is known to be new, and is read from its beginning, whatever the rule.
 */
export async function beginTopics(topics: readonly string[], beginner: Beginner): Promise<void> {
  for (const topic of topics) {
    while (!(await isFollowed(topic, beginner)) && !(await beginTopic(topic, beginner)));
  }
}

async function isFollowed(topic: string, { cluster, store }: Beginner): Promise<boolean> {
  const prefix = sourceOf(cluster.id, { topic, partition: 0 }).replace(/0$/u, "");
  const positions = await store.positions();
  return positions.some(({ source, next }) => next !== undefined && source.startsWith(prefix));
}

/** False when somebody else was at it at the same time. */
async function beginTopic(topic: string, beginner: Beginner): Promise<boolean> {
  const { cluster, store, owner } = beginner;
  const starts = await firstStarts(topic, beginner);
  const sources = starts.map((start) => sourceOf(cluster.id, start));
  const claims = await store.claim(sources, owner);
  const advances = claims.map((claim, at): Advance => {
    return { ...claim, from: claim.next, next: claim.next ?? starts[at]?.offset };
  });
  return (await store.fold([], advances)).kind === "folded";
}

async function firstStarts(topic: string, { cluster, start: rule }: Beginner): Promise<readonly PartitionStart[]> {
  if (rule.kind === "time") return await cluster.offsetsAt(topic, rule.time);
  const extents = await cluster.extents(topic);
  return extents.map(({ partition, start, end }) => {
    return { topic, partition, offset: rule.kind === "latest" ? end : start };
  });
}
