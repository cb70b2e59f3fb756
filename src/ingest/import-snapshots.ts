import { hash } from "node:crypto";
import { cellsOf } from "../graph/cells.ts";
import { Learner } from "../graph/learner.ts";
import { mergeSnapshot } from "../graph/merge-snapshot.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { Cell, StateStore } from "../model/state.ts";

/** A snapshot as it was read. */
export interface SnapshotFile {
  readonly name: string;
  readonly text: string;
}

/** What came of each snapshot, in the order given. */
export interface ImportedSnapshot {
  readonly name: string;
  /** False when a snapshot with the same bytes was imported before: then nothing was changed. */
  readonly isNew: boolean;
}

/** So many times another process may import the same snapshots meanwhile. */
const TRIES = 5;

/**
 * Folds snapshots into a state, each once, all of them or none.
 *
 * @param owner names whoever imports, for people
 * @throws NetlearnError `NETLEARN_SNAPSHOT_INVALID` before anything is changed; `NETLEARN_STATE_UNUSABLE`,
 *   `NETLEARN_STATE_BUSY`
 */
export async function importSnapshots(
  store: StateStore,
  files: readonly SnapshotFile[],
  owner: string,
): Promise<readonly ImportedSnapshot[]> {
  return await foldSnapshots(store, readSnapshots(files), owner);
}

/** A snapshot, understood. */
export interface ReadSnapshot {
  readonly file: SnapshotFile;
  readonly learner: Learner;
}

/** @throws NetlearnError `NETLEARN_SNAPSHOT_INVALID` */
export function readSnapshots(files: readonly SnapshotFile[]): readonly ReadSnapshot[] {
  return files.map((file) => ({ file, learner: learnerOf(file) }));
}

/** {@link importSnapshots} of what was read before, when there was no state yet to make for it. */
export async function foldSnapshots(
  store: StateStore,
  snapshots: readonly ReadSnapshot[],
  owner: string,
): Promise<readonly ImportedSnapshot[]> {
  const files = snapshots.map(({ file }) => file);
  const read = new Map(snapshots.map((snapshot) => [sourceOf(snapshot.file), snapshot]));
  const sources = [...read.keys()];
  for (let left = TRIES; left > 0; left--) {
    const claims = await store.claim(sources, owner);
    const fresh = claims.filter(({ next }) => next === undefined);
    const cells = function* (): Generator<Cell> {
      for (const { source } of fresh) yield* cellsOf(read.get(source)?.learner ?? new Learner());
    };
    const advances = fresh.map((claim) => ({
      ...claim,
      from: undefined,
      next: lengthOf(read.get(claim.source)?.file),
    }));
    if (advances.length === 0 || (await store.fold([...cells()], advances)).kind === "folded") {
      const isFresh = new Set(fresh.map(({ source }) => source));
      // Of files with the same bytes, the first one was imported.
      return files.map((file) => ({ name: file.name, isNew: isFresh.delete(sourceOf(file)) }));
    }
  }
  throw new NetlearnError("NETLEARN_STATE_BUSY", "another process imports the same snapshots at this moment", {
    hint: "wait until it has finished; nothing was changed by this run",
  });
}

function learnerOf({ name, text }: SnapshotFile): Learner {
  const learner = new Learner();
  for (const rejection of mergeSnapshot(learner, text, name)) learner.addRejections(rejection);
  return learner;
}

function sourceOf({ text }: SnapshotFile): string {
  return `snapshot:${hash("sha256", text)}`;
}

function lengthOf(file: SnapshotFile | undefined): number {
  return Buffer.byteLength(file?.text ?? "");
}
