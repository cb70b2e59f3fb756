import type { Advance, Cell } from "../model/state.ts";
import type { Transaction } from "./database.ts";
import { type HeldPosition, readPosition } from "./read-row.ts";
import { toStored } from "./stored-text.ts";

/** The statements about the two tables, a function each. */

const POSITION = "source, next, landmark, epoch, owner";

/** How many cells go into one statement, and into one page of a scan. */
export const CELLS_AT_ONCE = 5000;

/** The bodies of the cells that are stored, by `cellKey`. */
export async function readBodies(transaction: Transaction, cells: readonly Cell[]): Promise<Map<string, string>> {
  const rows = await transaction.queryGiven(
    keysOf(cells),
    "SELECT c.kind, c.id, c.body FROM given g CROSS JOIN cells c WHERE c.kind = g.kind AND c.id = g.id",
  );
  return new Map(rows.map((row) => [cellKey(String(row["kind"]), String(row["id"])), String(row["body"])]));
}

/** @param cells of different keys */
export async function writeCells(transaction: Transaction, cells: readonly Cell[]): Promise<void> {
  if (cells.length === 0) return;
  await transaction.queryGiven(
    { columns: ["kind", "id", "body"], rows: cells.map(({ kind, id, body }) => [kind, id, body]) },
    // SQLite takes ON for a join's without the WHERE.
    `INSERT INTO cells (kind, id, body) SELECT kind, id, body FROM given WHERE true
       ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`,
  );
}

/** Removes the cells of these kinds and ids, whatever their bodies. */
export async function removeCells(transaction: Transaction, cells: readonly Cell[]): Promise<void> {
  if (cells.length === 0) return;
  await transaction.queryGiven(
    keysOf(cells),
    "DELETE FROM cells WHERE (kind, id) IN (SELECT g.kind, g.id FROM given g)",
  );
}

/** Raises the epoch of each source, whose position is begun where there is none. */
export async function takeOver(
  transaction: Transaction,
  sources: readonly string[],
  owner: string,
): Promise<readonly HeldPosition[]> {
  const rows = await transaction.queryGiven(
    { columns: ["source", "owner"], rows: sources.map((source) => [toStored(source), toStored(owner)]) },
    `INSERT INTO positions (source, epoch, owner) SELECT source, 1, owner FROM given WHERE true
       ON CONFLICT (source) DO UPDATE SET epoch = positions.epoch + 1, owner = excluded.owner
       RETURNING ${POSITION}`,
  );
  return rows.map(readPosition);
}

/** The positions of these sources, by source. */
export async function readPositions(
  transaction: Transaction,
  sources: readonly string[],
): Promise<Map<string, HeldPosition>> {
  const rows = await transaction.queryGiven(
    { columns: ["source"], rows: sources.map((source) => [toStored(source)]) },
    "SELECT p.* FROM given g CROSS JOIN positions p WHERE p.source = g.source",
  );
  return new Map(rows.map(readPosition).map((position) => [position.source, position]));
}

/** All positions, in no order. */
export async function readAllPositions(transaction: Transaction): Promise<readonly HeldPosition[]> {
  return (await transaction.query(`SELECT ${POSITION} FROM positions`)).map(readPosition);
}

/** @param advances of different sources */
export async function writePositions(transaction: Transaction, advances: readonly Advance[]): Promise<void> {
  await transaction.queryGiven(
    {
      columns: ["source", "next", "landmark"],
      rows: advances.map(({ source, next, landmark }) => [
        toStored(source),
        next?.toString() ?? null,
        landmark === undefined ? null : toStored(landmark),
      ]),
    },
    `UPDATE positions SET next = CAST(g.next AS bigint), landmark = g.landmark FROM given g
       WHERE positions.source = g.source`,
  );
}

/** One text for what tells a cell from others. */
export function cellKey(kind: string, id: string): string {
  return `${kind} ${id}`;
}

function keysOf(cells: readonly Cell[]): { columns: readonly string[]; rows: readonly (readonly string[])[] } {
  return { columns: ["kind", "id"], rows: cells.map(({ kind, id }) => [kind, id]) };
}
