import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { type Advance, CELL_KINDS, type Cell, type Claim, type StateStore } from "../../src/model/state.ts";
import { cellsAsTheyCome, cellsOf, mergedToys, numbersOf, toy } from "./toy-facts.ts";

/** A place for states of one sort. */
export interface Shelf {
  /** Opens a new state for writing; whoever gave the shelf closes it. */
  readonly open: () => Promise<StateStore>;
}

const fewRuns = { numRuns: 25 };
/** More than one page of a scan, and more than one statement of a fold. */
const MANY = 12_345;

const anyId = fc.constantFrom("a", "b", "c", "-_Z0");
const anyCell: fc.Arbitrary<Cell> = fc
  .record({
    kind: fc.constantFrom(...CELL_KINDS),
    id: anyId,
    numbers: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
  })
  .map(({ kind, id, numbers }) => toy(kind, id, ...numbers));
const anyCells = fc.array(anyCell, { maxLength: 8 });
const anyText = fc.string({ unit: "binary" });

/** What one source brings, batch after batch. */
const anyStream = fc.array(anyCells, { minLength: 1, maxLength: 4 });

function advance(claim: Claim, from: number | undefined, next: number): Advance {
  return { source: claim.source, epoch: claim.epoch, from, next, landmark: `before ${next}` };
}

async function claimOne(store: StateStore, source: string, owner = "test"): Promise<Claim> {
  const [claim] = await store.claim([source], owner);
  if (claim === undefined) throw new Error("nothing was claimed");
  return claim;
}

async function everything(store: StateStore): Promise<unknown> {
  return { cells: await cellsOf(store), positions: (await store.summary()).positions };
}

