import type { Cell } from "../model/state.ts";
import type { Learner } from "./learner.ts";
import { CellRestorer } from "./restore-cells.ts";

/**
 * Gives a learner back what a state remembers, on top of what it knows.
 *
 * @param cells as `StateStore.cells` gives them: sightings first
 * @param location names the state in errors
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE` when the state is damaged
 */
export async function restoreState(
  cells: AsyncIterable<readonly Cell[]>,
  learner: Learner,
  location: string,
): Promise<void> {
  const restorer = new CellRestorer(learner, location);
  for await (const piece of cells) for (const cell of piece) restorer.add(cell);
}
