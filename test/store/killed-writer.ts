import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import type { StateStore } from "../../src/model/state.ts";
import { cellsOf, numbersOf, toy } from "./toy-facts.ts";

const FOLDING = path.join(import.meta.dirname, "folding-process.ts");

/**
 * Lets a process fold into a state (`folding-process.ts`) and kills it soon after so many folds.
 *
 * @returns how far the process said it was
 */
export async function foldUntilKilled(location: string, folds: number): Promise<number> {
  const child = spawn(process.execPath, [FOLDING, location], { stdio: ["ignore", "pipe", "inherit"] });
  let last = 0;
  let heard = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    heard++;
    if (heard === folds) setTimeout(() => child.kill("SIGKILL"), folds % 5);
  }
  await ended(child);
  expect(child.signalCode).toBe("SIGKILL");
  return last;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Expects that each fold of `folding-process.ts` is in the state whole and once, up to its position. Returns that. */
export async function expectWholeFolds(state: StateStore): Promise<number> {
  const [position] = await state.positions();
  const folds = position?.next ?? 0;
  const cells = await cellsOf(state);
  expect(cells.find(({ kind }) => kind === "counter")).toEqual(toy("counter", "folds", folds));
  expect(cells.filter(({ kind }) => kind === "fact")).toHaveLength(folds);
  const edges = cells.filter(({ kind }) => kind === "edge").flatMap(({ body }) => numbersOf(body));
  expect(edges).toHaveLength(folds * 50);
  return folds;
}
