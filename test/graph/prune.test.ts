import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellsOf } from "../../src/graph/cells.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { type PruneOptions, type PruneReport, Pruning } from "../../src/graph/prune.ts";
import { resolve } from "../../src/graph/resolve.ts";
import type { FlowRecord } from "../../src/model/flow.ts";
import type { CommunicationGraph } from "../../src/model/graph.ts";
import type { Cell, StateStore } from "../../src/model/state.ts";
import { CART, CART_IP, edgeText, HOUR, MONDAY, NOBODY, pod, record, reserved } from "../support/flow-record.ts";
import { learnerOf, printLearner } from "../support/learned-state.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { readLines } from "../support/read-lines.ts";
import { randomWorld, simulate } from "../support/simulator/index.ts";
import { VARIED } from "../support/varied-records.ts";

const TUESDAY = MONDAY + 24 * HOUR;
const NOTHING: PruneOptions = { before: undefined, namespaces: [] };

function learned(records: readonly FlowRecord[]): Learner {
  const learner = new Learner();
  for (const one of records) learner.flow(one);
  return learner;
}

async function stateOf(...learners: readonly Learner[]): Promise<StateStore> {
  const store = new MemoryStore(mergeCells);
  for (const learner of learners) await store.fold(cellsOf(learner), []);
  return store;
}

async function prune(store: StateStore, options: Partial<PruneOptions>): Promise<PruneReport> {
  const pass = new Pruning({ ...NOTHING, ...options });
  await store.rewrite(pass);
  return pass.report();
}

async function cellsIn(store: StateStore): Promise<ReadonlyMap<string, string>> {
  const cells: Cell[] = [];
  for await (const piece of store.cells()) cells.push(...piece);
  return new Map(cells.map(({ kind, id, body }) => [`${kind} ${id}`, body]));
}

async function graphIn(store: StateStore): Promise<CommunicationGraph> {
  return resolve((await learnerOf(store)).observations).graph;
}

/** An edge with the hours since Tuesday. */
function hoursText(edge: CommunicationGraph["edges"][number]): string {
  return `${edgeText(edge)}: ${edge.evidence.hours.filter((hour) => hour * HOUR >= TUESDAY).join()}`;
}

/** Records of a day and of the day after, of the same ends or others. */
const records = fc.array(
  fc.record({ at: fc.nat({ max: VARIED.length - 1 }), day: fc.constantFrom(0, 1), hour: fc.nat({ max: 23 }) }),
  { maxLength: 24 },
);
function made(rows: readonly { readonly at: number; readonly day: number; readonly hour: number }[]): FlowRecord[] {
  return rows.flatMap(({ at, day, hour }) => {
    const one = VARIED[at];
    return one === undefined ? [] : [{ ...one, time: MONDAY + (day * 24 + hour) * HOUR }];
  });
}

describe("pruning", () => {
  it("of nothing changes nothing", async () => {
    const store = await stateOf(learned(VARIED));
    const before = await cellsIn(store);
    expect(await prune(store, NOTHING)).toEqual({ removed: {}, trimmed: 0 });
    expect(await cellsIn(store)).toEqual(before);
    expect(await prune(store, { before: 0, namespaces: ["elsewhere"] })).toMatchObject({ trimmed: 0 });
    expect((await graphIn(store)).edges).toEqual(resolve(learned(VARIED).observations).graph.edges);
  });

  it("twice is the same as once", async () => {
    await fc.assert(
      fc.asyncProperty(records, fc.subarray(["shop", "kube-system"]), async (rows, namespaces) => {
        const store = await stateOf(learned(made(rows)));
        await prune(store, { before: TUESDAY, namespaces });
        const once = await cellsIn(store);
        expect(await prune(store, { before: TUESDAY, namespaces })).toEqual({ removed: {}, trimmed: 0 });
        expect(await cellsIn(store)).toEqual(once);
      }),
    );
  });

  it("leaves what stays as it was, but for hours", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const store = await stateOf(learned(made(rows)));
        const before = await cellsIn(store);
        await prune(store, { before: TUESDAY });
        const withoutHours = (body: string): string => body.replace(/"hours":\[[\d,]*\]/u, "");
        for (const [key, body] of await cellsIn(store)) {
          if (!key.startsWith("span ")) expect(withoutHours(body)).toBe(withoutHours(before.get(key) ?? ""));
        }
      }),
    );
  });

  it("leaves exactly the edges that were seen since, with the hours since", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const store = await stateOf(learned(made(rows)));
        const before = await graphIn(store);
        await prune(store, { before: TUESDAY });
        const after = await graphIn(store);
        const recent = before.edges.filter(({ evidence }) => (evidence.lastSeen ?? TUESDAY) >= TUESDAY);
        expect(after.edges.map(hoursText)).toEqual(recent.map(hoursText));
        expect(after.window?.last).toBe(after.window && before.window?.last);
        expect(after.window === undefined || after.window.first >= TUESDAY).toBe(true);
        expect(after.facts).toEqual(before.facts);
      }),
    );
  });

  it("commutes with folding what is newer: the same edges and hours, where ends are named", async () => {
    await fc.assert(
      fc.asyncProperty(records, async (rows) => {
        const [old = [], fresh = []] = [0, 1].map((day) => made(rows.filter((row) => row.day === day)));
        // Who a bare address is, and that nothing arrived, may be known from long ago alone, and then is forgotten.
        fc.pre(fresh.every(({ source, destination }) => source !== NOBODY && destination !== NOBODY));
        fc.pre(!old.some(({ event }) => event === "drop"));
        const first = await stateOf(learned(old));
        await prune(first, { before: TUESDAY });
        await first.fold(cellsOf(learned(fresh)), []);
        const last = await stateOf(learned(old), learned(fresh));
        await prune(last, { before: TUESDAY });
        expect((await graphIn(first)).edges.map(hoursText)).toEqual((await graphIn(last)).edges.map(hoursText));
      }),
    );
  });

  it("keeps who held an address while something that stays was seen at it", async () => {
    const early = record({ time: MONDAY });
    const bare = record({ time: TUESDAY, destination: NOBODY, destinationPort: 9090 });
    const store = await stateOf(learned([early, bare]));
    await prune(store, { before: TUESDAY });
    expect((await graphIn(store)).edges.map(edgeText)).toEqual(["shop/frontend -> shop/cart 9090/TCP"]);
  });

  it("leaves what has no time", async () => {
    const store = await stateOf(learned([record({ time: undefined })]));
    expect((await prune(store, { before: TUESDAY })).removed).toEqual({});
  });

  it("makes a state smaller whose pods came and went", async () => {
    const seen = Array.from({ length: 300 }, (_, at) =>
      record({ time: MONDAY + at * HOUR, sourceIp: `10.0.3.${at % 250}`, destinationPort: 1000 + at }),
    );
    const store = await stateOf(learned(seen));
    const { removed } = await prune(store, { before: MONDAY + 250 * HOUR });
    expect(removed).toEqual({ edge: 250, tenancy: 200 });
  });
});

