import { existsSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import type { Database, Snapshot, Transaction } from "../database.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../schema.ts";
import { Turns } from "../turns.ts";
import { noState, refuseOlder } from "../versions.ts";
import { Connection } from "./connection.ts";
import { APPLICATION_ID, stateVersion } from "./identity.ts";
import { lockState } from "./lock.ts";

/** A WAL that has grown is cut to this once it was written back, in bytes. */
const WAL_LIMIT = 64 * 1024 * 1024;
/** What the writer keeps of the file, in KiB: the upper levels of the indexes of a million cells fit. */
const CACHE_KIB = 64 * 1024;

/**
 * Opens a state's file; `write` makes it when there is none.
 *
 * Nothing here reads the file but SQLite: closing a file that this process has opened for itself would let go of the
 * locks that SQLite holds on it (https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_).
 */
export function openSqlite(file: string, mode: "read" | "write"): Database {
  const location = realLocation(file);
  if (existsSync(location)) inspect(location, mode);
  else if (mode === "read") throw noState(location);
  return new SqliteDatabase(location, mode === "write" ? openWriter(location) : undefined);
}

/** Refuses what is no state before anything is written, be it a lock beside it. */
function inspect(location: string, mode: "read" | "write"): void {
  const connection = new Connection(location, { readOnly: true });
  try {
    const version = stateVersion(connection, location);
    if (mode === "write") return;
    if (version === 0) throw noState(location);
    refuseOlder(version, location);
  } finally {
    connection.close();
  }
}

interface Writer {
  readonly connection: Connection;
  readonly lock: Connection;
}

function openWriter(location: string): Writer {
  const lock = lockState(location);
  try {
    const connection = new Connection(location, { readOnly: false });
    try {
      prepare(connection, location);
      return { connection, lock };
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    lock.close();
    throw error;
  }
}

function prepare(connection: Connection, location: string): void {
  stateVersion(connection, location);
  // FULL: a commit outlasts a loss of power.
  connection.execute(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA journal_size_limit = ${WAL_LIMIT}`);
  const isNew = migrate(connection, location);
  if (!isNew) refuseDamaged(connection, location);
}

function migrate(connection: Connection, location: string): boolean {
  connection.execute("BEGIN IMMEDIATE");
  try {
    const version = stateVersion(connection, location);
    for (const { sqlite } of MIGRATIONS.slice(version)) {
      for (const statement of sqlite) connection.execute(statement);
    }
    if (version < SCHEMA_VERSION) {
      connection.execute(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
    }
    connection.execute("COMMIT");
    return version === 0;
  } catch (error) {
    rollBack(connection);
    throw error;
  }
}

/** A collector must not build on what is damaged. The check takes about a second and a half for a gigabyte. */
function refuseDamaged(connection: Connection, location: string): void {
  const [row] = connection.all("PRAGMA quick_check(1)");
  const verdict = row?.["quick_check"];
  if (verdict === "ok") return;
  throw new NetlearnError("NETLEARN_STATE_UNUSABLE", `the state ${location} is damaged: ${String(verdict)}`, {
    hint: "restore it from a backup, or move it away together with its -wal file and learn anew",
  });
}

function rollBack(connection: Connection): void {
  // A full disk makes SQLite roll back by itself.
  if (connection.isInTransaction) connection.execute("ROLLBACK");
}

class SqliteDatabase implements Database {
  readonly location: string;
  readonly schemaVersion = SCHEMA_VERSION;
  readonly canBeInterrupted = false;
  readonly #writer: Writer | undefined;
  readonly #turns = new Turns();

  constructor(location: string, writer: Writer | undefined) {
    this.location = location;
    this.#writer = writer;
  }

  async write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const { connection } = this.#writing();
    return await this.#turns.take(async () => {
      connection.execute("BEGIN IMMEDIATE");
      try {
        const result = await work(connection);
        connection.execute("COMMIT");
        return result;
      } catch (error) {
        rollBack(connection);
        throw error;
      }
    });
  }

  async snapshot(): Promise<Snapshot> {
    const snapshot = new SqliteSnapshot(this.location, { readOnly: true });
    try {
      // The moment is that of the first statement.
      snapshot.execute("BEGIN; SELECT count(*) FROM sqlite_schema");
      return snapshot;
    } catch (error) {
      snapshot.close();
      throw error;
    }
  }

  async bytes(): Promise<number> {
    return ["", "-wal"].reduce((sum, suffix) => {
      return sum + (statSync(`${this.location}${suffix}`, { throwIfNoEntry: false })?.size ?? 0);
    }, 0);
  }

  async close(): Promise<void> {
    await this.#turns.take(async () => {
      this.#writer?.connection.close();
      this.#writer?.lock.close();
    });
  }

  #writing(): Writer {
    if (this.#writer === undefined) throw new Error(`the state ${this.location} was opened for reading`);
    return this.#writer;
  }
}

class SqliteSnapshot extends Connection implements Snapshot {
  async end(): Promise<void> {
    this.close();
  }
}

/** One place for one state, however many links lead to it: the lock lies beside it. */
function realLocation(file: string): string {
  const location = path.resolve(file);
  try {
    return realpathSync(location);
  } catch {
    const directory = path.dirname(location);
    if (!existsSync(directory)) {
      throw new NetlearnError(
        "NETLEARN_STATE_UNUSABLE",
        `the state ${location} can't be made: ${directory} does not exist`,
        {
          hint: "make the directory, or name another file",
        },
      );
    }
    return path.join(realpathSync(directory), path.basename(location));
  }
}
