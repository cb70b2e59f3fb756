import { existsSync, rmSync } from "node:fs";
import { NetlearnError } from "../../lib/errors.ts";
import type { Transaction } from "../database.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../schema.ts";
import { Connection } from "./connection.ts";
import { APPLICATION_ID, stateVersion } from "./identity.ts";
import { lockState } from "./lock.ts";

/** A WAL that has grown is cut to this once it was written back, in bytes. */
const WAL_LIMIT = 64 * 1024 * 1024;
/** What is kept of the file in memory, in KiB: the index of a million cells fits. */
const CACHE_KIB = 64 * 1024;

/** The one connection that writes to a state; it holds the lock until it is closed. */
export class Writer {
  readonly #connection: Connection;
  readonly #lock: Connection;
  readonly #location: string;
  #isNew = false;

  /**
   * Makes the state when there is none, and brings it forward.
   *
   * @throws NetlearnError when it is damaged, or somebody else writes to it
   */
  constructor(location: string) {
    this.#location = location;
    this.#lock = lockState(location);
    const existed = existsSync(location);
    try {
      this.#connection = new Connection(location, { access: "write" });
    } catch (error) {
      this.#lock.close();
      throw error;
    }
    try {
      const before = this.#prepare(location);
      this.#isNew = !existed && before === 0;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    this.#connection.execute("BEGIN IMMEDIATE");
    try {
      const result = await work(this.#connection);
      this.#connection.execute("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Closes; a file that was made here and has no cells is removed, while the lock is still held. */
  abandon(): void {
    const isEmpty = this.#isNew && this.#connection.number("SELECT count(*) FROM cells") === 0;
    this.#connection.close();
    if (isEmpty) for (const suffix of ["", "-wal", "-shm"]) rmSync(`${this.#location}${suffix}`, { force: true });
    this.#lock.close();
  }

  close(): void {
    this.#connection.close();
    this.#lock.close();
  }

  /** @returns the version it was before */
  #prepare(location: string): number {
    stateVersion(this.#connection, location);
    // FULL: a commit outlasts a loss of power.
    this.#connection.execute(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      PRAGMA cache_size = -${CACHE_KIB}; PRAGMA journal_size_limit = ${WAL_LIMIT}`);
    const before = this.#migrate(location);
    if (before > 0) this.#refuseDamaged(location);
    return before;
  }

  /** @returns the version it was before */
  #migrate(location: string): number {
    this.#connection.execute("BEGIN IMMEDIATE");
    try {
      const version = stateVersion(this.#connection, location);
      for (const { sqlite } of MIGRATIONS.slice(version)) {
        for (const statement of sqlite) this.#connection.execute(statement);
      }
      if (version < SCHEMA_VERSION) {
        this.#connection.execute(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
      }
      this.#connection.execute("COMMIT");
      return version;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** Nobody may build on what is damaged. The check takes about a second for 700 MB in memory; readers go without. */
  #refuseDamaged(location: string): void {
    const [row] = this.#connection.all("PRAGMA quick_check(1)");
    const verdict = row?.["quick_check"];
    if (verdict === "ok") return;
    throw new NetlearnError("NETLEARN_STATE_UNUSABLE", `the state ${location} is damaged: ${String(verdict)}`, {
      hint: "restore it from a backup, or move it away together with its -wal file and learn anew",
    });
  }

  #rollBack(): void {
    // A full disk makes SQLite roll back by itself.
    if (this.#connection.isInTransaction) this.#connection.execute("ROLLBACK");
  }
}
