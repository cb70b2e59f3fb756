import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellsOf } from "../../src/graph/cells.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeCells } from "../../src/graph/merge-cells.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { CellRestorer } from "../../src/graph/restore-cells.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { FlowRecord } from "../../src/model/flow.ts";
import type { Rejection } from "../../src/model/observation.ts";
import type { Cell } from "../../src/model/state.ts";
import { MONDAY, record } from "../support/flow-record.ts";
import { readLines } from "../support/read-lines.ts";
import { randomWorld, simulate } from "../support/simulator/index.ts";
import { VARIED } from "../support/varied-records.ts";

type Table = Map<string, Cell>;

/** What a store does, without one. */
function fold(table: Table, learner: Learner): Table {
  for (const cell of cellsOf(learner)) {
    const key = `${cell.kind} ${cell.id}`;
    const known = table.get(key);
    table.set(key, known === undefined ? cell : { ...cell, body: mergeCells(cell.kind, known.body, cell.body) });
  }
  return table;
}

function restored(table: Table): Learner {
  const learner = new Learner();
  const restorer = new CellRestorer(learner, "the test");
  const cells = [...table.values()];
  for (const cell of cells.filter(({ kind }) => kind === "sighting")) restorer.add(cell);
  for (const cell of cells.filter(({ kind }) => kind !== "sighting")) restorer.add(cell);
  return learner;
}

function printed(learner: Learner): string {
  return printSnapshot(learner, { graph: resolve(learner.observations).graph, access: undefined });
}

function learned(...records: readonly FlowRecord[]): Learner {
  const learner = new Learner();
  for (const one of records) learner.flow(one);
  return learner;
}

function rejection(source: string, line: number): Rejection {
  return { reason: "invalid-json", place: { source, line }, detail: "broken" };
}

describe("cells", () => {
  it("give back what was learned, byte for byte, and all the same ids", () => {
    const learner = learned(...VARIED);
    const table = fold(new Map(), learner);
    expect(printed(restored(table))).toBe(printed(learner));
    expect(new Set(fold(new Map(), restored(table)).keys())).toEqual(new Set(table.keys()));
  });

  it("of the parts of a stream, folded in any order, are those of the whole", () => {
    const parts = fc
      .array(fc.array(fc.nat({ max: VARIED.length - 1 }), { maxLength: 8 }), { maxLength: 6 })
      .chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(
            all.map((_, at) => at),
            { minLength: all.length },
          ),
        ),
      );
    fc.assert(
      fc.property(parts, ([indices, order]) => {
        const deltas = indices.map((part) => part.flatMap((at) => VARIED[at] ?? []));
        const table: Table = new Map();
        for (const at of order) fold(table, learned(...(deltas[at] ?? [])));
        expect(printed(restored(table))).toBe(printed(learned(...deltas.flat())));
      }),
      { numRuns: 60 },
    );
  });

  it("of a simulated cluster's log, cut anywhere, are those of the whole log", () => {
    for (const seed of [1, 2, 3]) {
      const { lines } = simulate(randomWorld(seed, 8), { seed, hours: 3 });
      const whole = new Learner();
      readLines(lines, whole);
      const table: Table = new Map();
      for (let at = 0; at < lines.length; at += 97 + seed) {
        const delta = new Learner();
        readLines(lines.slice(at, at + 97 + seed), delta);
        fold(table, delta);
      }
      expect(printed(restored(table))).toBe(printed(whole));
    }
  });

  it("keep more undirected groups than fit, and agree on which stay", () => {
    const undirected = (at: number): FlowRecord =>
      record({
        isReply: undefined,
        tcpFlags: undefined,
        sourcePort: 1 + (at % 32_000),
        destinationPort: 1 + Math.floor(at / 3),
        time: MONDAY + at,
      });
    const records = Array.from({ length: 90_000 }, (_, at) => undirected(at));
    const table: Table = new Map();
    for (let at = 0; at < records.length; at += 70_000) fold(table, learned(...records.slice(at, at + 70_000)));
    expect(printed(restored(table))).toBe(printed(learned(...records)));
  });

  it("keep counts of rejections, with the first sample by place", () => {
    const places = [rejection("flows/1@7", 1), rejection("flows/0@9", 2), rejection("flows/0@9", 1)];
    fc.assert(
      fc.property(fc.shuffledSubarray(places, { minLength: 3 }), fc.nat({ max: 3 }), (order, cut) => {
        const table: Table = new Map();
        for (const part of [order.slice(0, cut), order.slice(cut)]) {
          const delta = new Learner();
          for (const one of part) delta.rejected(one);
          fold(table, delta);
        }
        expect(restored(table).rejections()).toEqual([
          { reason: "invalid-json", count: 3, sample: rejection("flows/0@9", 1) },
        ]);
      }),
    );
  });

  it("merge without regard to who was there first, and twice only into counters", () => {
    const all = VARIED.map((one) => [...cellsOf(learned(one))]);
    const pairs = all.flatMap((some, at) => all.slice(at).flatMap((others) => samePairs(some, others)));
    expect(pairs.length).toBeGreaterThan(100);
    for (const [a, b] of pairs) {
      const merged = JSON.parse(mergeCells(a.kind, a.body, b.body));
      expect(JSON.parse(mergeCells(a.kind, b.body, a.body))).toEqual(merged);
      if (a.kind !== "counter" && a.kind !== "rejection" && a.kind !== "pending") {
        expect(JSON.parse(mergeCells(a.kind, mergeCells(a.kind, a.body, b.body), b.body))).toEqual(merged);
      }
    }
  });

  it("that are damaged are refused by name", () => {
    const restorer = new CellRestorer(new Learner(), "state.db");
    expect(() => restorer.add({ kind: "edge", id: "x", body: "{" })).toThrow(
      "the state at state.db is damaged: edge x is no JSON",
    );
    const [edge] = [...cellsOf(learned(record()))].filter(({ kind }) => kind === "edge");
    expect(edge && (() => restorer.add(edge))).toThrow(/there is no sighting/u);
  });
});

function samePairs(some: readonly Cell[], others: readonly Cell[]): (readonly [Cell, Cell])[] {
  return some.flatMap((a) => others.filter((b) => a.kind === b.kind && a.id === b.id).map((b) => [a, b] as const));
}
