import { cellsOf } from "../graph/cells.ts";
import { addGap } from "../graph/gaps.ts";
import { Learner } from "../graph/learner.ts";
import type { Gap } from "../model/gap.ts";
import type { Cell } from "../model/state.ts";

/** What was learned since the last fold: a learner of its own, small enough to lose. */
export class Delta {
  readonly learner: Learner = new Learner();
  /** Kafka records, or files. */
  inputs = 0;
  #gaps = 0;

  get isEmpty(): boolean {
    return this.inputs === 0 && this.#gaps === 0;
  }

  /** Distinct things remembered: what memory and the time of a fold depend on. */
  get size(): number {
    return this.learner.observations.size;
  }

  addGap(gap: Gap): void {
    this.#gaps++;
    addGap(this.learner.observations, gap);
  }

  cells(): Iterable<Cell> {
    return cellsOf(this.learner);
  }
}
