import { Learner } from "../graph/learner.ts";
import { resolve } from "../graph/resolve.ts";
import { restoreState } from "../graph/restore-state.ts";
import { printSnapshot } from "../graph/snapshot.ts";
import { stateText } from "../graph/state-text.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { StateStore } from "../model/state.ts";

/**
 * Prints a state as a snapshot, with how far sources were read, what could not be read, and what was gone before. States
 * that learned the same from the same sources print the same bytes, whoever collected when and in how many runs; sources
 * whose position says nothing yet are left out.
 *
 * @param location names the state in errors
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`
 */
export async function exportState(store: StateStore, location: string): Promise<string> {
  // First: what is folded in between is in the cells, and is read again by whoever goes on from these positions.
  const positions = await store.positions();
  const learner = new Learner();
  await restoreState(store.cells(), learner, location);
  const { observations, accesses } = learner;
  const seen = {
    graph: unlessMixed(() => resolve(observations).graph),
    access: unlessMixed(() => accesses.resolve()),
  };
  return printSnapshot(learner, seen, stateText(learner, positions));
}

/** Undefined when clusters are mixed: whoever reads the snapshot names one. */
function unlessMixed<Graph>(resolved: () => Graph): Graph | undefined {
  try {
    return resolved();
  } catch (error) {
    if (error instanceof NetlearnError && error.code === "NETLEARN_USAGE") return undefined;
    throw error;
  }
}
