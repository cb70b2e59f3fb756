import type { DatabaseSync, StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { Given, Row, Transaction, Value } from "../database.ts";
import { CELLS_AT_ONCE } from "../tables.ts";
import { sqliteFailure } from "./failures.ts";
import { loadSqlite } from "./load.ts";

/** How long a statement waits for another program that looks into the file. */
const WAIT_MS = 5000;

export interface ConnectOptions {
  /** `immutable`: nobody writes to the file now, and no file is made beside it. */
  readonly access: "immutable" | "read" | "write";
  readonly waitMs?: number;
}

/** One connection to a file; its failures are sentences that name the file. */
export class Connection implements Transaction {
  readonly #location: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws NetlearnError when the file can't be opened; that it is a database shows at the first statement only */
  constructor(location: string, { access, waitMs = WAIT_MS }: ConnectOptions) {
    const { DatabaseSync: Database } = loadSqlite();
    this.#location = location;
    const place = access === "immutable" ? immutable(location) : location;
    this.#database = this.#named(() => new Database(place, { readOnly: access !== "write", timeout: waitMs }));
  }

  get isInTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs statements without parameters, separated by semicolons. */
  execute(sql: string): void {
    this.#named(() => this.#database.exec(sql));
  }

  /** The one number that a statement gives. */
  number(sql: string): number {
    const [value] = Object.values(this.all(sql)[0] ?? {});
    return Number(value);
  }

  all(sql: string, values: readonly Value[] = []): readonly Row[] {
    // Parameters are named, as "$1" is to SQLite.
    const parameters = Object.fromEntries(values.map((value, index) => [`$${index + 1}`, value]));
    return this.#named(() => this.#prepare(sql).all(parameters));
  }

  async query(sql: string, values: readonly Value[] = []): Promise<readonly Row[]> {
    return this.all(sql, values);
  }

  async queryGiven({ columns, rows }: Given, sql: string): Promise<readonly Row[]> {
    const values = columns.map((column, index) => `value ->> ${index} AS ${column}`).join(", ");
    return this.all(`WITH given AS (SELECT ${values} FROM json_each($1)) ${sql}`, [JSON.stringify(rows)]);
  }

  async *scan(condition: string): AsyncGenerator<readonly Row[]> {
    // In the order of the table: through the index it would take four times as long.
    const sql = `SELECT rowid AS place, kind, id, body FROM cells NOT INDEXED
      WHERE rowid > $1 AND ${condition} ORDER BY rowid LIMIT ${CELLS_AT_ONCE}`;
    for (let page = this.all(sql, [0]); page.length > 0; page = this.all(sql, [Number(page.at(-1)?.["place"])])) {
      yield page;
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#database.isOpen) this.#named(() => this.#database.close());
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #named<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw sqliteFailure(error, this.#location);
    }
  }
}

function immutable(location: string): URL {
  const url = pathToFileURL(location);
  url.searchParams.set("immutable", "1");
  return url;
}