/** What holds of learned state wherever it is kept. */
export function stateStoreSuite(shelf: Shelf): void {
  let store: StateStore;
  beforeEach(async () => {
    store = await shelf.open();
  });

  describe("folding", () => {
    it("begins with nothing", async () => {
      expect(await cellsOf(store)).toEqual([]);
      expect(await store.positions()).toEqual([]);
      expect(await store.fold([], [])).toEqual({ kind: "folded", changed: 0 });
    });

    it("merges what it is given with what is known, and counts what has changed by it", async () => {
      expect(await store.fold([toy("edge", "a", 1), toy("edge", "b", 1)], [])).toMatchObject({ changed: 2 });
      expect(await store.fold([toy("edge", "a", 1), toy("edge", "b", 2)], [])).toMatchObject({ changed: 1 });
      expect(await cellsOf(store)).toEqual([toy("edge", "a", 1), toy("edge", "b", 1, 2)]);
    });

    it("comes to the same for any order in which the batches of independent sources come", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyStream, { minLength: 1, maxLength: 3 }),
          fc.infiniteStream(fc.nat()),
          async (streams, choices) => {
            const fresh = await shelf.open();
            const claims = await fresh.claim(
              streams.map((_, index) => `source ${index}`),
              "test",
            );
            const waiting = streams.map((batches, index) => ({
              batches: [...batches],
              claim: claims[index]!,
              done: 0,
            }));
            for (let left = waiting; left.length > 0; left = left.filter(({ batches }) => batches.length > 0)) {
              const turn = left[Number(choices.next().value) % left.length]!;
              const from = turn.done === 0 ? undefined : turn.done;
              turn.done++;
              const outcome = await fresh.fold(turn.batches.shift()!, [advance(turn.claim, from, turn.done)]);
              expect(outcome.kind).toBe("folded");
            }
            expect(await cellsOf(fresh)).toEqual(mergedToys(streams.flat(2)));
            expect((await fresh.positions()).map(({ next }) => next)).toEqual(streams.map(({ length }) => length));
          },
        ),
        fewRuns,
      );
    });

    it("takes what can be read only once, a cell given twice, and more than goes into one statement", async () => {
      const given = Array.from({ length: MANY }, (_, index) => toy("counter", `c${index % 7000}`, 1));
      expect(await store.fold(given.values(), [])).toMatchObject({ kind: "folded" });
      expect(await cellsOf(store)).toEqual(mergedToys(given));
    });

    it("keeps every text as it is", async () => {
      await fc.assert(
        fc.asyncProperty(anyText, anyText, anyText, async (text, owner, landmark) => {
          const claim = await claimOne(store, text, owner);
          const body = JSON.stringify([text]);
          const id = Buffer.from(text, "utf16le").toString("base64url").slice(0, 22);
          const next = (claim.next ?? 0) + 1;
          await store.rewrite({ survey: () => {}, decide: () => undefined });
          await store.fold([{ kind: "fact", id, body }], [{ ...claim, from: claim.next, next, landmark }]);
          expect(await cellsOf(store)).toEqual([{ kind: "fact", id, body }]);
          expect(await store.positions()).toContainEqual({ source: text, next, landmark });
          expect((await store.summary()).positions).toContainEqual({
            source: text,
            next,
            landmark,
            owner,
            epoch: claim.epoch,
          });
        }),
        {
          numRuns: 100,
          examples: [
            ["\0", "\ud800", '"'],
            ['"\\u0000"', "", "\u{1f600}\ufeff"],
          ],
        },
      );
    });

    it("keeps offsets as large as numbers are exact", async () => {
      const claim = await claimOne(store, "s");
      await store.fold([], [advance(claim, undefined, Number.MAX_SAFE_INTEGER)]);
      expect(await store.positions()).toMatchObject([{ next: Number.MAX_SAFE_INTEGER }]);
    });

    it("changes nothing when merging fails", async () => {
      const claim = await claimOne(store, "s");
      await store.fold([{ kind: "edge", id: "a", body: "broken" }], []);
      const before = await everything(store);
      const folding = store.fold([toy("edge", "0", 1), toy("edge", "a", 1)], [advance(claim, undefined, 1)]);
      await expect(folding).rejects.toMatchObject({
        code: "NETLEARN_STATE_UNUSABLE",
        message: expect.stringMatching(/damaged: the edge a can't be read/),
      });
      expect(await everything(store)).toEqual(before);
      expect(await store.fold([toy("edge", "0", 1)], [advance(claim, undefined, 1)])).toMatchObject({ kind: "folded" });
    });
  });

  describe("positions", () => {
    it("move exactly once", async () => {
      const claim = await claimOne(store, "s");
      const fold = (): Promise<unknown> => store.fold([toy("counter", "c", 1)], [advance(claim, undefined, 10)]);
      expect(await fold()).toEqual({ kind: "folded", changed: 1 });
      expect(await fold()).toEqual({ kind: "fenced", sources: ["s"] });
      expect(await cellsOf(store)).toEqual([toy("counter", "c", 1)]);
    });

    it("move for one of many that fold the same at once", async () => {
      const claim = await claimOne(store, "s");
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, () => store.fold([toy("counter", "c", 1)], [advance(claim, undefined, 10)])),
      );
      expect(outcomes.filter(({ kind }) => kind === "folded")).toHaveLength(1);
      expect(await cellsOf(store)).toEqual([toy("counter", "c", 1)]);
    });

    it("move by several steps in one fold, when each begins where the one before it ended", async () => {
      const claim = await claimOne(store, "s");
      expect(await store.fold([], [advance(claim, undefined, 2), advance(claim, 2, 5)])).toMatchObject({
        kind: "folded",
      });
      expect(await store.fold([], [advance(claim, 5, 6), advance(claim, 7, 8)])).toMatchObject({ kind: "fenced" });
      expect(await store.positions()).toEqual([{ source: "s", next: 5, landmark: "before 5" }]);
    });

    it("are refused together: one that is wrong keeps everything as it was", async () => {
      const anyFault = fc.constantFrom("epoch before", "epoch after", "from", "unknown");
      await fc.assert(
        fc.asyncProperty(anyCells, anyCells, anyFault, fc.nat(2), async (first, second, fault, wrong) => {
          const fresh = await shelf.open();
          const claims = await fresh.claim(["a", "b", "c"], "test");
          await fresh.fold(
            first,
            claims.map((claim) => advance(claim, undefined, 7)),
          );
          const before = await everything(fresh);
          const good = claims.map((claim) => advance(claim, 7, 9));
          const spoilt: Advance = {
            "epoch before": { ...good[wrong]!, epoch: 0 },
            "epoch after": { ...good[wrong]!, epoch: 2 },
            from: { ...good[wrong]!, from: 6 },
            unknown: { ...good[wrong]!, source: "never claimed" },
          }[fault];
          expect(await fresh.fold(second, good.with(wrong, spoilt))).toEqual({
            kind: "fenced",
            sources: [spoilt.source],
          });
          expect(await everything(fresh)).toEqual(before);
        }),
        fewRuns,
      );
    });

    it("are listed by source", async () => {
      await store.claim(["b", "a", "c", "B"], "test");
      expect((await store.positions()).map(({ source }) => source)).toEqual(["B", "a", "b", "c"]);
    });
  });

  describe("claiming", () => {
    it("answers in the order asked, also about a source that was asked for twice", async () => {
      expect(await store.claim([], "test")).toEqual([]);
      const claims = await store.claim(["b", "a", "b"], "test");
      expect(claims.map(({ source, epoch }) => [source, epoch])).toEqual([
        ["b", 1],
        ["a", 1],
        ["b", 1],
      ]);
    });

    it("goes on where the source's last holder was, whose late folds are refused", async () => {
      const zombie = await claimOne(store, "s", "zombie");
      await store.fold([toy("counter", "c", 1)], [advance(zombie, undefined, 10)]);
      const heir = await claimOne(store, "s", "heir");
      expect(heir).toEqual({ source: "s", next: 10, landmark: "before 10", epoch: zombie.epoch + 1 });
      expect(await store.fold([toy("counter", "c", 1)], [advance(zombie, 10, 20)])).toEqual({
        kind: "fenced",
        sources: ["s"],
      });
      expect(await store.fold([toy("counter", "c", 1)], [advance(heir, 10, 20)])).toMatchObject({ kind: "folded" });
      expect(await cellsOf(store)).toEqual([toy("counter", "c", 2)]);
      expect((await store.summary()).positions).toMatchObject([{ source: "s", next: 20, owner: "heir" }]);
    });

    it("takes nothing from those who hold other sources", async () => {
      const mine = await claimOne(store, "mine");
      await claimOne(store, "other");
      expect(await store.fold([], [advance(mine, undefined, 1)])).toMatchObject({ kind: "folded" });
    });
  });

  describe("cells", () => {
    it("come with the sightings first, and the same whatever the order they were folded in", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyCell, { maxLength: 30 }), fc.array(fc.nat(29)), async (cells, cuts) => {
          const fresh = await shelf.open();
          const bounds = [0, ...cuts.toSorted((a, b) => a - b), cells.length];
          for (let index = 1; index < bounds.length; index++) {
            await fresh.fold(cells.slice(bounds[index - 1], bounds[index]), []);
          }
          const kinds = (await cellsAsTheyCome(fresh)).map(({ kind }) => kind);
          expect(kinds.slice(kinds.findIndex((kind) => kind !== "sighting") >>> 0)).not.toContain("sighting");
          expect(await cellsOf(fresh)).toEqual(mergedToys(cells));
        }),
        fewRuns,
      );
    });

    it("are those of one moment, whatever is folded in while they are read", async () => {
      const before = Array.from({ length: MANY }, (_, index) =>
        toy(index % 3 === 0 ? "sighting" : "edge", `i${index}`, 1),
      );
      await store.fold(before, []);
      const pages: Cell[][] = [];
      for await (const page of store.cells()) {
        pages.push([...page]);
        await store.fold(
          [toy("edge", `new ${pages.length}`, 1), ...before.slice(-3000).map((cell) => toy(cell.kind, cell.id, 2))],
          [],
        );
      }
      expect(pages.length).toBeGreaterThan(2);
      expect(mergedToys(pages.flat())).toEqual(mergedToys(before));
      expect(await cellsOf(store)).toHaveLength(MANY + pages.length);
    });

    it("may be left unread", async () => {
      await store.fold(
        Array.from({ length: MANY }, (_, index) => toy("edge", `i${index}`, 1)),
        [],
      );
      for await (const page of store.cells()) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      expect(await store.fold([toy("edge", "i0", 2)], [])).toMatchObject({ changed: 1 });
    });
  });

  describe("rewriting", () => {
    it("hears of all cells, then changes and removes what is decided", async () => {
      const cells = Array.from({ length: MANY }, (_, index) =>
        toy(index % 4 === 0 ? "sighting" : "edge", `i${index}`, index),
      );
      await store.fold(cells, []);
      const heard: Cell[] = [];
      const asked: Cell[] = [];
      const outcome = await store.rewrite({
        survey: (cell) => {
          expect(asked).toEqual([]);
          heard.push(cell);
        },
        decide: (cell) => {
          asked.push(cell);
          const [number = 0] = numbersOf(cell.body);
          if (number % 3 === 0) return undefined;
          return number % 3 === 1 ? JSON.stringify([number, number]) : cell.body;
        },
      });
      expect(mergedToys(heard)).toEqual(mergedToys(cells));
      expect(asked).toEqual(heard);
      expect(heard.slice(0, Math.ceil(MANY / 4)).every(({ kind }) => kind === "sighting")).toBe(true);
      expect(outcome).toEqual({ changed: Math.ceil((MANY - 1) / 3), removed: Math.ceil(MANY / 3) });
      const left = cells.filter((_, index) => index % 3 !== 0);
      expect(await cellsOf(store)).toEqual(
        mergedToys(
          left.map((cell) => {
            const [number = 0] = numbersOf(cell.body);
            return number % 3 === 1 ? toy(cell.kind, cell.id, number, number) : cell;
          }),
        ),
      );
    });

    it("keeps folds out, and loses none of them", async () => {
      const ids = Array.from({ length: 40 }, (_, index) => `i${index}`);
      const folds = ids.map((id) => () => store.fold([toy("counter", "sum", 1), toy("edge", id, 1)], []));
      const seen: number[] = [];
      const rewrites = Array.from({ length: 5 }, () => async () => {
        let edges = 0;
        let sum = 0;
        await store.rewrite({
          survey: ({ kind, body }) => {
            if (kind === "edge") edges++;
            else sum += numbersOf(body)[0] ?? 0;
          },
          decide: ({ kind, body }) => (kind === "edge" ? JSON.stringify([...numbersOf(body), 9]) : body),
        });
        expect(edges).toBe(sum);
        seen.push(edges);
      });
      await Promise.all([...folds.slice(0, 20), ...rewrites, ...folds.slice(20)].map((work) => work()));
      expect(seen).toHaveLength(5);
      const cells = await cellsOf(store);
      expect(cells.filter(({ kind }) => kind === "edge").map(({ id }) => id)).toEqual(ids.toSorted());
      expect(cells).toContainEqual(toy("counter", "sum", 40));
    });

    it("changes nothing when a decision fails", async () => {
      await store.fold([toy("edge", "a", 1), toy("edge", "b", 2)], []);
      const before = await everything(store);
      const rewriting = store.rewrite({
        survey: () => {},
        decide: ({ id }) => {
          if (id === "b") throw new RangeError("no");
          return undefined;
        },
      });
      await expect(rewriting).rejects.toThrow(RangeError);
      expect(await everything(store)).toEqual(before);
      expect(await store.fold([toy("edge", "a", 2)], [])).toMatchObject({ changed: 1 });
    });
  });

  it("sums itself up", async () => {
    const [claim] = await store.claim(["kafka:x/y/0", "file:z"], "me");
    await store.fold(
      [toy("edge", "a", 1), toy("edge", "b", 1), toy("sighting", "a", 1)],
      [advance(claim!, undefined, 3)],
    );
    const { cells, positions, bytes } = await store.summary();
    expect(Object.keys(cells).toSorted()).toEqual(CELL_KINDS.toSorted());
    expect(cells).toMatchObject({ edge: 2, sighting: 1, counter: 0 });
    expect(bytes).toBeGreaterThan(1000);
    expect(positions).toEqual([
      { source: "file:z", next: undefined, landmark: undefined, epoch: 1, owner: "me" },
      { source: "kafka:x/y/0", next: 3, landmark: "before 3", epoch: 1, owner: "me" },
    ]);
  });
}
