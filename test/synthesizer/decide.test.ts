import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prove } from "../../src/evaluator/proof.ts";
import type { Labels } from "../../src/model/graph.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import type { SynthesisOptions } from "../../src/synthesizer/network/options.ts";
import { manifestsOf, policiesOf, yamlOf } from "../support/flow-record.ts";
import { allowedBy, codesOf, graphWith, modeOf, policyFor, type WorkloadLabels } from "./build-graph.ts";

/** Two workloads no label separates, and a third one whose policy matches only itself. */
const TWINS: WorkloadLabels = {
  "shop/a": { app: "twin" },
  "shop/b": { app: "twin" },
  "shop/c": { app: "twin", tier: "x" },
};

describe("workloads that no label tells apart", () => {
  it("share one policy that allows what any of them needs", () => {
    const set = policiesOf(graphWith(["shop/web -> shop/a 80/TCP", "shop/web -> shop/b 81/TCP"], TWINS));
    const policy = policyFor(set, "shop/a");
    expect(policy?.workloads).toEqual(["shop/a", "shop/b"]);
    expect(policy?.name).toBe("netlearn-twin");
    expect(allowedBy(policy?.ingress)).toEqual(["shop app=web 80/TCP", "shop app=web 81/TCP"]);
    expect(codesOf(set)).toContain("selector-shared");
  });

  it("get one name in a rule of their clients", () => {
    const set = policiesOf(graphWith(["shop/web -> shop/a 80/TCP", "shop/web -> shop/b 80/TCP"], TWINS));
    expect(allowedBy(policyFor(set, "shop/web")?.egress)).toEqual(["shop app=twin 80/TCP"]);
  });
});

describe("a policy that selects a neighbour's pods too", () => {
  it("does not say again what the wider one allows", () => {
    const graph = graphWith(["shop/web -> shop/a 80/TCP", "shop/web -> shop/c 80/TCP"], TWINS);
    const set = policiesOf(graph);
    expect(modeOf(policyFor(set, "shop/a")?.ingress)).toBe("isolated");
    expect(policyFor(set, "shop/c")).toBeUndefined();
    expect(prove(graph, manifestsOf(set))).toMatchObject({ cut: [], needless: [] });
  });

  it("is completed by the narrower one's own needs", () => {
    const graph = graphWith(["shop/web -> shop/a 80/TCP", "shop/web -> shop/c 81/TCP"], TWINS);
    const set = policiesOf(graph);
    expect(allowedBy(policyFor(set, "shop/c")?.ingress)).toEqual(["shop app=web 81/TCP"]);
    expect(prove(graph, manifestsOf(set))).toMatchObject({ cut: [], needless: [] });
  });

  it("stays open when the neighbour has to stay open: it would close its pods as well", () => {
    const graph = graphWith(["shop/web -> shop/a 80/TCP", "remote-node(192.168.0.4) -> shop/c 80/TCP"], TWINS);
    const set = policiesOf(graph);
    expect(modeOf(policyFor(set, "shop/a")?.ingress)).toBe("no policy");
    expect(modeOf(policyFor(set, "shop/c")?.ingress)).toBe("no policy");
  });

  it("opens what else selects its own workloads: it writes no rules for them", () => {
    const chain = { ...TWINS, "shop/d": { app: "twin", tier: "x", zone: "1" } };
    const graph = graphWith(
      ["shop/web -> shop/c 80/TCP", "remote-node(192.168.0.4) -> shop/d 80/TCP", "shop/web -> shop/a 80/TCP"],
      chain,
    );
    expect(policiesOf(graph).policies.map(({ workloads }) => workloads)).toEqual([["shop/web"]]);
  });

  it("closes a direction nobody saw used, and says so", () => {
    const graph = graphWith(["shop/web -> shop/a 80/TCP"], TWINS);
    const finding = policiesOf(graph).findings.find(({ code }) => code === "unobserved-direction-closed");
    expect(finding?.message).toContain("shop/b, shop/c");
    expect(policiesOf(graph, { unobserved: "deny" }).findings.map(({ code }) => code)).not.toContain(
      "unobserved-direction-closed",
    );
  });
});

describe("a direction nobody observed", () => {
  const graph = graphWith(["shop/frontend -> shop/cart 7070/TCP"]);

  it("is left open", () => {
    expect(modeOf(policyFor(policiesOf(graph), "shop/cart")?.egress)).toBe("unobserved");
  });

  it("is closed without a rule when asked", () => {
    const egress = policyFor(policiesOf(graph, { unobserved: "deny" }), "shop/cart")?.egress;
    expect(modeOf(egress)).toBe("isolated");
    expect(allowedBy(egress)).toEqual([]);
  });

  it("of a workload seen in neither makes a policy only when asked", () => {
    const idle = graphWith([], { "shop/idle": { app: "idle" } });
    expect(policiesOf(idle).policies).toEqual([]);
    expect(policiesOf(idle, { unobserved: "deny" }).policies).toHaveLength(1);
  });
});

