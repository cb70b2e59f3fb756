import { CELL_KINDS, type Cell, type CellKind, type Claim } from "../model/state.ts";
import type { Row } from "./database.ts";
import { fromStored } from "./stored-text.ts";

/** What is stored is not what this program stores. */
export class Damage extends Error {
  override readonly name = "Damage";
}

/** A position with who holds it. */
export type HeldPosition = Claim & { readonly owner: string | undefined };

const KINDS: ReadonlySet<string> = new Set(CELL_KINDS);

/** @throws Damage when the row is none of a cell */
export function readCell(row: Row): Cell {
  return { kind: readKind(row), id: readText(row, "id"), body: readText(row, "body") };
}

/** @throws Damage when the row's kind is none */
export function readKind(row: Row): CellKind {
  const kind = row["kind"];
  if (!isKind(kind)) throw new Damage(`a cell is of the unknown kind ${JSON.stringify(kind)}`);
  return kind;
}

/** @throws Damage when the row is none of a position */
export function readPosition(row: Row): HeldPosition {
  return {
    source: decoded(readText(row, "source")),
    next: row["next"] === null ? undefined : readNumber(row, "next"),
    landmark: readOptional(row, "landmark"),
    epoch: readNumber(row, "epoch"),
    owner: readOptional(row, "owner"),
  };
}

/**
 * A whole number, which PostgreSQL gives as a text where it may be a large one.
 *
 * @throws Damage when it is none
 */
export function readNumber(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) {
    throw new Damage(`${column} is ${JSON.stringify(value)} and no whole number`);
  }
  return number;
}

function readText(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new Damage(`${column} is no text`);
  return value;
}

function readOptional(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : decoded(readText(row, column));
}

function decoded(stored: string): string {
  try {
    return fromStored(stored);
  } catch (error) {
    throw new Damage(`${JSON.stringify(stored)} is no text as it is stored`, { cause: error });
  }
}

function isKind(kind: unknown): kind is CellKind {
  return typeof kind === "string" && KINDS.has(kind);
}
