import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessObservations, CLUSTERS_KEPT } from "../../../src/graph/access/access-observations.ts";
import { AccessText } from "../../../src/graph/access/access-schema.ts";
import { distinctClusters, namesText } from "../../../src/graph/access/cluster-names.ts";
import { restoreAccess } from "../../../src/graph/access/restore-access.ts";
import { cellsOf } from "../../../src/graph/cells.ts";
import { chooseCluster } from "../../../src/graph/choose-cluster.ts";
import { Learner } from "../../../src/graph/learner.ts";
import { mergeCells } from "../../../src/graph/merge-cells.ts";
import { mergeSnapshot } from "../../../src/graph/merge-snapshot.ts";
import { Pruning } from "../../../src/graph/prune.ts";
import { printSnapshot } from "../../../src/graph/snapshot.ts";
import { NetlearnError } from "../../../src/lib/errors.ts";
import type { AccessRecord } from "../../../src/model/access.ts";
import { HOUR, MONDAY, pod, record } from "../../support/flow-record.ts";
import { learnerOf } from "../../support/learned-state.ts";
import { MemoryStore } from "../../support/memory-store.ts";
import { access, JANE, observe, resource, shuffled, someRecord, textOf } from "./records.ts";

const AKS = "/subscriptions/1/resourcegroups/shop/providers/microsoft.containerservice/managedclusters/prod";
const GKE = "projects/shop/locations/europe-west1/clusters/prod";

/** A learner of audit events, and of a flow record from each of these clusters. */
function learned(records: readonly AccessRecord[], flowsOf: readonly string[] = []): Learner {
  const learner = new Learner();
  for (const one of records) learner.access(one);
  for (const [at, cluster] of flowsOf.entries()) {
    learner.flow(record({ source: pod(`shop/a-${at}`, { cluster, local: true }) }));
  }
  return learner;
}

function of(cluster: string | undefined, name = "settings"): AccessRecord {
  return access({ cluster, attributes: resource({ name }) });
}

function namesIn(learner: Learner, wanted?: string): readonly string[] {
  const { uses } = learner.accesses.resolve(chooseCluster(learner, wanted).audit);
  return uses.map(({ attributes }) => ("name" in attributes ? attributes.name : attributes.path));
}

