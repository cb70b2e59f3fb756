import { cellsOf } from "../graph/cells.ts";
import { addGap } from "../graph/gaps.ts";
import { Learner } from "../graph/learner.ts";
import type { Gap } from "../model/gap.ts";
import type { Cell } from "../model/state.ts";

/** When a delta is folded in: it has taken so many inputs, remembers so many things, or is so old (milliseconds). */
export interface FlushLimits {
  readonly flushRecords?: number;
  readonly flushSize: number;
  readonly flushInterval: number;
}

/** What was learned since the last fold: a learner of its own, small enough to lose. */
export class Delta {
  readonly learner: Learner = new Learner();
  /** Kafka records, or files. */
  inputs = 0;
  #gaps = 0;
  readonly #since: number;

  /** @param since when it was begun, for {@link isDue} */
  constructor(since = 0) {
    this.#since = since;
  }

  get isEmpty(): boolean {
    return this.inputs === 0 && this.#gaps === 0;
  }

  /** Distinct things remembered: what memory and the time of a fold depend on. */
  get size(): number {
    return this.learner.observations.size + this.learner.accesses.size;
  }

  /** Also when the clock went back: nobody knows how old it is then. */
  isDue({ flushRecords = Number.POSITIVE_INFINITY, flushSize, flushInterval }: FlushLimits, now: number): boolean {
    const age = now - this.#since;
    return this.inputs >= flushRecords || this.size >= flushSize || age >= flushInterval || age < 0;
  }

  addGap(gap: Gap): void {
    this.#gaps++;
    addGap(this.learner.observations, gap);
  }

  cells(): Iterable<Cell> {
    return cellsOf(this.learner);
  }
}
