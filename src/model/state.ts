/** What kinds of facts a state holds; `graph/cells.ts` says what is in their bodies. */
export const CELL_KINDS = [
  "access",
  "access-denial",
  "caller",
  "counter",
  "denial",
  "edge",
  "fact",
  "name",
  "pending",
  "quarantine",
  "rejection",
  "sighting",
  "span",
  "tenancy",
] as const;
export type CellKind = (typeof CELL_KINDS)[number];

/**
 * One fact that was learned, as a store keeps it. The store knows nothing of its meaning: equal facts have equal texts,
 * and facts about one thing have one `id` and are merged (commutatively, associatively).
 */
export interface Cell {
  readonly kind: CellKind;
  /** Derived from what the fact is about; at most 22 characters of base64url. */
  readonly id: string;
  /** JSON on one line. */
  readonly body: string;
}

/**
 * Merges two facts about one thing into one.
 *
 * @param known body as it is stored
 * @param added body that comes to it
 * @throws SyntaxError or NetlearnError when `known` is not what was stored
 */
export type MergeCells = (kind: CellKind, known: string, added: string) => string;

/**
 * How far a source was folded into the state. Sources are named by texts: `kafka:CLUSTER/TOPIC/PARTITION`,
 * `file:FINGERPRINT`, `snapshot:DIGEST`.
 */
export interface Position {
  readonly source: string;
  /** Offset of the first record that was not folded in yet; bytes for files. Undefined: nothing was. */
  readonly next: number | undefined;
  /** Tells the last record that was folded in from another one at its offset; undefined when none was. */
  readonly landmark: string | undefined;
}

/** A position somebody holds: what others fold in from the same source later than this claim is refused. */
export interface Claim extends Position {
  /** Grows with each claim of this source. */
  readonly epoch: number;
}

/** What folding brings one source to. */
export interface Advance extends Position {
  /** The claim this rests on. */
  readonly epoch: number;
  /** Where the position has to be before; undefined: nowhere yet. */
  readonly from: number | undefined;
}

/** What came of folding: all of it, or nothing, since somebody else holds (or moved) the sources named. */
export type FoldOutcome =
  | { readonly kind: "folded"; readonly changed: number }
  | { readonly kind: "fenced"; readonly sources: readonly string[] };

/** A state's size and extent, for people. */
export interface StateSummary {
  /** The file, or the database without its password. */
  readonly location: string;
  readonly schemaVersion: number;
  readonly bytes: number;
  readonly cells: Readonly<Record<CellKind, number>>;
  readonly positions: readonly (Claim & { readonly owner: string | undefined })[];
}

/**
 * Learned state between runs. Whatever fails, a call changes everything it should or nothing.
 *
 * Every method throws NetlearnError `NETLEARN_STATE_UNUSABLE` when the database can't be reached or read, is full, is
 * damaged, or may not be used; `NETLEARN_STATE_BUSY` when another process writes to the file.
 */
export interface StateStore {
  /**
   * Takes sources over: from now on, folds that rest on an earlier claim are refused.
   *
   * @param owner names the collector, for people
   * @returns one claim a source, in the order asked
   */
  claim(sources: readonly string[], owner: string): Promise<readonly Claim[]>;

  /** Merges cells and advances positions, in one transaction; refused as a whole when one advance is. */
  fold(cells: Iterable<Cell>, advances: readonly Advance[]): Promise<FoldOutcome>;

  /** All cells as they are at one moment, sightings first, in pieces. */
  cells(): AsyncIterable<readonly Cell[]>;

  /** All positions as they are at one moment, by source. */
  positions(): Promise<readonly Position[]>;

  summary(): Promise<StateSummary>;

  /**
   * Rewrites cells in one transaction that nobody folds into meanwhile.
   *
   * @param decide the body a cell has from now on, `undefined` to remove it; called for every cell, sightings first, and
   *   may be called again from the beginning when it asks for another pass
   * @returns how many cells were changed and removed
   */
  rewrite(decide: RewritePass): Promise<{ readonly changed: number; readonly removed: number }>;

  close(): Promise<void>;

  /**
   * As close, for work that failed before it began: a file that this opening made, and that nothing was learned into, is
   * taken away again.
   */
  abandon(): Promise<void>;
}

/** Hears all cells once with `survey`, then decides about each with `decide`. */
export interface RewritePass {
  survey(cell: Cell): void;
  decide(cell: Cell): string | undefined;
}
