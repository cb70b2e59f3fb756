import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { UsesText } from "../../../src/graph/access/access-schema.ts";
import { cellsOf } from "../../../src/graph/cells.ts";
import { Learner } from "../../../src/graph/learner.ts";
import { mergeCells } from "../../../src/graph/merge-cells.ts";
import { mergeSnapshot } from "../../../src/graph/merge-snapshot.ts";
import { type PruneOptions, type PruneReport, Pruning } from "../../../src/graph/prune.ts";
import { resolve } from "../../../src/graph/resolve.ts";
import { printSnapshot } from "../../../src/graph/snapshot.ts";
import type { AccessGraph, AccessRecord } from "../../../src/model/access.ts";
import type { Cell, StateStore } from "../../../src/model/state.ts";
import { HOUR, MONDAY, record } from "../../support/flow-record.ts";
import { learnerOf } from "../../support/learned-state.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import {
  access,
  identity,
  JANE,
  PROXY,
  ROBOT,
  resource,
  someRecords,
  textOf,
  undecidedRecords,
  useLine,
} from "./records.ts";

const TUESDAY = MONDAY + 24 * HOUR;
const eitherLog = fc.oneof({ weight: 3, arbitrary: someRecords }, { weight: 1, arbitrary: undecidedRecords });

function learned(...records: readonly AccessRecord[]): Learner {
  const learner = new Learner();
  for (const one of records) learner.access(one);
  return learner;
}

async function stateOf(...learners: readonly Learner[]): Promise<StateStore> {
  const store = new MemoryStore(mergeCells);
  for (const learner of learners) await store.fold(cellsOf(learner), []);
  return store;
}

async function graphIn(store: StateStore): Promise<AccessGraph> {
  return (await learnerOf(store)).accesses.resolve();
}

async function cellsIn(store: StateStore): Promise<readonly Cell[]> {
  const cells: Cell[] = [];
  for await (const piece of store.cells()) cells.push(...piece);
  return cells;
}

async function prune(store: StateStore, options: Partial<PruneOptions>): Promise<PruneReport> {
  const pass = new Pruning({ before: undefined, namespaces: [], ...options });
  await store.rewrite(pass);
  return pass.report();
}

function printed(learner: Learner): string {
  return printSnapshot(learner, { graph: resolve(learner.observations).graph, access: learner.accesses.resolve() });
}