describe("forgetting a namespace", () => {
  const lines = simulate(randomWorld(3, 10), { seed: 3, hours: 2 }).lines;
  const all: FlowRecord[] = [];
  readLines(lines, {
    flow: (one) => all.push(one),
    access: () => {},
    lostEvents: () => {},
    nodeStatus: () => {},
    otherEvent: () => {},
    rejected: () => {},
  });

  it("leaves the edges that learning without its records would have", async () => {
    const names = new Set(all.flatMap(({ source, destination }) => [source.namespace, destination.namespace]));
    const namespaces = [...names].filter((name) => name !== undefined);
    expect(namespaces.length).toBeGreaterThan(1);
    for (const namespace of namespaces) {
      const store = await stateOf(learned(all));
      const before = await graphIn(store);
      await prune(store, { namespaces: [namespace] });
      const after = await graphIn(store);
      const touches = ({ client, server }: CommunicationGraph["edges"][number]): boolean =>
        [client, server].some((peer) => peer.kind === "workload" && peer.workload.startsWith(`${namespace}/`));
      expect(after.edges).toEqual(before.edges.filter((edge) => !touches(edge)));
      const body = [...(await cellsIn(store))].filter(([key]) =>
        /^(?:edge|sighting|tenancy|denial|pending) /u.test(key),
      );
      expect(body.filter(([, text]) => text.includes(`"namespace":"${namespace}"`))).toEqual([]);
    }
  });

  it("takes along what was seen at its pods' addresses alone, and makes no stranger of them", async () => {
    const bare = record({ destination: NOBODY, destinationPort: 9090 });
    const store = await stateOf(learned([record({ source: pod("web/page-5d69f8c7b4-x7k2p") }), bare]));
    await prune(store, { namespaces: ["shop"] });
    expect((await graphIn(store)).edges).toEqual([]);
    const kept = await stateOf(
      learned([
        record(),
        record({
          source: reserved("host"),
          sourceIp: CART_IP,
          destination: pod("web/page-5d69f8c7b4-x7k2p"),
          destinationIp: "10.0.7.7",
        }),
      ]),
    );
    await prune(kept, { namespaces: ["shop"] });
    expect((await graphIn(kept)).edges.map(edgeText)).toEqual([expect.stringContaining("-> web/page 7070/TCP")]);
  });

  it("leaves other namespaces byte for byte", async () => {
    const others = [record({ source: pod("web/page-5d69f8c7b4-x7k2p"), destination: pod("web/api-5d69f8c7b4-x7k2p") })];
    const store = await stateOf(
      learned([...others, record({ sourceIp: "10.0.1.6", destination: CART, destinationIp: "10.0.2.7" })]),
    );
    await prune(store, { namespaces: ["shop"] });
    const edges = (text: string): string => text.slice(text.indexOf('"edges"'), text.indexOf('"facts"'));
    expect(edges(printLearner(await learnerOf(store)))).toBe(edges(printLearner(learned(others))));
  });
});
