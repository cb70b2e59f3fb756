import { byText } from "../lib/sort.ts";
import type { Advance, Cell, FoldOutcome, MergeCells } from "../model/state.ts";
import type { Transaction } from "./database.ts";
import { Damage, type HeldPosition } from "./read-row.ts";
import { CELLS_AT_ONCE, cellKey, readBodies, readPositions, writeCells, writePositions } from "./tables.ts";

/** What is to be folded in. */
export interface Fold {
  readonly cells: Iterable<Cell>;
  readonly advances: readonly Advance[];
}

/**
 * Folds within a transaction that is the only one to write.
 *
 * @param lost what an earlier try would have returned, had the answer to its COMMIT not been lost
 * @returns nothing was written when it was fenced
 * @throws Damage when a stored body can't be merged with
 */
export async function foldInto(
  transaction: Transaction,
  { cells, advances }: Fold,
  merge: MergeCells,
  lost: FoldOutcome | undefined,
): Promise<FoldOutcome> {
  const held = await readPositions(transaction, [...new Set(advances.map(({ source }) => source))]);
  if (lost !== undefined && advances.every((advance) => hasArrived(held.get(advance.source), advance))) {
    return lost;
  }
  const fenced = refused(held, advances);
  if (fenced.length > 0) return { kind: "fenced", sources: fenced };
  let changed = 0;
  for (const chunk of chunksOf(cells)) {
    changed += await mergeChunk(transaction, chunk, merge);
  }
  if (advances.length > 0) {
    const last = new Map(advances.map((advance) => [advance.source, advance]));
    await writePositions(transaction, [...last.values()]);
  }
  return { kind: "folded", changed };
}

/** Whether advances show, after an answer was lost, that they were made: one of them must move its position. */
export function canTellWhetherFolded(advances: readonly Advance[]): boolean {
  return advances.some(({ from, next }) => from !== next);
}

/** The sources whose position is not where an advance has to begin, or is held by another claim. */
function refused(held: ReadonlyMap<string, HeldPosition>, advances: readonly Advance[]): readonly string[] {
  const reached = new Map([...held].map(([source, { next }]) => [source, next]));
  const fenced = new Set<string>();
  for (const { source, epoch, from, next } of advances) {
    if (held.get(source)?.epoch !== epoch || reached.get(source) !== from) fenced.add(source);
    reached.set(source, next);
  }
  return [...fenced];
}

function hasArrived(held: HeldPosition | undefined, { epoch, next, landmark }: Advance): boolean {
  return held !== undefined && held.epoch === epoch && held.next === next && held.landmark === landmark;
}

async function mergeChunk(transaction: Transaction, chunk: readonly Cell[], merge: MergeCells): Promise<number> {
  const known = await readBodies(transaction, chunk);
  const merged = new Map<string, Cell>();
  for (const cell of chunk) {
    const key = cellKey(cell.kind, cell.id);
    const before = merged.get(key)?.body ?? known.get(key);
    const body = before === undefined ? cell.body : mergedBody(cell, before, merge);
    merged.set(key, body === cell.body ? cell : { ...cell, body });
  }
  const changed = [...merged].filter(([key, { body }]) => known.get(key) !== body).map(([, cell]) => cell);
  await writeCells(transaction, changed);
  return changed.length;
}

function mergedBody({ kind, id, body }: Cell, before: string, merge: MergeCells): string {
  try {
    return merge(kind, before, body);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Damage(`the ${kind} ${id} can't be read (${reason})`, { cause: error });
  }
}

/** Sorted within each, so that neighbours in the index are looked up one after the other. */
function* chunksOf(cells: Iterable<Cell>): Generator<readonly Cell[]> {
  let chunk: Cell[] = [];
  for (const cell of cells) {
    chunk.push(cell);
    if (chunk.length === CELLS_AT_ONCE) {
      yield sorted(chunk);
      chunk = [];
    }
  }
  if (chunk.length > 0) yield sorted(chunk);
}

function sorted(cells: readonly Cell[]): readonly Cell[] {
  return cells.toSorted((a, b) => byText(a.kind, b.kind) || byText(a.id, b.id));
}