describe("a default-deny", () => {
  const deny: Partial<SynthesisOptions> = { defaultDeny: true };

  it("is one for each namespace that gets policies, and comes last", () => {
    const graph = graphWith(["shop/frontend -> pay/api 443/TCP", "shop/frontend -> kube-system/coredns 53/UDP"]);
    expect(policiesOf(graph).denies).toEqual([]);
    const set = policiesOf(graph, deny);
    expect(set.denies.map(({ namespace }) => namespace)).toEqual(["pay", "shop"]);
    expect(
      manifestsOf(set)
        .slice(-2)
        .map(({ spec }) => spec),
    ).toEqual([
      { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
      { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
    ]);
  });

  it("makes an open direction say so, since it would close it", () => {
    const graph = graphWith(["remote-node(192.168.0.4) -> shop/frontend 8080/TCP"]);
    const set = policiesOf(graph, deny);
    expect(modeOf(policyFor(set, "shop/frontend")?.ingress)).toBe("inexpressible, said so");
    expect(manifestsOf(set)[0]?.spec).toMatchObject({ policyTypes: ["Ingress"], ingress: [{}] });
    expect(prove(graph, manifestsOf(set)).cut).toEqual([]);
  });

  it("is refused where an observed workload can't be selected, and says so", () => {
    const set = policiesOf(graphWith(["shop/frontend -> shop/bare 80/TCP"], { "shop/bare": {} }), deny);
    expect(set.denies).toEqual([]);
    expect(set.findings.find(({ code }) => code === "no-default-deny")).toMatchObject({
      about: "shop",
      severity: "error",
    });
  });

  it("never has the name of a workload's policy", () => {
    const graph = graphWith(["shop/frontend -> shop/default-deny 80/TCP"]);
    const set = policiesOf(graph, deny);
    const names = [...set.policies, ...set.denies].map(({ namespace, name }) => `${namespace}/${name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it("cuts nothing that was seen", () => {
    fc.assert(
      fc.property(worlds, (graph) => {
        expect(prove(graph, manifestsOf(policiesOf(graph, deny))).cut).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

const KEYS = ["shop/a", "shop/b", "shop/c", "shop/d", "pay/a"];
const labels: fc.Arbitrary<Labels> = fc.dictionary(
  fc.constantFrom("app", "tier", "version"),
  fc.constantFrom("x", "y"),
  {
    maxKeys: 3,
    noNullPrototype: true,
  },
);
const others = fc.constantFrom(...KEYS, "198.51.100.20", "198.51.100.21", "remote-node(192.168.0.4)", "host(10.0.0.1)");
const ports = fc.constantFrom("80/TCP", "81/TCP", "53/UDP", "ICMPv4");
const edges = fc.array(
  fc
    .tuple(fc.constantFrom(...KEYS), others, ports, fc.boolean())
    .map(([workload, other, port, outward]) =>
      outward ? `${workload} -> ${other} ${port}` : `${other} -> ${workload} ${port}`,
    ),
  { maxLength: 14 },
);
const worlds = fc
  .tuple(edges, fc.tuple(labels, labels, labels, labels, labels))
  .map(([some, all]) =>
    graphWith([...new Set(some)], Object.fromEntries(KEYS.map((key, index) => [key, all[index] ?? {}]))),
  );

describe("policies for any graph", () => {
  // A peer that another peer's wider selector happens to match stays named: the labels that make it so may change.
  it("let every observed edge pass in both directions, and have no rule too many while selectors are selective", () => {
    fc.assert(
      fc.property(worlds, fc.constantFrom("open" as const, "deny" as const), (graph, unobserved) => {
        const set = policiesOf(graph, { unobserved });
        const proof = prove(graph, manifestsOf(set));
        expect(proof.cut).toEqual([]);
        const isSelective = set.findings.every(({ code }) => code !== "selector-matches-more");
        if (isSelective) expect(proof.needless).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("are the same bytes whatever the order of workloads and edges", () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 0, max: 20 }), (graph, at) => {
        const turned = {
          ...graph,
          workloads: graph.workloads.toReversed(),
          edges: [...graph.edges.slice(at), ...graph.edges.slice(0, at)].toReversed(),
        };
        const text = (set: PolicySet): string => yamlOf(set);
        expect(text(policiesOf(turned))).toBe(text(policiesOf(graph)));
      }),
      { numRuns: 200 },
    );
  });
});
