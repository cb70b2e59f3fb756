import { existsSync } from "node:fs";
import type { Database, Snapshot, Transaction } from "../database.ts";
import { SCHEMA_VERSION } from "../schema.ts";
import { Turns } from "../turns.ts";
import { noState, refuseOlder } from "../versions.ts";
import { refuseForeign, stateVersion } from "./identity.ts";
import { realPlace, requireWritable, sizeOf } from "./place.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/** Opens a state's file; `write` makes it when there is none. */
export function openSqlite(file: string, mode: "read" | "write"): Database {
  const location = realPlace(file);
  if (existsSync(location)) refuseForeign(location);
  if (mode === "write") {
    requireWritable(location);
    return new SqliteDatabase(location, new Writer(location));
  }
  requireReadable(location);
  return new SqliteDatabase(location, undefined);
}

function requireReadable(location: string): void {
  if (!existsSync(location)) throw noState(location);
  const reader = new Reader(location);
  try {
    const version = stateVersion(reader, location);
    if (version === 0) throw noState(location);
    refuseOlder(version, location);
  } finally {
    reader.close();
  }
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
    const writer = this.#writer;
    if (writer === undefined) throw new Error(`the state ${this.location} was opened for reading`);
    return await this.#turns.take(() => writer.transaction(work));
  }

  async snapshot(): Promise<Snapshot> {
    return new Reader(this.location);
  }

  async bytes(): Promise<number> {
    return sizeOf(this.location);
  }

  async abandon(): Promise<void> {
    await this.#turns.take(async () => this.#writer?.abandon());
  }

  async close(): Promise<void> {
    await this.#turns.take(async () => this.#writer?.close());
  }
}
