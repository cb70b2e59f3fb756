import type { Learner } from "./graph/learner.ts";
import { mergeCells } from "./graph/merge-cells.ts";
import { restoreState } from "./graph/restore-state.ts";
import type { StateStore } from "./model/state.ts";
import { openState } from "./store/open.ts";
import { isPostgresUrl, withoutSecrets } from "./store/postgres/location.ts";

/** A state's place as people may see it. */
export function stateName(location: string): string {
  return isPostgresUrl(location) ? withoutSecrets(location) : location;
}

/**
 * Works with a state and closes it, whatever happens.
 *
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`; `NETLEARN_STATE_BUSY` when another process writes to the file
 */
export async function withState<Result>(
  location: string,
  mode: "read" | "write",
  work: (store: StateStore) => Promise<Result>,
): Promise<Result> {
  const store = await openState(location, { mode, mergeCells });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/**
 * Adds what a state remembers to what a learner knows, also while a collector writes to it.
 *
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`
 */
export async function learnFromState(location: string, learner: Learner, signal?: AbortSignal): Promise<void> {
  await withState(location, "read", async (store) => {
    await restoreState(untilAborted(store.cells(), signal), learner, stateName(location));
  });
}

async function* untilAborted<Piece>(
  pieces: AsyncIterable<Piece>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Piece> {
  for await (const piece of pieces) {
    signal?.throwIfAborted();
    yield piece;
  }
}
