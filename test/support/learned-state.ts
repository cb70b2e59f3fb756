import { Learner } from "../../src/graph/learner.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { CellRestorer } from "../../src/graph/restore-cells.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { StateStore } from "../../src/model/state.ts";

/** Everything a state has learned. */
export async function learnerOf(store: StateStore): Promise<Learner> {
  const learner = new Learner();
  const restorer = new CellRestorer(learner, "the test");
  for await (const cells of store.cells()) for (const cell of cells) restorer.add(cell);
  return learner;
}

/** What was learned, as one text: equal exactly when everything is. */
export function printLearner(learner: Learner): string {
  const { observations } = learner;
  const rejections = learner.rejections().toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
  return printSnapshot(observations, resolve(observations).graph) + JSON.stringify(rejections, undefined, 1);
}
