import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellsOf } from "../../src/graph/cells.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { mergeSnapshot } from "../../src/graph/merge-snapshot.ts";
import { exportState } from "../../src/ingest/export-state.ts";
import { importSnapshots } from "../../src/ingest/import-snapshots.ts";
import { mergeState } from "../../src/ingest/merge-states.ts";
import { pruneState } from "../../src/ingest/prune-state.ts";
import { NetlearnError } from "../../src/lib/errors.ts";
import type { FlowRecord } from "../../src/model/flow.ts";
import type { StateStore } from "../../src/model/state.ts";
import { MONDAY, pod, record } from "../support/flow-record.ts";
import { learnerOf, printLearner } from "../support/learned-state.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { VARIED } from "../support/varied-records.ts";

function learned(records: readonly FlowRecord[]): Learner {
  const learner = new Learner();
  for (const one of records) learner.flow(one);
  if (records.length > 0) {
    learner.rejected({ reason: "truncated", place: { source: "a.log", line: records.length }, detail: "ends early" });
  }
  return learner;
}

function emptyState(): StateStore {
  return new MemoryStore(mergeCells);
}

/** Folds records in, from one source to a place in it. */
async function read(store: StateStore, source: string, next: number, records: readonly FlowRecord[]): Promise<void> {
  const [claim] = await store.claim([source], "test");
  if (claim === undefined) throw new Error("no claim");
  await store.fold(cellsOf(learned(records)), [{ ...claim, from: claim.next, next, landmark: `${next}` }]);
}

async function stateOf(source: string, records: readonly FlowRecord[], next = 7): Promise<StateStore> {
  const store = emptyState();
  await read(store, source, next, records);
  return store;
}

async function text(store: StateStore): Promise<string> {
  return printLearner(await learnerOf(store));
}

const some = fc.subarray([...VARIED], { minLength: 1 });

describe("exporting a state", () => {
  it("prints the same bytes whatever was collected when, by whom and in which pieces", async () => {
    await fc.assert(
      fc.asyncProperty(some, some, async (a, b) => {
        const one = await stateOf("file:1", a);
        await read(one, "file:2", 9, b);
        await one.claim(["kafka:x/y/0"], "somebody");
        const other = await stateOf("file:2", b, 9);
        await other.claim(["file:1", "file:2"], "somebody else");
        await read(other, "file:1", 7, a);
        expect(await exportState(one, "one")).toBe(await exportState(other, "other"));
      }),
      { numRuns: 30 },
    );
  });

  it("gives a snapshot that learns the same, with positions, rejections and gaps for people", async () => {
    const store = await stateOf("file:1", VARIED);
    const printed = await exportState(store, "the test");
    const learner = new Learner();
    for (const rejection of mergeSnapshot(learner, printed, "x.json")) learner.addRejections(rejection);
    expect(printLearner(learner)).toBe(await text(store));
    const { state } = JSON.parse(printed);
    expect(state).toMatchObject({ positions: [{ source: "file:1", next: 7 }], rejections: [{ count: 1 }], gaps: [] });
  });

  it("works of several clusters at once, whose graph nobody can draw", async () => {
    const of = (cluster: string): FlowRecord => record({ source: pod("shop/web-0", { cluster, local: true }) });
    const printed = await exportState(await stateOf("file:1", [of("a"), of("b")]), "the test");
    expect(Object.keys(JSON.parse(printed))).toEqual(["apiVersion", "kind", "observations", "state"]);
  });
});

