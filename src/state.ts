import path from "node:path";
import type { Learner } from "./graph/learner.ts";
import { mergeCells } from "./graph/merge-cells.ts";
import type { PruneOptions, PruneReport } from "./graph/prune.ts";
import { restoreState } from "./graph/restore-state.ts";
import type { ImportedSnapshot } from "./ingest/import-snapshots.ts";
import type { MergeResult } from "./ingest/merge-states.ts";
import { NetlearnError } from "./lib/errors.ts";
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

/** `netlearn state export`: see `ingest/export-state.ts`. */
export async function exportStateAt(location: string): Promise<string> {
  const { exportState } = await import("./ingest/export-state.ts");
  return await withState(location, "read", async (store) => await exportState(store, stateName(location)));
}

/**
 * `netlearn state import`: see `ingest/import-snapshots.ts`.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` too, before anything is changed
 */
export async function importInto(
  location: string,
  files: readonly string[],
  owner: string,
): Promise<readonly ImportedSnapshot[]> {
  const { foldSnapshots, readSnapshots } = await import("./ingest/import-snapshots.ts");
  const { readSnapshot } = await import("./collectors/file/read-snapshot.ts");
  const texts = await Promise.all(files.map(async (name) => ({ name, text: await readSnapshot(name) })));
  // Before a state is made for what is no snapshot.
  const snapshots = readSnapshots(texts);
  return await withState(location, "write", async (store) => await foldSnapshots(store, snapshots, owner));
}

/** `netlearn state merge`: see `ingest/merge-states.ts`; one result for each of `others`. */
export async function mergeInto(
  location: string,
  others: readonly string[],
  owner: string,
): Promise<readonly MergeResult[]> {
  const { mergeState } = await import("./ingest/merge-states.ts");
  const itself = others.find((other) => other === location || path.resolve(other) === path.resolve(location));
  if (itself !== undefined) {
    throw new NetlearnError("NETLEARN_USAGE", `the state ${stateName(itself)} can't be merged into itself`, {
      hint: "name another state",
    });
  }
  return await withState(location, "write", async (store) => {
    const results: MergeResult[] = [];
    for (const other of others) {
      const name = `the state ${stateName(other)}`;
      results.push(
        await withState(other, "read", async (from) => await mergeState(store, { store: from, name }, owner)),
      );
    }
    return results;
  });
}

/** `netlearn state prune`: see `ingest/prune-state.ts`. */
export async function pruneAt(location: string, options: PruneOptions, isDry: boolean): Promise<PruneReport> {
  const { pruneState } = await import("./ingest/prune-state.ts");
  return await withState(location, isDry ? "read" : "write", async (store) => await pruneState(store, options, isDry));
}