describe("a state that remembers the use of the API", () => {
  it("gives back what was learned, byte for byte, of the parts of a log as of the whole", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(eitherLog, { maxLength: 4 }), async (parts) => {
        const store = await stateOf(...parts.map((part) => learned(...part)));
        const whole = learned(...parts.flat());
        const restored = await learnerOf(store);
        expect(textOf(restored.accesses)).toBe(textOf(whole.accesses));
        expect(restored.accesses.resolve()).toStrictEqual(whole.accesses.resolve());
        expect(restored.accesses.size).toBeGreaterThanOrEqual(whole.accesses.resolve().uses.length);
      }),
      { numRuns: 60 },
    );
  });

  it("merges without regard to who was there first, and twice only into counters", () => {
    fc.assert(
      fc.property(eitherLog, eitherLog, (a, b) => {
        const others = new Map([...cellsOf(learned(...b))].map((cell) => [`${cell.kind} ${cell.id}`, cell]));
        for (const one of cellsOf(learned(...a))) {
          const other = others.get(`${one.kind} ${one.id}`);
          if (other === undefined) continue;
          const merged = mergeCells(one.kind, one.body, other.body);
          expect(mergeCells(one.kind, other.body, one.body)).toBe(merged);
          if (one.kind !== "counter") expect(mergeCells(one.kind, merged, other.body)).toBe(merged);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("does not grow with names, however many runs saw them", async () => {
    const run = (at: number): Learner =>
      learned(
        ...Array.from({ length: 40 }, (_, name) =>
          access({ attributes: resource({ resource: "pods", name: `pod-${at}-${name}` }) }),
        ),
      );
    const store = await stateOf(...Array.from({ length: 10 }, (_, at) => run(at)));
    const { uses } = await graphIn(store);
    expect(uses).toHaveLength(65);
    expect((await cellsIn(store)).filter(({ kind }) => kind === "access")).toHaveLength(1);
    expect(uses.reduce((sum, { evidence }) => sum + evidence.requests, 0)).toBeGreaterThan(350);
  });

  it("that has more names than are kept is brought under that on reading", async () => {
    const [cell] = [...cellsOf(learned(access()))].filter(({ kind }) => kind === "access");
    if (cell === undefined) throw new Error("there is no cell of access");
    const body: UsesText = JSON.parse(cell.body);
    const [named] = body.family.names;
    const names = Array.from({ length: 500 }, (_, at) => ({ ...named, name: `name-${at}` }));
    const store = new MemoryStore(mergeCells);
    await store.fold([{ ...cell, body: JSON.stringify({ ...body, family: { ...body.family, names } }) }], []);
    expect((await graphIn(store)).uses).toHaveLength(65);
  });

  it("does not presume what one run left undecided once another run tells decisions", async () => {
    const untold = learned(access({ decision: undefined, identity: JANE }));
    expect((await graphIn(await stateOf(untold))).uses.map(({ outcome }) => outcome)).toEqual(["presumed"]);
    for (const order of [
      [untold, learned(access())],
      [learned(access()), untold],
    ]) {
      const graph = await graphIn(await stateOf(...order));
      expect(graph.uses.map(useLine)).toEqual([
        "system:serviceaccount:shop:robot allowed get configmaps shop/settings",
      ]);
      expect(graph.facts.setAside).toEqual({ undecided: 1 });
    }
  });

  it("keeps flows and the use of the API apart", async () => {
    const learner = learned(access({ time: MONDAY + HOUR }));
    learner.flow(record({ time: MONDAY }));
    const restored = await learnerOf(await stateOf(learner));
    expect(restored.accesses.resolve().window).toEqual({ first: MONDAY + HOUR, last: MONDAY + HOUR });
    expect(resolve(restored.observations).graph.window).toEqual({ first: MONDAY, last: MONDAY });
    expect(restored.observations.counts.get("records")).toBe(1);
    expect(restored.accesses.records).toBe(1);
  });

  it("says what was gone before it could be read", async () => {
    const learner = learned(access());
    expect(learner.accesses.resolve().facts).not.toHaveProperty("gaps");
    const gap = { topic: "audit", partition: 0, from: 3, to: 9, why: "expired" } as const;
    learner.observations.addFact("gap", JSON.stringify(gap));
    expect((await graphIn(await stateOf(learner))).facts.gaps).toEqual([gap]);
  });
});

describe("a snapshot of the use of the API", () => {
  it("read back is what was printed, byte for byte", () => {
    fc.assert(
      fc.property(eitherLog, (records) => {
        const text = printed(learned(...records));
        const again = new Learner();
        mergeSnapshot(again, text, "graph.json");
        expect(printed(again)).toBe(text);
      }),
      { numRuns: 40 },
    );
  });

  it("tells readers who used what, and is not there where no audit event was read", () => {
    const snapshot = JSON.parse(printed(learned(access())));
    expect(snapshot.access.uses).toMatchObject([{ identity: ROBOT, outcome: "allowed" }]);
    const flows = new Learner();
    flows.flow(record());
    expect(Object.keys(JSON.parse(printed(flows)))).not.toContain("access");
    expect(Object.keys(JSON.parse(printed(flows)).observations)).not.toContain("access");
  });

  it("has one use a line, so that two can be compared", () => {
    const lines = printed(learned(access(), access({ identity: JANE }))).split("\n");
    expect(lines.filter((line) => line.includes('"outcome":"allowed","family"'))).toHaveLength(2);
  });

  it("that was damaged is refused with the place, and changes nothing", () => {
    const snapshot = JSON.parse(printed(learned(access())));
    snapshot.observations.access.uses[0].outcome = "granted";
    const learner = learned(access({ identity: JANE }));
    const before = printed(learner);
    expect(() => mergeSnapshot(learner, JSON.stringify(snapshot), "graph.json")).toThrow(
      /graph\.json is not a graph snapshot: observations\.access\.uses\.0\.outcome/u,
    );
    expect(printed(learner)).toBe(before);
  });
});

describe("pruning the use of the API", () => {
  const old = (over: Partial<AccessRecord> = {}): AccessRecord => access({ time: MONDAY, ...over });
  const fresh = (over: Partial<AccessRecord> = {}): AccessRecord => access({ time: TUESDAY + HOUR, ...over });
  const other = { attributes: resource({ verb: "list", name: "" }) };

  it("forgets uses last seen before, with their callers, and older hours of what stays", async () => {
    const denied = { decision: "forbid", code: 403 } as const;
    const store = await stateOf(
      learned(old(), fresh(), old(other), old({ identity: JANE }), old({ ...denied, identity: JANE }), old(denied)),
    );
    expect(await prune(store, { before: TUESDAY })).toEqual({
      removed: { access: 2, "access-denial": 2, caller: 1 },
      trimmed: 1,
    });
    const { uses, callers, window } = await graphIn(store);
    expect(uses.map(useLine)).toEqual(["system:serviceaccount:shop:robot allowed get configmaps shop/settings"]);
    expect(uses[0]?.evidence.hours).toEqual([TUESDAY / HOUR + 1]);
    expect(callers.map(({ username }) => username)).toEqual([ROBOT.username]);
    expect(window).toEqual({ first: TUESDAY, last: TUESDAY + HOUR });
  });

  it("forgets single names and denied kinds of use among others that stay", async () => {
    const named = (name: string) => ({ attributes: resource({ name }) });
    const denied = { decision: "forbid", code: 403 } as const;
    const store = await stateOf(
      learned(old(named("a")), fresh(named("b")), old({ ...denied, ...other }), fresh({ ...denied, ...named("c") })),
    );
    expect(await prune(store, { before: TUESDAY })).toEqual({ removed: {}, trimmed: 2 });
    expect((await graphIn(store)).uses.map(useLine)).toEqual([
      "system:serviceaccount:shop:robot allowed get configmaps shop/b",
      "system:serviceaccount:shop:robot denied get configmaps shop/c",
    ]);
  });

  it("forgets a namespace: what was used in it, and what its ServiceAccounts used, under whatever name", async () => {
    const web = resource({ namespace: "web" });
    const bot = identity("system:serviceaccount:web:bot");
    const store = await stateOf(
      learned(
        access({ identity: bot }),
        access({ identity: JANE, attributes: web }),
        access({ identity: JANE, attributes: web, decision: "forbid" }),
        access({ identity: JANE }),
        access({ identity: bot, impersonator: PROXY }),
        access({ identity: JANE, impersonator: bot }),
        access({ identity: JANE, attributes: resource({ namespace: "", name: "", verb: "list" }) }),
      ),
    );
    await prune(store, { namespaces: ["web"] });
    const { uses, callers } = await graphIn(store);
    expect(uses.map(useLine)).toEqual(["jane allowed list configmaps /", "jane allowed get configmaps shop/settings"]);
    expect(callers.map(({ username }) => username)).toEqual(["jane", PROXY.username]);
  });

  it("of nothing changes nothing, and twice is the same as once", async () => {
    await fc.assert(
      fc.asyncProperty(eitherLog, async (records) => {
        const store = await stateOf(learned(...records));
        const before = await cellsIn(store);
        expect(await prune(store, {})).toEqual({ removed: {}, trimmed: 0 });
        expect(await cellsIn(store)).toEqual(before);
        await prune(store, { before: TUESDAY, namespaces: ["kube-system"] });
        const once = await cellsIn(store);
        expect(await prune(store, { before: TUESDAY, namespaces: ["kube-system"] })).toEqual({
          removed: {},
          trimmed: 0,
        });
        expect(await cellsIn(store)).toEqual(once);
      }),
      { numRuns: 40 },
    );
  });

  it("leaves what has no time", async () => {
    const store = await stateOf(learned(access({ time: undefined }), access({ time: undefined, decision: "forbid" })));
    expect(await prune(store, { before: TUESDAY })).toEqual({ removed: {}, trimmed: 0 });
  });
});
