import { NetlearnError } from "../lib/errors.ts";
import { by } from "../lib/sort.ts";
import {
  type Advance,
  type Cell,
  type CellKind,
  type Claim,
  type FoldOutcome,
  type MergeCells,
  type Position,
  type RewritePass,
  type StateStore,
  type StateSummary,
} from "../model/state.ts";
import type { Database, Snapshot, Transaction } from "./database.ts";
import { canTellWhetherFolded, foldInto } from "./fold.ts";
import { Interruption, persist } from "./interruption.ts";
import { Damage, type HeldPosition, readCell, readKind, readNumber } from "./read-row.ts";
import { readAllPositions, removeCells, takeOver, writeCells } from "./tables.ts";

const SIGHTINGS_FIRST = ["kind = 'sighting'", "kind <> 'sighting'"];

/** What a store needs to know besides its database. */
export interface StoreOptions {
  readonly mergeCells: MergeCells;
  /** How long a call tries again while the database is away, in milliseconds. */
  readonly patienceMs: number;
}

/** Learned state in a database of either dialect. */
export class DatabaseStore implements StateStore {
  readonly #database: Database;
  readonly #options: StoreOptions;

  constructor(database: Database, options: StoreOptions) {
    this.#database = database;
    this.#options = options;
  }

  async claim(sources: readonly string[], owner: string): Promise<readonly Claim[]> {
    if (sources.length === 0) return [];
    // Claimed twice after an answer was lost: the epoch is higher than it need be.
    const held = await this.#persist(async () => {
      return await this.#database.write((transaction) => takeOver(transaction, [...new Set(sources)], owner));
    });
    const claims = new Map(held.map((position) => [position.source, toClaim(position)]));
    return sources.map((source) => {
      const claim = claims.get(source);
      if (claim === undefined) throw new Error(`${source} was not claimed`);
      return claim;
    });
  }

  async fold(cells: Iterable<Cell>, advances: readonly Advance[]): Promise<FoldOutcome> {
    const isRepeatable = !this.#database.canBeInterrupted || !isOneShot(cells);
    const fold = { cells: isRepeatable ? cells : [...cells], advances };
    let reached: FoldOutcome | undefined;
    let lost: FoldOutcome | undefined;
    return await this.#persist(
      async () => {
        return await this.#database.write(async (transaction) => {
          reached = await foldInto(transaction, fold, this.#options.mergeCells, lost);
          return reached;
        });
      },
      (interruption) => {
        if (!interruption.isUncertain) return;
        if (!canTellWhetherFolded(advances)) throw uncertain(interruption, "whether it was folded in");
        lost ??= reached;
      },
    );
  }

  async *cells(): AsyncIterable<readonly Cell[]> {
    const snapshot = await this.#persist(() => this.#database.snapshot());
    try {
      for (const condition of SIGHTINGS_FIRST) {
        for await (const rows of snapshot.scan(condition)) yield rows.map(readCell);
      }
    } catch (error) {
      throw this.#failure(error);
    } finally {
      await snapshot.end();
    }
  }

  async positions(): Promise<readonly Position[]> {
    const held = await this.#look(readAllPositions);
    return held.map(({ source, next, landmark }) => ({ source, next, landmark })).toSorted(by(({ source }) => source));
  }

  async summary(): Promise<StateSummary> {
    const { location, schemaVersion } = this.#database;
    const { positions, cells } = await this.#look(async (snapshot) => ({
      positions: (await readAllPositions(snapshot)).toSorted(by(({ source }) => source)),
      cells: await countCells(snapshot),
    }));
    const bytes = await this.#persist(() => this.#database.bytes());
    return { location, schemaVersion, bytes, cells, positions };
  }

  async rewrite(pass: RewritePass): Promise<{ readonly changed: number; readonly removed: number }> {
    let hasBegun = false;
    return await this.#persist(
      async () => {
        return await this.#database.write(async (transaction) => {
          hasBegun = true;
          for await (const cells of pagesOf(transaction)) for (const cell of cells) pass.survey(cell);
          return await decideAll(transaction, pass);
        });
      },
      (interruption) => {
        // The pass remembers what it heard, and must not hear it twice.
        if (interruption.isUncertain) throw uncertain(interruption, "whether the state was rewritten");
        if (hasBegun) throw interruption.failure;
      },
    );
  }

  async abandon(): Promise<void> {
    await this.#database.abandon();
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  async #look<Result>(look: (snapshot: Snapshot) => Promise<Result>): Promise<Result> {
    return await this.#persist(async () => {
      const snapshot = await this.#database.snapshot();
      try {
        return await look(snapshot);
      } finally {
        await snapshot.end();
      }
    });
  }

  async #persist<Result>(
    work: () => Promise<Result>,
    recall: (interruption: Interruption) => void = () => {},
  ): Promise<Result> {
    try {
      return await persist(work, this.#options.patienceMs, recall);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): unknown {
    if (error instanceof Interruption) return error.failure;
    if (!(error instanceof Damage)) return error;
    return new NetlearnError(
      "NETLEARN_STATE_UNUSABLE",
      `the state ${this.#database.location} is damaged: ${error.message}`,
      {
        hint: "restore it from a backup, or move it away and learn anew",
        cause: error,
      },
    );
  }
}

async function decideAll(
  transaction: Transaction,
  pass: RewritePass,
): Promise<{ readonly changed: number; readonly removed: number }> {
  let changed = 0;
  let removed = 0;
  for await (const cells of pagesOf(transaction)) {
    const decided = cells.map((cell) => ({ cell, body: pass.decide(cell) }));
    const gone = decided.filter(({ body }) => body === undefined).map(({ cell }) => cell);
    const other = decided.flatMap(({ cell, body }) => {
      return body === undefined || body === cell.body ? [] : [{ ...cell, body }];
    });
    await removeCells(transaction, gone);
    await writeCells(transaction, other);
    changed += other.length;
    removed += gone.length;
  }
  return { changed, removed };
}

async function* pagesOf(transaction: Transaction): AsyncGenerator<readonly Cell[]> {
  for (const condition of SIGHTINGS_FIRST) {
    for await (const rows of transaction.scan(condition)) yield rows.map(readCell);
  }
}

async function countCells(snapshot: Snapshot): Promise<Readonly<Record<CellKind, number>>> {
  const counts = new Map<CellKind, number>();
  for (const row of await snapshot.query("SELECT kind, count(*) AS cells FROM cells GROUP BY kind")) {
    counts.set(readKind(row), readNumber(row, "cells"));
  }
  const of = (kind: CellKind): number => counts.get(kind) ?? 0;
  return {
    access: of("access"),
    "access-denial": of("access-denial"),
    caller: of("caller"),
    counter: of("counter"),
    denial: of("denial"),
    edge: of("edge"),
    fact: of("fact"),
    name: of("name"),
    pending: of("pending"),
    quarantine: of("quarantine"),
    rejection: of("rejection"),
    sighting: of("sighting"),
    span: of("span"),
    tenancy: of("tenancy"),
  };
}

function toClaim({ source, next, landmark, epoch }: HeldPosition): Claim {
  return { source, next, landmark, epoch };
}

function isOneShot(cells: Iterable<Cell>): boolean {
  return Object.is(cells[Symbol.iterator](), cells);
}

function uncertain({ failure }: Interruption, what: string): NetlearnError {
  return new NetlearnError(
    "NETLEARN_STATE_UNUSABLE",
    `${failure.message} at the last moment: it is not known ${what}`,
    {
      hint: "look at the state before doing it again",
      cause: failure,
    },
  );
}
