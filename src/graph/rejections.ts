import { byText } from "../lib/sort.ts";
import type { Rejection, RejectionReason } from "../model/observation.ts";

/** Rejections of one reason: how many, and the first of them by source and line, whatever the order of reading. */
export interface RejectionCount {
  readonly reason: RejectionReason;
  readonly count: number;
  readonly sample: Rejection;
}

/** Counts rejections by reason. */
export class Rejections {
  readonly #counts = new Map<RejectionReason, RejectionCount>();

  add(added: RejectionCount): void {
    const known = this.#counts.get(added.reason);
    this.#counts.set(added.reason, known === undefined ? added : mergeRejections(known, added));
  }

  list(): RejectionCount[] {
    return [...this.#counts.values()];
  }
}

/** Both counts of one reason in one. */
export function mergeRejections(one: RejectionCount, other: RejectionCount): RejectionCount {
  const sample = order(one.sample, other.sample) <= 0 ? one.sample : other.sample;
  return { reason: one.reason, count: one.count + other.count, sample };
}

function order(a: Rejection, b: Rejection): number {
  return (
    byText(a.place.source, b.place.source) || (a.place.line ?? 0) - (b.place.line ?? 0) || byText(a.detail, b.detail)
  );
}