describe("importing snapshots", () => {
  it("adds each once, whatever it is called", async () => {
    const store = await stateOf("file:1", VARIED.slice(0, 5));
    const snapshot = await exportState(await stateOf("file:2", VARIED.slice(5)), "other");
    const files = [
      { name: "a.json", text: snapshot },
      { name: "b.json", text: snapshot },
    ];
    expect((await importSnapshots(store, files, "test")).map(({ isNew }) => isNew)).toEqual([true, false]);
    const both = await stateOf("file:1", VARIED.slice(0, 5));
    await read(both, "file:2", 7, VARIED.slice(5));
    const once = await text(store);
    expect(once).toBe(await text(both));
    expect((await importSnapshots(store, files, "test")).map(({ isNew }) => isNew)).toEqual([false, false]);
    expect(await text(store)).toBe(once);
  });

  it("changes nothing when one of them is none", async () => {
    const store = emptyState();
    const good = { name: "a.json", text: await exportState(await stateOf("file:2", VARIED), "other") };
    const importing = importSnapshots(store, [good, { name: "b.json", text: "{}" }], "test");
    await expect(importing).rejects.toThrow(/b\.json is not a graph snapshot/u);
    expect(await store.positions()).toEqual([]);
    expect((await store.summary()).cells.edge).toBe(0);
  });
});

describe("merging states", () => {
  it("is as if one had read everything, in either order, and again changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(some, some, async (a, b) => {
        const whole = await stateOf("file:1", a);
        await read(whole, "file:2", 7, b);
        const [one, other] = [await stateOf("file:1", a), await stateOf("file:2", b)];
        const [left, right] = [await stateOf("file:1", a), await stateOf("file:2", b)];
        expect(await mergeState(one, { store: right, name: "right" }, "test")).toEqual({
          isNew: true,
          countedTwice: [],
        });
        await mergeState(other, { store: left, name: "left" }, "test");
        const isRead = ({ source }: { readonly source: string }): boolean => source.startsWith("file:");
        expect((await one.positions()).filter(isRead)).toEqual(await whole.positions());
        expect(await text(one)).toBe(await text(whole));
        expect(await text(other)).toBe(await text(whole));
        expect((await mergeState(one, { store: right, name: "right" }, "test")).isNew).toBe(false);
        expect(await text(one)).toBe(await text(whole));
      }),
      { numRuns: 30 },
    );
  });

  it("refuses a source that both have read to different places, by name, and changes nothing", async () => {
    const one = await stateOf("file:1", VARIED.slice(0, 5), 7);
    const other = await stateOf("file:1", VARIED.slice(0, 9), 12);
    const before = await text(one);
    const error = await mergeState(one, { store: other, name: "other.db" }, "test").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NetlearnError);
    expect(String(error)).toContain("other.db has read file:1 to another place than this state: 12 and not 7");
    expect([await text(one), (await one.positions()).length]).toEqual([before, 1]);
  });

  it("takes a source that both have read to the same place, counts it twice and says so", async () => {
    const [one, other] = [await stateOf("file:1", VARIED), await stateOf("file:1", VARIED)];
    const before = (await learnerOf(one)).observations.counts.get("records") ?? 0;
    expect((await mergeState(one, { store: other, name: "other" }, "test")).countedTwice).toEqual(["file:1"]);
    expect((await learnerOf(one)).observations.counts.get("records")).toBe(2 * before);
  });

  it("is refused while the other state changes", async () => {
    const [one, other] = [emptyState(), await stateOf("file:1", VARIED)];
    let asked = 0;
    const moving = {
      cells: () => other.cells(),
      positions: async () => {
        if (asked++ > 0) await read(other, "file:9", asked, VARIED);
        return await other.positions();
      },
    };
    await expect(mergeState(one, { store: moving, name: "other" }, "test")).rejects.toThrow(/changes while/u);
    expect((await one.positions()).filter(({ next }) => next !== undefined)).toEqual([]);
    expect((await learnerOf(one)).observations.counts.get("records")).toBe(undefined);
  });
});

describe("pruning a state", () => {
  it("says beforehand what it would remove, and removes that", async () => {
    const store = await stateOf("file:1", VARIED);
    const before = await text(store);
    const options = { before: MONDAY + 30 * 3_600_000, namespaces: ["shop"] };
    const planned = await pruneState(store, options, true);
    expect(planned.removed.edge).toBeGreaterThan(0);
    expect(await text(store)).toBe(before);
    expect(await pruneState(store, options, false)).toEqual(planned);
    expect(await pruneState(store, options, false)).toEqual({ removed: {}, trimmed: 0 });
  });
});
