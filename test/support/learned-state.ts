import { Learner } from "../../src/graph/learner.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { restoreState } from "../../src/graph/restore-state.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { StateStore } from "../../src/model/state.ts";

/** Everything a state has learned. */
export async function learnerOf(store: StateStore): Promise<Learner> {
  const learner = new Learner();
  await restoreState(store.cells(), learner, "the test");
  return learner;
}

/** What was learned, as one text: equal exactly when everything is. */
export function printLearner(learner: Learner): string {
  const rejections = learner.rejections().toSorted((a, b) => (a.reason < b.reason ? -1 : 1));
  return (
    printSnapshot(learner, { graph: resolve(learner.observations).graph, access: undefined }) +
    JSON.stringify(rejections, undefined, 1)
  );
}
