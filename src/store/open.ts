import type { MergeCells, StateStore } from "../model/state.ts";
import type { Database } from "./database.ts";
import { DatabaseStore } from "./database-store.ts";
import { isPostgresUrl } from "./postgres/location.ts";

/** How a state is opened. */
export interface OpenOptions {
  /** `write` makes the state when there is none; `read` looks at it, also while somebody writes. */
  readonly mode: "read" | "write";
  readonly mergeCells: MergeCells;
  /** How long a call waits for a database that went away, in milliseconds; a minute when not given. */
  readonly patienceMs?: number;
  /** The schema in PostgreSQL that holds the state and nothing else; `netlearn` when not given. */
  readonly schema?: string;
}

const PATIENCE_MS = 60_000;

/**
 * Opens learned state.
 *
 * @param location a file, or the URL of a PostgreSQL database (`postgres://` or `postgresql://`)
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`, or `NETLEARN_STATE_BUSY` when another process writes to the file
 */
export async function openState(location: string, options: OpenOptions): Promise<StateStore> {
  const { mode, mergeCells, patienceMs = PATIENCE_MS, schema = "netlearn" } = options;
  return new DatabaseStore(await openDatabase(location, { mode, patienceMs, schema }), { mergeCells, patienceMs });
}

/** Loads what this place needs, and not the client of PostgreSQL for a file. */
async function openDatabase(
  location: string,
  options: { readonly mode: "read" | "write"; readonly patienceMs: number; readonly schema: string },
): Promise<Database> {
  if (isPostgresUrl(location)) {
    return await (await import("./postgres/database.ts")).openPostgres(location, options);
  }
  return (await import("./sqlite/database.ts")).openSqlite(location, options.mode);
}
