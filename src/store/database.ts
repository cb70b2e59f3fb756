/** What a statement takes. */
export type Value = string | number | null;

/** A row by names of columns; whole numbers may come as texts, which `read-row.ts` reads. */
export type Row = Readonly<Record<string, unknown>>;

/** Rows of texts that a statement sees as its table `given`. */
export interface Given {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Statements within one transaction. SQL is what SQLite and PostgreSQL both understand, with parameters `$1`, `$2`. */
export interface Transaction {
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>;
  /** Runs a statement that reads from `given`; one call, however many rows. */
  queryGiven(given: Given, sql: string): Promise<readonly Row[]>;
  /**
   * The cells that meet a condition as they were when the scan began, in pages: `kind`, `id`, `body`. Their bodies may be
   * changed and their rows removed meanwhile.
   */
  scan(condition: string): AsyncIterable<readonly Row[]>;
}

/** A transaction that changes nothing and sees the database at one moment, until it is ended. */
export interface Snapshot extends Transaction {
  end(): Promise<void>;
}

/**
 * A database with a state's tables in it. Failures are NetlearnErrors, or `Interruption` where trying again may help.
 */
export interface Database {
  /** For people: no password. */
  readonly location: string;
  readonly schemaVersion: number;
  /** Whether `write` can be interrupted, so that its work may have to be done again. */
  readonly canBeInterrupted: boolean;
  /** One transaction at a time, over all processes; what throws in it rolls it back. */
  write<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  snapshot(): Promise<Snapshot>;
  /** Size of everything that is stored, in bytes. */
  bytes(): Promise<number>;
  close(): Promise<void>;
  /** As close; what this opening made and left without cells is taken away, where that is safe. */
  abandon(): Promise<void>;
}
