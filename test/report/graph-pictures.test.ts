import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Edge } from "../../src/model/graph.ts";
import { renderDot } from "../../src/report/dot.ts";
import { viewGraph, withinNamespaces } from "../../src/report/graph-view.ts";
import { renderMermaid } from "../../src/report/mermaid.ts";
import {
  CART_DENIED,
  externalPeer,
  HOSTILE,
  someEdge,
  someEvidence,
  someGraph,
  someWorkload,
  workloadPeer,
} from "../support/fixtures.ts";

/** Lines a flowchart of ours may have; anything else came out of a name. */
const MERMAID_LINE =
  /^(?:flowchart LR|  %% [^"{}]*|  subgraph g\d+\["[^"\n]*"\]|    n\d+\["[^"\n]*"\]|  end|  n\d+ (?:-->|-\.->)\|"[^"\n]*"\| n\d+|  n0\["no traffic was learned"\]|)$/u;

function manyEdges(count: number, namespaces: number): readonly Edge[] {
  return Array.from({ length: count }, (_, index) =>
    someEdge(`ns${index % namespaces}/client-${index}`, `ns${(index + 1) % namespaces}/server-${index}`, {
      evidence: someEvidence({ connections: index + 1 }),
    }),
  );
}

function graphOf(edges: readonly Edge[]): ReturnType<typeof someGraph> {
  const keys = edges.flatMap(({ client, server }) =>
    [client, server].flatMap((peer) => (peer.kind === "workload" ? [peer.workload] : [])),
  );
  return someGraph({ edges, denied: [], workloads: [...new Set(keys)].toSorted().map((key) => someWorkload(key)) });
}

describe("the Mermaid picture", () => {
  it("has every workload in its namespace, every pair once, and refused attempts dotted", () => {
    const text = renderMermaid(someGraph());
    const idOf = (label: string): string =>
      new RegExp(`^ *(n\\d+)\\["${label}"\\]$`, "mu").exec(text)?.[1] ?? `no ${label}`;
    expect(text).toContain('subgraph g2["outside the cluster"]');
    expect(text).toContain(`${idOf("frontend")} -->|"7070"| ${idOf("cart")}\n`);
    expect(text).toContain(`${idOf("frontend")} -->|"53/UDP"| ${idOf("coredns")}\n`);
    expect(text).toContain(`${idOf("debug")} -.->|"denied 7070"| ${idOf("cart")}\n`);
    expect(text).toContain(`${idOf("payments")} -->|"443"| ${idOf("198.51.100.20 \\(api.bank.example\\)")}\n`);
    for (const line of text.split("\n")) expect(line).toMatch(MERMAID_LINE);
  });

  it("joins the ports of a pair, in numeric order", () => {
    const edges = [9090, 80, 443].map((port) => someEdge("a/x", "a/y", { port }));
    expect(renderMermaid(graphOf(edges))).toContain('|"80, 443, 9090"|');
  });

  it("does not show datapath trouble as a refusal", () => {
    const text = renderMermaid(someGraph({ denied: [{ ...CART_DENIED, byPolicy: false }] }));
    expect(text).not.toContain("-.->");
  });

  it("says so when there is nothing", () => {
    expect(renderMermaid(someGraph({ edges: [], denied: [] }))).toContain("no traffic was learned");
  });

  it("keeps its form whatever names say", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 6 }), (names) => {
        const keys = [...names, HOSTILE, "__proto__", "end"];
        const edges = keys.map((key, index) => someEdge(key, keys[(index + 1) % keys.length] ?? key));
        const workloads = [...new Set(keys)].map((key) =>
          someWorkload(`${key}/${key}`, { key, namespace: key, name: key }),
        );
        const text = renderMermaid(someGraph({ edges, workloads, denied: [] }));
        for (const line of text.split("\n")) expect(line).toMatch(MERMAID_LINE);
      }),
      { numRuns: 50 },
    );
  });

  it("is the same whatever the order of the edges", () => {
    const graph = someGraph();
    const turned = { ...graph, edges: graph.edges.toReversed(), workloads: graph.workloads.toReversed() };
    expect(renderMermaid(turned)).toBe(renderMermaid(graph));
  });
});

describe("a graph that is too large to read", () => {
  it("draws outside addresses that talk alike as one box", () => {
    const clients = Array.from({ length: 20 }, (_, index) =>
      someEdge(externalPeer(`203.0.113.${index}`), "shop/frontend"),
    );
    const view = viewGraph(graphOf(clients));
    expect(view.arrows).toHaveLength(1);
    expect(view.groups.flatMap(({ boxes }) => boxes.map(({ title }) => title))).toContain(
      "20 addresses such as 203.0.113.0",
    );
  });

  it("keeps addresses apart that do different things", () => {
    const clients = Array.from({ length: 20 }, (_, index) =>
      someEdge(externalPeer(`203.0.113.${index}`), "shop/frontend", { port: index + 1 }),
    );
    expect(viewGraph(graphOf(clients)).arrows).toHaveLength(20);
  });

  it("draws each namespace as one box, and says so", () => {
    const view = viewGraph(graphOf(manyEdges(200, 5)));
    expect(view.arrows.length).toBeLessThanOrEqual(25);
    expect(view.collapsed.join(" ")).toMatch(/200 edges are too many to draw\. Each namespace/u);
    expect(renderMermaid(graphOf(manyEdges(200, 5)))).toContain(`  %% ${view.collapsed[0]}\n`);
  });

  it("leaves out the arrows with the fewest connections at last, and says how many", () => {
    const view = viewGraph(graphOf(manyEdges(300, 100)), 60);
    expect(view.arrows).toHaveLength(60);
    expect(view.collapsed.at(-1)).toBe("The 40 arrows with the fewest connections are left out.");
  });

  it("is drawn whole in DOT", () => {
    const text = renderDot(graphOf(manyEdges(300, 100)));
    expect(text.match(/ -> /gu)).toHaveLength(300);
  });
});

describe("the DOT picture", () => {
  it("keeps its form whatever names say", () => {
    const hostile = `x"]; evil [label=<b>\\N {{}} ${HOSTILE}`;
    const workloads = [someWorkload("a/b", { key: hostile, namespace: hostile, name: hostile })];
    const text = renderDot(someGraph({ edges: [someEdge(hostile, "shop/cart")], workloads, denied: [] }));
    const outside = text.replaceAll(/"(?:[^"\\\n]|\\["\\])*"/gu, '""');
    expect(outside).not.toContain("evil");
    expect(outside).not.toContain("<");
    expect(outside.split("\n").filter((line) => line.includes("->"))).toEqual([
      expect.stringMatching(/^ {2}n\d -> n\d \[label=""\];$/u),
    ]);
  });
});

describe("a namespace's part of a graph", () => {
  it("has what touches it at either end, and the peers there", () => {
    const part = withinNamespaces(someGraph(), ["kube-system"]);
    expect(part.edges.map(({ port }) => port)).toEqual([53, 53]);
    expect(part.denied).toEqual([]);
    expect(part.workloads.map(({ key }) => key)).toEqual(["kube-system/coredns", "shop/frontend", "shop/payments"]);
  });

  it("without namespaces is the graph", () => {
    const graph = someGraph({ edges: [someEdge(workloadPeer("a/b"), workloadPeer("c/d"))] });
    expect(withinNamespaces(graph, [])).toBe(graph);
  });
});
