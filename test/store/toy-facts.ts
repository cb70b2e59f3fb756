import type { Cell, CellKind, MergeCells, StateStore } from "../../src/model/state.ts";

/**
 * Bodies are lists of numbers in JSON. Counters add up; everything else is a union, and so idempotent as well.
 *
 * @throws SyntaxError when `known` is none
 */
export const mergeToys: MergeCells = (kind, known, added) => {
  const both = [...numbersOf(known), ...numbersOf(added)];
  return kind === "counter"
    ? JSON.stringify([both.reduce((sum, number) => sum + number, 0)])
    : JSON.stringify([...new Set(both)].toSorted((a, b) => a - b));
};

export function numbersOf(body: string): readonly number[] {
  const value: unknown = JSON.parse(body);
  if (!Array.isArray(value)) throw new SyntaxError(`${body} is no list`);
  return value.map(Number);
}

export function toy(kind: CellKind, id: string, ...numbers: readonly number[]): Cell {
  return { kind, id, body: JSON.stringify(numbers) };
}

/** What a state must hold after all these cells, in whatever order they came. */
export function mergedToys(cells: Iterable<Cell>): readonly Cell[] {
  const merged = new Map<string, Cell>();
  for (const cell of cells) {
    const key = `${cell.kind} ${cell.id}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? cell : { ...cell, body: mergeToys(cell.kind, known.body, cell.body) });
  }
  return sorted([...merged.values()]);
}

/** All cells of a state, sorted. */
export async function cellsOf(store: StateStore): Promise<readonly Cell[]> {
  return sorted(await cellsAsTheyCome(store));
}

export async function cellsAsTheyCome(store: StateStore): Promise<readonly Cell[]> {
  const pages: (readonly Cell[])[] = [];
  for await (const page of store.cells()) pages.push(page);
  return pages.flat();
}

function sorted(cells: readonly Cell[]): readonly Cell[] {
  const key = ({ kind, id }: Cell): string => `${kind} ${id}`;
  return cells.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}
