import { type PruneOptions, type PruneReport, Pruning } from "../graph/prune.ts";
import type { StateStore } from "../model/state.ts";

/**
 * Forgets what is old, and namespaces (see `graph/prune.ts`), in one transaction.
 *
 * @param isDry only finds out what would go
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`
 */
export async function pruneState(store: StateStore, options: PruneOptions, isDry: boolean): Promise<PruneReport> {
  const pass = new Pruning(options);
  if (isDry) {
    for await (const cells of store.cells()) for (const cell of cells) pass.survey(cell);
    for await (const cells of store.cells()) for (const cell of cells) pass.decide(cell);
  } else {
    await store.rewrite(pass);
  }
  return pass.report();
}
