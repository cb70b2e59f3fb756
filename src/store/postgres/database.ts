import type { Database, Snapshot, Transaction } from "../database.ts";
import { persist } from "../interruption.ts";
import { Damage, readNumber } from "../read-row.ts";
import { SCHEMA_VERSION } from "../schema.ts";
import { Turns } from "../turns.ts";
import { Connection, type Place } from "./connection.ts";
import { withoutSecrets } from "./location.ts";
import { checkReadable, migrate } from "./prepare.ts";

/** Opens a state in a schema of its own; `write` makes it when there is none. */
export async function openPostgres(
  url: string,
  options: { readonly mode: "read" | "write"; readonly schema: string; readonly patienceMs: number },
): Promise<Database> {
  const { mode, schema, patienceMs } = options;
  const database = new PostgresDatabase({ url, location: withoutSecrets(url), schema, patienceMs });
  try {
    await persist(() => database.prepare(mode), patienceMs);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

class PostgresDatabase implements Database {
  readonly schemaVersion = SCHEMA_VERSION;
  readonly canBeInterrupted = true;
  readonly #place: Place;
  readonly #turns = new Turns();
  /** What this process writes over, kept between transactions. */
  #writer: Connection | undefined;
  #isClosed = false;

  constructor(place: Place) {
    this.#place = place;
  }

  get location(): string {
    return this.#place.location;
  }

  async prepare(mode: "read" | "write"): Promise<void> {
    const connection = await Connection.open(this.#place, "open");
    try {
      if (mode === "read") {
        await connection.beginReading();
        await checkReadable(connection, this.#place);
        await connection.end("ROLLBACK");
      } else {
        await connection.beginWriting();
        await migrate(connection, this.#place);
        await connection.end("COMMIT");
      }
    } finally {
      await connection.close();
    }
  }

  async write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    return await this.#turns.take(async () => {
      const writer = await this.#connected();
      try {
        await writer.beginWriting();
        const result = await work(writer);
        await writer.end("COMMIT");
        return result;
      } catch (error) {
        await this.#rollBack(writer);
        throw error;
      }
    });
  }

  async snapshot(): Promise<Snapshot> {
    const connection = await Connection.open(this.#place, "use");
    try {
      await connection.beginReading();
    } catch (error) {
      await connection.close();
      throw error;
    }
    return {
      query: (sql, values) => connection.query(sql, values),
      queryGiven: (given, sql) => connection.queryGiven(given, sql),
      scan: (condition) => connection.scan(condition),
      end: () => connection.close(),
    };
  }

  async bytes(): Promise<number> {
    const snapshot = await this.snapshot();
    try {
      const [row] = await snapshot.query(
        `SELECT pg_total_relation_size('cells') + pg_total_relation_size('positions')
           + pg_total_relation_size('meta') AS bytes`,
      );
      if (row === undefined) throw new Damage("its size can't be told");
      return readNumber(row, "bytes");
    } finally {
      await snapshot.end();
    }
  }

  /** A schema may be another collector's by now: it stays. */
  async abandon(): Promise<void> {
    await this.close();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turns.take(async () => await this.#letGo());
  }

  async #connected(): Promise<Connection> {
    if (this.#isClosed) throw new Error(`the state ${this.location} was closed`);
    if (this.#writer?.isLost === true) await this.#letGo();
    this.#writer ??= await Connection.open(this.#place, "use");
    return this.#writer;
  }

  async #rollBack(writer: Connection): Promise<void> {
    try {
      if (!writer.isLost) {
        await writer.end("ROLLBACK");
        return;
      }
    } catch {
      // The server rolls back what it loses the connection of.
    }
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    await writer?.close();
  }
}
