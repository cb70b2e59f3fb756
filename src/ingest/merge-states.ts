import { createHash, hash } from "node:crypto";
import { isIdempotent } from "../graph/merge-cells.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { Advance, Cell, Claim, Position, StateStore } from "../model/state.ts";

/** The state that is merged in. */
export interface MergedState {
  readonly store: Pick<StateStore, "cells" | "positions">;
  /** For people: no password. */
  readonly name: string;
}

/** What merging a state in came to. */
export interface MergeResult {
  /** False when the other state was merged in before and has not changed since: then nothing was changed. */
  readonly isNew: boolean;
  /** Sources that both states have read up to the same place: their records are counted twice. */
  readonly countedTwice: readonly string[];
}

/** Cells that may come twice, in one piece. */
const PIECE = 10_000;

/**
 * Merges another state into this one: everything it learned, and how far it read its sources.
 *
 * Evidence is the same however often it comes, so edges and policies are right whatever both have read. Counters add up, and
 * can't tell what both have counted. So a source that both have read is refused by name, unless both are at the same place:
 * then nothing is missing and nothing will be read again, and only counts are too high. Where they differ nobody can say
 * whose place the merged state has reached, and nothing is changed.
 *
 * What may come twice is folded in piece by piece. Counters, positions, and the other state's digest follow in one
 * transaction: an interrupted merge is repeated, and one that is complete changes nothing when repeated.
 *
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE` when both have read a source to different places, or the other state
 *   changes meanwhile; `NETLEARN_STATE_BUSY`
 */
export async function mergeState(store: StateStore, other: MergedState, owner: string): Promise<MergeResult> {
  const positions = await reached(other.store);
  const digest = await digestOf(other.store, positions);
  const source = `state:${digest}`;
  const known = new Map((await store.positions()).map((position) => [position.source, position]));
  if (known.get(source)?.next !== undefined) return { isNew: false, countedTwice: [] };
  refuseDifferent(known, positions, other.name);
  const countedTwice = positions.filter((position) => known.get(position.source)?.next !== undefined);
  const moves = positions.filter((position) => known.get(position.source)?.next === undefined);
  const rest = await foldEvidence(store, other.store);
  if (!isEqual(positions, await reached(other.store))) throw changing(other.name);
  const claims = await store.claim([...moves.map((move) => move.source), source], owner);
  const next = new Map<string, Pick<Position, "next" | "landmark">>([
    ...moves.map((move) => [move.source, move] as const),
    [source, { next: rest.count, landmark: undefined }],
  ]);
  const outcome = await store.fold(
    rest.cells,
    claims.map((claim) => advanceOf(claim, next.get(claim.source))),
  );
  if (outcome.kind === "fenced") throw taken(outcome.sources);
  return { isNew: true, countedTwice: countedTwice.map((position) => position.source) };
}

/** Positions of sources that something was folded in from. */
async function reached(store: MergedState["store"]): Promise<readonly Position[]> {
  return (await store.positions()).filter(({ next }) => next !== undefined);
}

function advanceOf({ source, epoch }: Claim, to: Pick<Position, "next" | "landmark"> | undefined): Advance {
  return { source, epoch, from: undefined, next: to?.next, landmark: to?.landmark };
}

/** A name of all that a state holds, whatever the order of its cells. */
async function digestOf(store: MergedState["store"], positions: readonly Position[]): Promise<string> {
  const sum = Buffer.alloc(32);
  for await (const piece of store.cells()) {
    for (const { kind, id, body } of piece) {
      const one = hash("sha256", `${kind} ${id} ${body}`, "buffer");
      for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) ^ (one[at] ?? 0);
    }
  }
  const rows = positions.map(({ source, next, landmark }) => [source, next, landmark]);
  return createHash("sha256").update(sum).update(JSON.stringify(rows)).digest("hex");
}

/** Folds in what may come twice; gives back the rest, and how many cells there are. */
async function foldEvidence(
  store: StateStore,
  other: MergedState["store"],
): Promise<{ readonly cells: readonly Cell[]; readonly count: number }> {
  const rest: Cell[] = [];
  let held: Cell[] = [];
  let count = 0;
  for await (const piece of other.cells()) {
    count += piece.length;
    for (const cell of piece) (isIdempotent(cell.kind) ? held : rest).push(cell);
    if (held.length < PIECE) continue;
    await store.fold(held, []);
    held = [];
  }
  await store.fold(held, []);
  return { cells: rest, count };
}

function refuseDifferent(known: ReadonlyMap<string, Position>, positions: readonly Position[], name: string): void {
  const different = positions.filter(({ source, next, landmark }) => {
    const own = known.get(source);
    return own?.next !== undefined && (own.next !== next || own.landmark !== landmark);
  });
  const [first] = different;
  if (first === undefined) return;
  const more = different.length === 1 ? "" : ` and ${different.length - 1} more`;
  throw new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `${name} has read ${first.source}${more} to another place than this state: ${first.next} and not ${known.get(first.source)?.next}`,
    {
      hint: "let both catch up first, so that they are at the same place; or export it and import that, which adds its counts and leaves positions alone. Nothing was changed.",
    },
  );
}

function isEqual(some: readonly Position[], others: readonly Position[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others);
}

function changing(name: string): NetlearnError {
  return new NetlearnError("NETLEARN_STATE_BUSY", `${name} changes while it is being merged`, {
    hint: "end the collector that writes to it, and merge again; no count and no position was changed",
  });
}

function taken(sources: readonly string[]): NetlearnError {
  return new NetlearnError("NETLEARN_STATE_BUSY", `a collector begins to read ${sources[0]} into this state`, {
    hint: "end the collector, and merge again; no count and no position was changed",
  });
}
