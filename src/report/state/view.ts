import type { CommunicationGraph } from "../../model/graph.ts";
import type { Reading } from "../../model/reading.ts";
import type { StateSummary } from "../../model/state.ts";

/** What a state holds, as a person sees it. */
export interface StateView {
  readonly summary: StateSummary;
  readonly graph: CommunicationGraph;
  readonly reading: Reading;
}

/** Partitions of one topic that were read, by partition. */
export interface TopicPositions {
  readonly cluster: string;
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    /** Offset of the first record that was not folded in yet. */
    readonly next: number | undefined;
    readonly owner: string | undefined;
  }[];
}

const KAFKA = /^kafka:([^/]*)\/(.*)\/(\d+)$/su;

/** How far topics were read, by cluster and topic. */
export function topicPositions({ positions }: StateSummary): readonly TopicPositions[] {
  const topics = new Map<
    string,
    { cluster: string; topic: string; partitions: TopicPositions["partitions"][number][] }
  >();
  for (const { source, next, owner } of positions) {
    const [, cluster, topic, partition] = KAFKA.exec(source) ?? [];
    if (cluster === undefined || topic === undefined) continue;
    const key = `${cluster}/${topic}`;
    const known = topics.get(key) ?? { cluster, topic, partitions: [] };
    topics.set(key, known);
    known.partitions.push({ partition: Number(partition), next, owner });
  }
  return [...topics.values()].map(({ partitions, ...topic }) => ({
    ...topic,
    partitions: partitions.toSorted((a, b) => a.partition - b.partition),
  }));
}

/** How many sources of a kind were folded in, such as `file` and `snapshot`. */
export function countSources({ positions }: StateSummary, kind: string): number {
  return positions.filter(({ source, next }) => next !== undefined && source.startsWith(`${kind}:`)).length;
}
