import { Client, escapeIdentifier } from "pg";
import type { Given, Row, Transaction, Value } from "../database.ts";
import { CELLS_AT_ONCE } from "../tables.ts";
import { muteWarning } from "../warnings.ts";
import { isConnectionLost, postgresFailure } from "./failures.ts";
import { forClient } from "./location.ts";

/** Where a state is in PostgreSQL, and how long to wait for it. */
export interface Place {
  readonly url: string;
  /** Without the password. */
  readonly location: string;
  readonly schema: string;
  /** How long others may hold the state, in milliseconds. */
  readonly patienceMs: number;
}

// Read at the first connection that needs it, in the middle of its handshake; not before pg 9 does it go away.
muteWarning({ type: "DeprecationWarning", start: "pgpass support is deprecated" });

const CONNECT_MS = 10_000;
const CLOSE_MS = 3000;
/** A server ends a transaction of ours in which nothing happened for so long: this process or the network is gone. */
const IDLE_WRITING_MS = 20_000;
/** Who reads is in nobody's way, and may take its time with a page. */
const IDLE_READING_MS = 600_000;
/** The longest time one statement should take by itself. */
const STATEMENT_MS = 120_000;

type Ending = "COMMIT" | "ROLLBACK";

/** One connection, in which one transaction at a time runs; its failures are sentences, or interruptions. */
export class Connection implements Transaction {
  readonly #place: Place;
  readonly #client: Client;
  #isLost = false;

  private constructor(place: Place, client: Client) {
    this.#place = place;
    this.#client = client;
    // What happens between statements is noticed at the next one.
    client.on("error", () => {
      this.#isLost = true;
    });
  }

  /** @throws NetlearnError or Interruption when the server does not let us in */
  static async open(place: Place, moment: "open" | "use"): Promise<Connection> {
    try {
      const client = new Client({
        connectionString: forClient(place.url),
        application_name: "netlearn",
        client_encoding: "UTF8",
        connectionTimeoutMillis: CONNECT_MS,
        query_timeout: place.patienceMs + STATEMENT_MS,
        keepAlive: true,
        keepAliveInitialDelayMillis: CONNECT_MS,
      });
      const connection = new Connection(place, client);
      await client.connect();
      return connection;
    } catch (error) {
      throw postgresFailure(error, place.location, moment);
    }
  }

  get isLost(): boolean {
    return this.#isLost;
  }

  /** Begins a transaction in which nobody else writes to the state. */
  async beginWriting(): Promise<void> {
    const { schema, patienceMs } = this.#place;
    // READ COMMITTED: what the lock's last holder committed must be seen by the statements after it.
    await this.#run(`BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; ${this.#settings(IDLE_WRITING_MS)}
      SET LOCAL lock_timeout = ${Math.ceil(patienceMs)};
      SELECT pg_advisory_xact_lock(hashtext('netlearn'), hashtext(${this.#client.escapeLiteral(schema)}))`);
  }

  /** Begins a transaction that sees this moment to its end. */
  async beginReading(): Promise<void> {
    // The moment is that of the first statement that reads.
    await this.#run(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; ${this.#settings(IDLE_READING_MS)}
      SET LOCAL synchronize_seqscans = off; SELECT count(*) FROM pg_namespace`);
  }

  async end(ending: Ending): Promise<void> {
    const moment = ending === "COMMIT" ? "commit" : "use";
    const { command } = await this.#named(() => this.#client.query(ending), moment);
    if (command !== ending) throw new Error(`${ending} ended in ${command}`);
  }

  async query(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return await this.#run(sql, values);
  }

  async queryGiven({ columns, rows }: Given, sql: string): Promise<readonly Row[]> {
    const arrays = columns.map((_, index) => `$${index + 1}::text[]`).join(", ");
    return await this.#run(
      `WITH given AS (SELECT * FROM unnest(${arrays}) AS row (${columns.join(", ")})) ${sql}`,
      columns.map((_, index) => rows.map((row) => row[index] ?? null)),
    );
  }

  async *scan(condition: string): AsyncGenerator<readonly Row[]> {
    // A cursor sees the table as it was when it was declared.
    await this.#run(`DECLARE scan NO SCROLL CURSOR FOR SELECT kind, id, body FROM cells WHERE ${condition}`);
    for (;;) {
      const page = await this.#run(`FETCH ${CELLS_AT_ONCE} FROM scan`);
      if (page.length === 0) break;
      yield page;
    }
    await this.#run("CLOSE scan");
  }

  /** Lets go of the connection; a transaction in it is rolled back. */
  async close(): Promise<void> {
    this.#isLost = true;
    // A server that went away without a word does not say goodbye either.
    const limit = setTimeout(() => this.#client.connection.stream.destroy(), CLOSE_MS);
    await this.#client.end();
    clearTimeout(limit);
  }

  #settings(idleMs: number): string {
    return `SET LOCAL search_path = ${escapeIdentifier(this.#place.schema)};
      SET LOCAL idle_in_transaction_session_timeout = ${idleMs};`;
  }

  async #run(sql: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    // Several statements go without parameters only.
    const query = values === undefined || values.length === 0 ? { text: sql } : { text: sql, values: [...values] };
    const result = await this.#named(() => this.#client.query<Row>(query), "use");
    return result.rows;
  }

  async #named<Result>(work: () => Promise<Result>, moment: "use" | "commit"): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isConnectionLost(error)) this.#isLost = true;
      throw postgresFailure(error, this.#place.location, moment);
    }
  }
}
