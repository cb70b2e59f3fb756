import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { netlearn, type Outcome } from "../../end-to-end/command.ts";

/** Folds everything in that is there now, and prints the state as text. */
export async function exported(state: string, from: readonly string[]): Promise<string> {
  const collected = await collectAll(state, from);
  expect(collected.code, collected.stderr).toBe(0);
  return await exportOf(state);
}

export async function collectAll(state: string, from: readonly string[]): Promise<Outcome> {
  return await netlearn(["collect", "--until-caught-up", "--state", state, ...from]);
}

/** A state as text. */
export async function exportOf(state: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-export-"));
  try {
    const file = path.join(folder, "state.json");
    const outcome = await netlearn(["state", "export", "--state", state, "--output", file]);
    expect(outcome.code, outcome.stderr).toBe(0);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one uninterrupted run into a new state leaves. */
export async function wholeOf(folder: string, from: readonly string[]): Promise<string> {
  const state = path.join(folder, `whole-${Math.random().toString(36).slice(2)}.db`);
  return await exported(state, [...from, "--group", path.basename(state)]);
}
