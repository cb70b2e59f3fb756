import type { PartitionExtent } from "../collectors/kafka/port.ts";
import type { Gap } from "../model/gap.ts";
import type { Position } from "../model/state.ts";

/** Where to begin in partitions of which nothing was folded in yet. */
export type StartRule =
  | { readonly kind: "earliest" }
  | { readonly kind: "latest" }
  /** Milliseconds since the epoch. */
  | { readonly kind: "time"; readonly time: number };

/** Where reading a partition begins, and what was found out about it. */
export interface Start {
  /** Offset to fetch from. */
  readonly fetch: number;
  /** Offset of the first record to fold in; at or behind {@link fetch}. */
  readonly next: number;
  /** Records that are gone. */
  readonly gap: Gap | undefined;
}

/**
 * Decides where to go on.
 *
 * A position rules whatever the group has committed. When the record before it can still be read, reading begins there,
 * to see that it is the one that was folded in: a topic that was deleted and made anew has others (see `landmark.ts`).
 *
 * @param position what the state knows of the partition; its `next` is defined
 */
export function resumeAt(position: Position & { readonly next: number }, extent: PartitionExtent): Start {
  const { next } = position;
  const { topic, partition, start, end } = extent;
  if (next > end) return restart(next, extent);
  if (next < start) {
    return { fetch: start, next: start, gap: { topic, partition, from: next, to: start, why: "expired" } };
  }
  const marked = landmarkOffset(position.landmark);
  const isThere = marked !== undefined && marked >= start && marked < next;
  return { fetch: isThere ? marked : next, next, gap: undefined };
}

/** Begins a partition again whose offsets no longer mean what they did. */
export function restart(next: number, { topic, partition, start }: PartitionExtent): Start {
  return { fetch: start, next: start, gap: { topic, partition, from: next, to: undefined, why: "restarted" } };
}

function landmarkOffset(landmark: string | undefined): number | undefined {
  const offset = landmark === undefined ? Number.NaN : Number.parseInt(landmark, 10);
  return Number.isSafeInteger(offset) ? offset : undefined;
}
