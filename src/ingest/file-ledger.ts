import type { Advance, Claim, FoldOutcome, Position, StateStore } from "../model/state.ts";
import type { Delta } from "./delta.ts";
import { FileBook, type FilePosition } from "./file-book.ts";

/** Whoever folds files in claims this first: so two collectors that read the same files notice each other. */
export const FILES_TURN = "file:*";

/** Somebody else changed what the state knows of the file at hand: it has to be looked at anew. */
export class Overtaken extends Error {}

/** Where one source of a file goes. */
export interface FileMove {
  readonly source: string;
  /** Where the book has it. */
  readonly from: number | undefined;
  readonly next: number;
  readonly landmark: string;
}

/** What a fold of a file changes. */
export interface FileFold {
  readonly delta: Delta;
  readonly moves: readonly FileMove[];
  /** The file's first bytes, and how far the state has to have it. */
  readonly head: Buffer;
  readonly expected: FilePosition;
}

/** So many times another collector may come between before that is said. */
const TRIES = 20;

/** What the state knows of files, and the way to change it with what was learned from them. */
export class FileLedger {
  book: FileBook = new FileBook([]);
  readonly #store: StateStore;
  readonly #owner: string;
  #epoch: number | undefined;

  constructor(store: StateStore, owner: string) {
    this.#store = store;
    this.#owner = owner;
  }

  async reload(): Promise<void> {
    this.book = new FileBook(await this.#store.positions());
  }

  /**
   * Folds what was learned of a file and moves its positions, all or nothing.
   *
   * @throws Overtaken when the state has the file otherwise than expected; nothing was changed
   */
  async fold({ delta, moves, head, expected }: FileFold): Promise<Extract<FoldOutcome, { kind: "folded" }>> {
    const sources = [FILES_TURN, ...moves.map(({ source }) => source)];
    for (let left = TRIES; left > 0; left--) {
      const [turn, ...claims] = await this.#store.claim(sources, this.#owner);
      if (turn === undefined) break;
      // Nobody else had a turn since ours: then the book is right.
      if (this.#epoch === undefined || turn.epoch !== this.#epoch + 1) await this.reload();
      this.#epoch = turn.epoch;
      const known = this.book.find(head);
      const isAsExpected = known.source === expected.source && known.next === expected.next;
      if (!isAsExpected || moves.some(({ from }, at) => claims[at]?.next !== from)) throw new Overtaken();
      const advances = moves.flatMap((move, at) => advanceOf(move, claims[at]));
      const outcome = await this.#store.fold(delta.cells(), [{ ...turn, from: turn.next }, ...advances]);
      if (outcome.kind === "folded") {
        for (const { source, next, landmark } of advances) this.book.set({ source, next, landmark } satisfies Position);
        return outcome;
      }
      this.#epoch = undefined;
    }
    throw new Overtaken();
  }
}

function advanceOf({ source, from, next, landmark }: FileMove, claim: Claim | undefined): readonly Advance[] {
  return claim === undefined ? [] : [{ source, epoch: claim.epoch, from, next, landmark }];
}
