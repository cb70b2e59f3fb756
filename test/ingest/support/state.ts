import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterEach } from "vitest";
import { collectFiles } from "../../../src/collectors/file/collect-files.ts";
import { Learner } from "../../../src/graph/learner.ts";
import { mergeCells } from "../../../src/graph/merge-cells.ts";
import { resolve } from "../../../src/graph/resolve.ts";
import { restoreState } from "../../../src/graph/restore-state.ts";
import { printSnapshot } from "../../../src/graph/snapshot.ts";
import { collectFilesInto, type FileCollectorOptions, type FileRunResult } from "../../../src/ingest/collect-files.ts";
import type { StateStore } from "../../../src/model/state.ts";
import { openState } from "../../../src/store/open.ts";

const opened: (readonly [StateStore, string])[] = [];

afterEach(async () => {
  for (const [store, file] of opened.splice(0)) {
    await store.close();
    for (const suffix of ["", "-wal", "-shm", "-lock"]) await rm(`${file}${suffix}`, { force: true });
  }
});

/** A new, empty state; it is gone after the test. */
export async function newState(): Promise<StateStore> {
  const file = path.join(os.tmpdir(), `netlearn-state-${randomUUID()}.db`);
  const store = await openState(file, { mode: "write", mergeCells });
  opened.push([store, file]);
  return store;
}

export interface Run extends FileRunResult {
  readonly notices: readonly string[];
  readonly folds: number;
}

/** One run of a collector over files. */
export async function runFiles(
  store: StateStore,
  inputs: readonly string[],
  options: Partial<FileCollectorOptions> = {},
): Promise<Run> {
  const notices: string[] = [];
  let folds = 0;
  const parts = { store, observer: { folded: () => void folds++ }, now: () => 0 };
  const result = await collectFilesInto(inputs, parts, {
    format: "auto",
    stdin: Readable.from([]),
    owner: "test",
    flushSize: 100_000,
    flushInterval: 30_000,
    notice: (text) => notices.push(text),
    ...options,
  });
  return { ...result, notices, folds };
}

export function printed(learner: Learner): string {
  return printSnapshot(learner, { graph: resolve(learner.observations).graph, access: undefined });
}

export async function restored(store: StateStore): Promise<Learner> {
  const learner = new Learner();
  await restoreState(store.cells(), learner, "the test");
  return learner;
}

/** What a state remembers, as text. */
export async function stateText(store: StateStore): Promise<string> {
  return printed(await restored(store));
}

/** What reading files at once shows. */
export async function learnedFrom(...inputs: readonly string[]): Promise<Learner> {
  const learner = new Learner();
  await collectFiles(inputs, learner, { format: "auto", stdin: Readable.from([]) });
  return learner;
}