function refusal(work: () => unknown): NetlearnError {
  try {
    work();
  } catch (error) {
    if (error instanceof NetlearnError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

function codes(learner: Learner, wanted?: string): readonly string[] {
  return chooseCluster(learner, wanted).findings.map(({ code }) => code);
}

describe("audit events of several clusters", () => {
  const both = () => learned([of("prod", "a"), of("test", "b"), of("test", "c"), of(undefined, "d")]);

  it("are refused until one is named", () => {
    expect(refusal(() => chooseCluster(both(), undefined))).toMatchObject({
      code: "NETLEARN_USAGE",
      message: "the input mixes audit events of 2 clusters: prod, test",
      hint: expect.stringContaining("--cluster-name"),
    });
    expect(refusal(() => both().accesses.resolve()).code).toBe("NETLEARN_USAGE");
  });

  it("are left out but for those of the named one and those that name none, counted and said", () => {
    const learner = both();
    expect(namesIn(learner, "prod")).toEqual(["a", "d"]);
    expect(namesIn(learner, "test")).toEqual(["b", "c", "d"]);
    const { audit, findings } = chooseCluster(learner, "prod");
    const { facts } = learner.accesses.resolve(audit);
    expect(facts).toMatchObject({ events: 4, withDecision: 2, setAside: { "other-cluster": 2 } });
    expect(learner.accesses.reading(audit)).toEqual({ events: 4, used: 2, setAside: { "other-cluster": 2 } });
    expect(findings).toMatchObject([
      { code: "audit-other-clusters", severity: "info", message: expect.stringContaining("2 audit events") },
      { code: "audit-cluster-unnamed", message: expect.stringContaining("1 audit events name no cluster") },
    ]);
    expect(findings[0]?.message).toContain("than prod: test.");
  });

  it("keep their identities, callers, origins and times apart", () => {
    const learner = learned([
      access({ cluster: "prod", origin: "eks", pod: { namespace: "shop", name: "a" } }),
      access({ cluster: "test", origin: "other", identity: JANE, time: MONDAY + 9 * HOUR }),
    ]);
    const alone = observe(access({ cluster: "prod", origin: "eks", pod: { namespace: "shop", name: "a" } })).resolve();
    const { uses, callers, window, facts } = learner.accesses.resolve(["prod"]);
    expect({ callers, window, origins: facts.origins }).toEqual({
      callers: alone.callers,
      window: alone.window,
      origins: ["eks"],
    });
    expect(uses).toHaveLength(1);
  });

  it("may tell decisions in one cluster and none in another", () => {
    const told = of("prod");
    const untold = access({ cluster: "test", decision: undefined });
    const outcomes = (cluster: string) =>
      observe(told, untold)
        .resolve([cluster])
        .uses.map(({ outcome }) => outcome);
    expect([outcomes("prod"), outcomes("test")]).toEqual([["allowed"], ["presumed"]]);
  });

  it("of one cluster and without a name are one log, as if all named it", () => {
    fc.assert(
      fc.property(fc.array(someRecord(["allow", "allow", "forbid", undefined]), { maxLength: 60 }), (records) => {
        const plain = observe(...records.map((one) => ({ ...one, cluster: undefined })));
        expect(observe(...records).resolve()).toStrictEqual(plain.resolve());
      }),
    );
  });

  it("are the same in any order, read in parts, and repeated, whichever is meant", async () => {
    const clusters = ["prod", "test", "123456789012/prod", AKS, undefined];
    const someLog = fc.array(
      fc
        .tuple(someRecord(["allow", "allow", "forbid", undefined]), fc.constantFrom(...clusters))
        .map(([one, cluster]) => ({ ...one, cluster })),
      { maxLength: 50 },
    );
    const logs = someLog.chain((log) => fc.tuple(fc.constant(log), shuffled(log), fc.nat({ max: log.length })));
    await fc.assert(
      fc.asyncProperty(logs, async ([log, others, cut]) => {
        const whole = learned(log);
        const text = textOf(whole.accesses);
        expect(textOf(learned(others).accesses)).toBe(text);
        const store = new MemoryStore(mergeCells);
        for (const part of [others.slice(cut), others.slice(0, cut)]) await store.fold(cellsOf(learned(part)), []);
        expect(textOf((await learnerOf(store)).accesses)).toBe(text);
        const merged = new AccessObservations();
        restoreAccess(merged, AccessText.parse(JSON.parse(text)));
        expect(textOf(merged)).toBe(text);
        const again = learned([...log, ...others]);
        for (const cluster of whole.accesses.clusters) {
          const { uses, callers, window } = whole.accesses.resolve([cluster]);
          expect(again.accesses.resolve([cluster])).toMatchObject({ uses, callers, window });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("names of clusters", () => {
  it("are distinct in full: the same name in two accounts, clouds or projects is two clusters", () => {
    const accounts = ["111111111111/prod", "222222222222/prod"];
    for (const names of [accounts, [AKS, GKE], ["prod", AKS], ["prod", GKE], ["prod", ...accounts]]) {
      expect(distinctClusters(names)).toHaveLength(names.length);
      const learner = learned(names.map((name) => of(name)));
      expect(refusal(() => chooseCluster(learner, undefined)).message).toContain(`${names.length} clusters`);
      const ambiguous = refusal(() => chooseCluster(learner, "prod"));
      for (const name of names) expect(ambiguous.message).toContain(name);
      expect(ambiguous.hint).toContain("in full");
    }
    const inAccounts = learned(accounts.map((name, at) => of(name, `settings-${at}`)));
    expect(namesIn(inAccounts, "222222222222/prod")).toEqual(["settings-1"]);
  });

  it("without an account are that of the only account which has one so called", () => {
    expect(distinctClusters(["prod", "111111111111/prod", "test"])).toEqual([["111111111111/prod", "prod"], ["test"]]);
    const learner = learned([of("prod", "a"), of("111111111111/prod", "b")]);
    for (const wanted of [undefined, "prod", "111111111111/prod"]) expect(namesIn(learner, wanted)).toEqual(["a", "b"]);
    expect(codes(learner)).toEqual([]);
  });

  it("of Azure are found in any case, others are not", () => {
    const learner = learned([of(AKS, "a"), of("Test", "b")]);
    for (const wanted of ["Prod", "prod", AKS.toUpperCase()]) expect(namesIn(learner, wanted)).toEqual(["a"]);
    expect(namesIn(learner, "Test")).toEqual(["b"]);
    expect(refusal(() => chooseCluster(learner, "test")).message).toContain("no record is of a cluster test");
  });

  it("are short and escaped in messages, and never more than a few", () => {
    const hostile = [
      "\u001B[2J\u0007",
      "x".repeat(10_000),
      "\u202Eprod",
      ...Array.from({ length: 40 }, (_, at) => `c${at}`),
    ];
    const text = namesText(hostile.map((name) => [name]));
    expect(text.length).toBeLessThan(300);
    expect(text).toContain("and 38 more");
    const { message } = refusal(() => chooseCluster(learned(hostile.slice(0, 3).map((name) => of(name))), undefined));
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message.length).toBeLessThan(300);
  });
});

describe("flow records and audit events that name their cluster differently", () => {
  it("count together where each is of one cluster", () => {
    const learner = learned([of("prod-eu")], ["default"]);
    expect(chooseCluster(learner, undefined)).toEqual({ flows: undefined, audit: ["prod-eu"], findings: [] });
  });

  it("can be named by either name, which says that the other has another", () => {
    const learner = learned([of("prod-eu")], ["default"]);
    expect(chooseCluster(learner, "default")).toMatchObject({ flows: "default", audit: ["prod-eu"] });
    expect(chooseCluster(learner, "prod-eu")).toMatchObject({ flows: undefined, audit: ["prod-eu"] });
    for (const wanted of ["default", "prod-eu"]) expect(codes(learner, wanted)).toEqual(["cluster-name-elsewhere"]);
  });

  it("can be chosen by the name of the kind that is mixed", () => {
    const audits = learned([of("prod-eu", "a"), of("prod-us", "b")], ["default"]);
    expect(namesIn(audits, "prod-us")).toEqual(["b"]);
    expect(chooseCluster(audits, "prod-us").flows).toBeUndefined();
    const flows = learned([of("prod-eu")], ["east", "west"]);
    expect(chooseCluster(flows, "west")).toMatchObject({ flows: "west", audit: ["prod-eu"] });
  });

  it("are refused where one name can't choose among both", () => {
    const learner = learned([of("prod-eu"), of("prod-us")], ["east", "west"]);
    for (const [wanted, others] of [
      ["west", "audit events of 2 others: prod-eu, prod-us"],
      ["prod-us", "flow records of 2 others: east, west"],
    ] as const) {
      const error = refusal(() => chooseCluster(learner, wanted));
      expect(error.message).toContain(others);
      expect(error.hint).toContain("two runs");
    }
  });

  it("are refused by a name that nobody has", () => {
    expect(refusal(() => chooseCluster(learned([of("prod")]), "prdo")).message).toBe(
      "no record is of a cluster prdo; audit events name prod",
    );
    expect(refusal(() => chooseCluster(learned([of("prod")], ["east"]), "prdo")).message).toContain("prdo");
  });

  it("leave a name to the flow records where audit events have none", () => {
    const learner = learned([of(undefined)], ["east", "west"]);
    expect(chooseCluster(learner, "west")).toEqual({ flows: "west", audit: [], findings: [] });
  });
});

describe("a million clusters", () => {
  const many = (count: number) => Array.from({ length: count }, (_, at) => of(`made-up-${at}`));

  it(`cost no more than ${CLUSTERS_KEPT}, the same ones in any order, and all events are counted`, async () => {
    const records = [...many(3000), ...many(3000)];
    const observations = observe(...records);
    expect(observations.clusters).toHaveLength(CLUSTERS_KEPT);
    expect(observations.size).toBeLessThanOrEqual(2 * CLUSTERS_KEPT);
    expect(observations.records).toBe(6000);
    expect(textOf(observe(...records.toReversed()))).toBe(textOf(observations));
    const store = new MemoryStore(mergeCells);
    for (let at = 0; at < records.length; at += 700) {
      await store.fold(cellsOf(learned(records.slice(at, at + 700))), []);
    }
    expect(textOf((await learnerOf(store)).accesses)).toBe(textOf(observations));
    const [kept = ""] = observations.clusters;
    expect(observations.resolve([kept]).facts.setAside).toEqual({ "other-cluster": 5998 });
  });

  it("are said, and a cluster that is not among those kept is not found silently empty", () => {
    const learner = learned(many(1000));
    expect(refusal(() => chooseCluster(learner, undefined)).message).toContain("of more than 256 clusters: ");
    const [kept = ""] = learner.accesses.clusters;
    expect(chooseCluster(learner, kept).findings).toMatchObject([
      { code: "audit-other-clusters", severity: "warning", message: expect.stringContaining("Only 256 clusters") },
    ]);
    const gone = many(1000).find(({ cluster = "" }) => !learner.accesses.clusters.includes(cluster))?.cluster ?? "";
    const error = refusal(() => chooseCluster(learner, gone));
    expect(error.message).toContain("more than the 256 that are told apart");
    expect(error.hint).toContain("alone");
  });
});

describe("states and snapshots", () => {
  it("of before clusters were told apart are of events that name none", async () => {
    const before = [...cellsOf(learned([of(undefined, "a")]))];
    expect(before.some(({ body }) => body.includes("cluster"))).toBe(false);
    const store = new MemoryStore(mergeCells);
    await store.fold(before, []);
    await store.fold(cellsOf(learned([of("prod", "b")])), []);
    expect(namesIn(await learnerOf(store))).toEqual(["a", "b"]);
  });

  it("keep clusters apart, also where users and clusters have each other's names", async () => {
    const user = (username: string, cluster: string | undefined) =>
      access({ cluster, identity: { username, groups: [] }, decision: "forbid" });
    const records = [user("a", undefined), user("a", "prod"), user('["prod","a"]', undefined), user("prod", "a")];
    const cells = [...cellsOf(learned(records))];
    expect(new Set(cells.map(({ kind, id }) => `${kind} ${id}`)).size).toBe(cells.length);
    const store = new MemoryStore(mergeCells);
    await store.fold(cells, []);
    expect(textOf((await learnerOf(store)).accesses)).toBe(textOf(observe(...records)));
  });

  it("are printed whole while clusters are mixed, and read back", () => {
    const learner = learned([of("prod"), of("test"), of(undefined)]);
    const restored = new Learner();
    mergeSnapshot(restored, printSnapshot(learner, { graph: undefined, access: undefined }), "mixed.json");
    expect(textOf(restored.accesses)).toBe(textOf(learner.accesses));
    const twice = new Learner();
    for (const text of [learner, restored]) {
      mergeSnapshot(twice, printSnapshot(text, { graph: undefined, access: undefined }), "twice.json");
    }
    expect(twice.accesses.resolve(["prod"]).uses).toStrictEqual(learner.accesses.resolve(["prod"]).uses);
  });

  it("forget what is old in each cluster", async () => {
    const store = new MemoryStore(mergeCells);
    const old = { time: MONDAY, pod: { namespace: "shop", name: "old" } };
    await store.fold(
      cellsOf(learned([access({ cluster: "prod", ...old }), access({ cluster: "test", time: MONDAY + 48 * HOUR })])),
      [],
    );
    await store.rewrite(new Pruning({ before: MONDAY + 24 * HOUR, namespaces: [] }));
    const { accesses } = await learnerOf(store);
    expect(accesses.resolve(["prod"])).toMatchObject({ uses: [], callers: [] });
    expect(accesses.resolve(["test"])).toMatchObject({
      uses: [{}],
      callers: [{}],
      window: { first: MONDAY + 48 * HOUR },
    });
  });
});
