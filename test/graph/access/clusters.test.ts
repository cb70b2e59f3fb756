import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessObservations } from "../../../src/graph/access/access-observations.ts";
import { AccessText } from "../../../src/graph/access/access-schema.ts";
import { restoreAccess } from "../../../src/graph/access/restore-access.ts";
import { cellsOf } from "../../../src/graph/cells.ts";
import { Learner } from "../../../src/graph/learner.ts";
import { mergeCells } from "../../../src/graph/merge-cells.ts";
import type { AccessRecord } from "../../../src/model/access.ts";
import { learnerOf } from "../../support/learned-state.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { access, graphOf, JANE, observe, path, resource, shuffled, someRecords, textOf } from "./records.ts";

const someClusters = someRecords.chain((records) =>
  fc.tuple(
    ...records.map((record) =>
      fc.constantFrom("prod", "dev", undefined).map((cluster): AccessRecord => ({ ...record, cluster })),
    ),
  ),
);

function withoutClusters(records: readonly AccessRecord[]): readonly AccessRecord[] {
  return records.map(({ cluster: _, ...record }) => record);
}

describe("audit logs of several clusters", () => {
  it("are refused while nobody says which one is meant, with their names", () => {
    const mixed = observe(access({ cluster: "prod" }), access({ cluster: "dev" }));
    expect(() => mixed.resolve()).toThrow(/mixes 2 clusters: dev, prod/);
    expect(() => mixed.resolve({ clusterName: "test" })).toThrow(/is of dev, prod, not of test/);
  });

  it("of one name are told apart by where they are, and may be called by the name alone where it is enough", () => {
    const [west, east, dev] = ["prod (acme/west)", "prod (acme/east)", "dev (acme/west)"];
    const both = observe(access({ cluster: west }), access({ cluster: east }), access({ cluster: dev }));
    expect(() => both.resolve({ clusterName: "prod" })).toThrow(/several clusters called prod/);
    expect(both.resolve({ clusterName: east }).facts.otherClusters?.map(({ cluster }) => cluster)).toEqual([dev, west]);
    expect(both.resolve({ clusterName: "dev" }).uses).toHaveLength(1);
  });

  it("leave the others out when one is named, and say how much that was", () => {
    const log = observe(
      access({ cluster: "prod", attributes: resource({ name: "mine" }) }),
      access({ cluster: "dev", identity: JANE, attributes: resource({ name: "theirs" }) }),
      access({ attributes: path("/healthz") }),
    );
    const { uses, callers, facts } = log.resolve({ clusterName: "prod" });
    const used = uses.map(({ attributes }) => (attributes.kind === "resource" ? attributes.name : attributes.path));
    expect(used.toSorted()).toEqual(["/healthz", "mine"]);
    expect(callers.map(({ username }) => username)).not.toContain(JANE.username);
    expect(facts.otherClusters).toEqual([{ cluster: "dev", events: 1 }]);
  });

  it("are one where only one is named: what names none is taken to be of it", () => {
    const record = access();
    const other = access({ time: record.time === undefined ? undefined : record.time + 1000 });
    expect(graphOf({ ...record, cluster: "prod" }, other)).toStrictEqual(graphOf(record, other));
  });

  it("may be called otherwise by the network, when flows of the cluster that was asked for are read with them", () => {
    const log = observe(access({ cluster: "eks-prod" }));
    const { uses, facts } = log.resolve({ clusterName: "mesh", flowClusters: new Set(["mesh", "other"]) });
    expect(uses).toHaveLength(1);
    expect(facts.namedDifferently).toEqual({ asked: "mesh", cluster: "eks-prod" });
    expect(() => log.resolve({ clusterName: "mesh", flowClusters: new Set() })).toThrow(/is of eks-prod, not of mesh/);
    expect(observe(access()).resolve({ clusterName: "mesh" }).uses).toHaveLength(1);
  });

  it("give what the log of the chosen one alone would have given, in any order, printed and read back, and from a state", async () => {
    await fc.assert(
      fc.asyncProperty(
        someClusters.chain((records) => fc.tuple(fc.constant(records), shuffled(records))),
        async ([records, others]) => {
          const chosen = { clusterName: "prod" };
          const named = new Set(records.map(({ cluster }) => cluster));
          fc.pre(named.has("prod"));
          const own = observe(...withoutClusters(records.filter(({ cluster }) => cluster !== "dev"))).resolve();
          const whole = observe(...records);
          const { uses, callers } = whole.resolve(chosen);
          const presumes = own.uses.some(({ outcome }) => outcome === "presumed");
          if (presumes === uses.some(({ outcome }) => outcome === "presumed")) expect(uses).toStrictEqual(own.uses);
          expect(callers).toStrictEqual(own.callers);
          expect(textOf(observe(...others))).toBe(textOf(whole));
          const again = new AccessObservations();
          restoreAccess(again, AccessText.parse(JSON.parse(textOf(whole))));
          expect(again.resolve(chosen)).toStrictEqual(whole.resolve(chosen));
          const learner = new Learner();
          for (const record of records) learner.access(record);
          const store = new MemoryStore(mergeCells);
          await store.fold(cellsOf(learner), []);
          expect((await learnerOf(store)).accesses.resolve(chosen)).toStrictEqual(whole.resolve(chosen));
        },
      ),
      { numRuns: 60 },
    );
  });
});
