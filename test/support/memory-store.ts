import type {
  Advance,
  Cell,
  Claim,
  FoldOutcome,
  MergeCells,
  Position,
  RewritePass,
  StateStore,
  StateSummary,
} from "../../src/model/state.ts";
import { CELL_KINDS } from "../../src/model/state.ts";

interface Held {
  next: number | undefined;
  landmark: string | undefined;
  epoch: number;
  owner: string | undefined;
}

/** A store for property tests, held to the same suite as the real ones (test/store). */
export class MemoryStore implements StateStore {
  readonly #merge: MergeCells;
  readonly #cells = new Map<string, Cell>();
  readonly #positions = new Map<string, Held>();

  constructor(merge: MergeCells) {
    this.#merge = merge;
  }

  async claim(sources: readonly string[], owner: string): Promise<readonly Claim[]> {
    return sources.map((source) => {
      const held = this.#positions.get(source) ?? { next: undefined, landmark: undefined, epoch: 0, owner };
      held.epoch++;
      held.owner = owner;
      this.#positions.set(source, held);
      return { source, next: held.next, landmark: held.landmark, epoch: held.epoch };
    });
  }

  async fold(cells: Iterable<Cell>, advances: readonly Advance[]): Promise<FoldOutcome> {
    const refused = advances.filter(({ source, epoch, from }) => {
      const held = this.#positions.get(source);
      return held?.epoch !== epoch || held.next !== from;
    });
    if (refused.length > 0) return { kind: "fenced", sources: refused.map(({ source }) => source) };
    let changed = 0;
    for (const cell of cells) {
      const key = `${cell.kind} ${cell.id}`;
      const known = this.#cells.get(key)?.body;
      const body = known === undefined ? cell.body : this.#merge(cell.kind, known, cell.body);
      if (body !== known) changed++;
      this.#cells.set(key, { ...cell, body });
    }
    for (const { source, epoch, next, landmark } of advances) {
      this.#positions.set(source, { next, landmark, epoch, owner: this.#positions.get(source)?.owner });
    }
    return { kind: "folded", changed };
  }

  async *cells(): AsyncIterable<readonly Cell[]> {
    yield this.#sorted();
  }

  async positions(): Promise<readonly Position[]> {
    return [...this.#positions]
      .map(([source, { next, landmark }]) => ({ source, next, landmark }))
      .toSorted((a, b) => (a.source < b.source ? -1 : 1));
  }

  async summary(): Promise<StateSummary> {
    const count = (kind: string): number => [...this.#cells.values()].filter((cell) => cell.kind === kind).length;
    return {
      location: "memory",
      schemaVersion: 1,
      bytes: 0,
      cells: Object.fromEntries(CELL_KINDS.map((kind) => [kind, count(kind)])) as StateSummary["cells"],
      positions: [...this.#positions].map(([source, held]) => ({ source, ...held })),
    };
  }

  async rewrite(pass: RewritePass): Promise<{ readonly changed: number; readonly removed: number }> {
    const all = this.#sorted();
    for (const cell of all) pass.survey(cell);
    let [changed, removed] = [0, 0];
    for (const cell of all) {
      const body = pass.decide(cell);
      const key = `${cell.kind} ${cell.id}`;
      if (body === undefined) {
        removed++;
        this.#cells.delete(key);
      } else if (body !== cell.body) {
        changed++;
        this.#cells.set(key, { ...cell, body });
      }
    }
    return { changed, removed };
  }

  async close(): Promise<void> {}

  async abandon(): Promise<void> {}

  #sorted(): Cell[] {
    const rank = ({ kind, id }: Cell): string => `${kind === "sighting" ? 0 : 1} ${kind} ${id}`;
    return [...this.#cells.values()].toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
  }
}
