import type { MergeCells, StateStore } from "../model/state.ts";
import { DatabaseStore } from "./database-store.ts";

/** How a state is opened. */
export interface OpenOptions {
  /** `write` makes the state when there is none; `read` looks at it, also while somebody writes. */
  readonly mode: "read" | "write";
  readonly mergeCells: MergeCells;
  /** How long a call waits for a database that went away, in milliseconds; a minute when not given. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 60_000;

/**
 * Opens learned state.
 *
 * @param location a file, or the URL of a PostgreSQL database (`postgres://` or `postgresql://`)
 * @throws NetlearnError `NETLEARN_STATE_UNUSABLE`, or `NETLEARN_STATE_BUSY` when another process writes to the file
 */
export async function openState(location: string, options: OpenOptions): Promise<StateStore> {
  const { mode, mergeCells, patienceMs = PATIENCE_MS } = options;
  const { openSqlite } = await import("./sqlite/database.ts");
  return new DatabaseStore(openSqlite(location, mode), { mergeCells, patienceMs });
}
