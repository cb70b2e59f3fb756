import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import { prove } from "../../src/evaluator/proof.ts";
import type { Edge } from "../../src/model/graph.ts";
import type { NetworkPolicy, NetworkPolicyPeer } from "../../src/model/manifest.ts";
import { peerName } from "../../src/model/peer.ts";
import { edge, pod, policy, workload } from "./world.ts";

const workloads = ["shop/cart", "shop/frontend", "shop/payments", "monitoring/scraper"].map((key) => workload(key));
const edges: readonly Edge[] = [
  edge("shop/frontend", "shop/cart", "TCP/8080"),
  edge("shop/cart", "shop/payments", "TCP/7070"),
  edge("monitoring/scraper", "shop/cart", "TCP/9090"),
  edge("203.0.113.7", "shop/frontend", "TCP/443"),
  edge("shop/payments", "198.51.100.9", "TCP/443"),
];
const graph = { workloads, edges };

function app(name: string): NetworkPolicyPeer {
  return { podSelector: { matchLabels: { app: name } } };
}

const scraper: NetworkPolicyPeer = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } },
  podSelector: { matchLabels: { app: "scraper" } },
};
const fromFrontend = { from: [app("frontend")], ports: [{ protocol: "TCP", port: 8080 }] };
const fromScraper = { from: [scraper], ports: [{ protocol: "TCP", port: 9090 }] };
const cart = policy("shop/cart", {
  podSelector: { matchLabels: { app: "cart" } },
  policyTypes: ["Ingress", "Egress"],
  ingress: [fromFrontend, fromScraper],
  egress: [{ to: [app("payments")], ports: [{ protocol: "TCP", port: 7070 }] }],
});
const frontend = policy("shop/frontend", {
  podSelector: { matchLabels: { app: "frontend" } },
  policyTypes: ["Ingress", "Egress"],
  ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24" } }], ports: [{ protocol: "TCP", port: 443 }] }],
  egress: [{ to: [app("cart")], ports: [{ protocol: "TCP", port: 8080 }] }],
});
const payments = policy("shop/payments", {
  podSelector: { matchLabels: { app: "payments" } },
  policyTypes: ["Ingress", "Egress"],
  ingress: [{ from: [app("cart")], ports: [{ protocol: "TCP", port: 7070 }] }],
  egress: [{ to: [{ ipBlock: { cidr: "198.51.100.9/32" } }], ports: [{ protocol: "TCP", port: 443 }] }],
});
const good = [cart, frontend, payments];

function withSpec(base: NetworkPolicy, change: Partial<NetworkPolicy["spec"]>): NetworkPolicy {
  return { ...base, spec: { ...base.spec, ...change } };
}

/** No object promises anything. */
const NONE = { checked: 0, refused: [] };

describe("prove", () => {
  it("finds nothing wrong with policies that allow what was seen and nothing else", () => {
    expect(prove(graph, good)).toEqual({ checked: 5, allowed: 5, cut: [], promised: NONE, needless: [], unused: [] });
  });

  it("takes a graph without policies as allowed, and opens nothing by it", () => {
    expect(prove(graph, [])).toEqual({ checked: 5, allowed: 5, cut: [], promised: NONE, needless: [], unused: [] });
  });

  it("catches a missing rule: the edge is cut, at the end that lacks it", () => {
    const proof = prove(graph, [withSpec(cart, { ingress: [fromFrontend] }), frontend, payments]);
    expect(proof).toMatchObject({ checked: 5, allowed: 4, needless: [], unused: [] });
    expect(proof.cut).toEqual([
      {
        edge: edges[2],
        direction: "ingress",
        reason:
          "shop/cart isolates shop/cart for ingress, and no rule allows new connections from monitoring/scraper on TCP 9090",
      },
    ]);
  });

  it("catches a missing egress rule at the client", () => {
    const proof = prove(graph, [withSpec(cart, { egress: [] }), frontend, payments]);
    expect(proof.cut.map(({ direction, edge: { server } }) => [direction, peerName(server)])).toEqual([
      ["egress", "shop/payments"],
    ]);
  });

  it("catches a policy whose policyTypes close a direction that has no rules", () => {
    const proof = prove(graph, [policy("shop/deny", { podSelector: {}, policyTypes: ["Egress"] })]);
    expect(proof.cut.map(({ direction, edge: { client } }) => [direction, peerName(client)])).toEqual([
      ["egress", "shop/cart"],
      ["egress", "shop/frontend"],
      ["egress", "shop/payments"],
    ]);
  });

  it("catches an extra rule: it is needless, and what it opens is unused", () => {
    const extra = { from: [scraper], ports: [{ protocol: "TCP", port: 7070 }] };
    const proof = prove(graph, [cart, frontend, withSpec(payments, { ingress: [extra, ...payments.spec.ingress!] })]);
    expect(proof.needless).toEqual([{ policy: "shop/payments", direction: "ingress", rule: 0 }]);
    expect(proof.unused).toEqual([
      { client: "monitoring/scraper", server: "shop/payments", port: 7070, protocol: "TCP", policy: "shop/payments" },
    ]);
    expect(proof).toMatchObject({ checked: 5, allowed: 5, cut: [] });
  });

  it("calls two rules that stand in for each other needless, both", () => {
    const proof = prove(graph, [
      withSpec(cart, { ingress: [fromFrontend, fromScraper, fromFrontend] }),
      frontend,
      payments,
    ]);
    expect(proof.needless.map(({ rule }) => rule)).toEqual([0, 2]);
  });

  it("catches a wide selector: every pair it opens and nobody used is named with its policy", () => {
    const wide = { from: [{ namespaceSelector: {} }], ports: [{ protocol: "TCP", port: 8080 }] };
    const proof = prove(graph, [withSpec(cart, { ingress: [wide, fromScraper] }), frontend, payments]);
    // Frontend uses it; payments and cart itself may not leave for it.
    expect(proof.unused).toEqual([
      { client: "monitoring/scraper", server: "shop/cart", port: 8080, protocol: "TCP", policy: "shop/cart" },
    ]);
    const onlyCart = prove(graph, [withSpec(cart, { ingress: [wide, fromScraper], policyTypes: ["Ingress"] })]);
    expect(onlyCart.unused.map(({ client, port }) => `${client} ${port}`)).toEqual([
      "monitoring/scraper 8080",
      "shop/cart 8080",
      "shop/payments 8080",
    ]);
  });

  it("asks about the ports a server is known for when a rule opens all of them", () => {
    const all = withSpec(cart, { ingress: [{ from: [app("frontend"), scraper] }], policyTypes: ["Ingress"] });
    expect(prove(graph, [all]).unused.map(({ client, port }) => `${client} ${port}`)).toEqual([
      "monitoring/scraper 8080",
      "shop/frontend 9090",
    ]);
  });

  it("lists a pair that only the client's rule opens under the client's policy", () => {
    const egress = [{ to: [app("cart"), app("payments")], ports: [{ protocol: "TCP", port: 8080 }] }];
    const proof = prove(graph, [withSpec(frontend, { egress })]);
    expect(proof.unused).toEqual([
      { client: "shop/frontend", server: "shop/payments", port: 8080, protocol: "TCP", policy: "shop/frontend" },
    ]);
  });

  it("lists a pair that rules at both ends open once, under the server's policy", () => {
    const ports = [{ protocol: "TCP", port: 9999 }];
    const opened = [
      withSpec(cart, { ingress: [...cart.spec.ingress!, { from: [app("frontend")], ports }] }),
      withSpec(frontend, { egress: [...frontend.spec.egress!, { to: [app("cart")], ports }] }),
    ];
    expect(prove(graph, [...opened, payments]).unused).toEqual([
      { client: "shop/frontend", server: "shop/cart", port: 9999, protocol: "TCP", policy: "shop/cart" },
    ]);
    expect(prove(graph, [...opened.slice(0, 1), frontend, payments]).unused).toEqual([]);
  });

  it("asks about both ends of a range of ports and those in it that are known", () => {
    const ranged = [{ from: [app("frontend"), scraper], ports: [{ protocol: "TCP", port: 8000, endPort: 9100 }] }];
    const proof = prove(graph, [withSpec(cart, { ingress: ranged, policyTypes: ["Ingress"] })]);
    expect(proof.unused.map(({ client, port }) => `${client} ${port}`)).toEqual([
      "monitoring/scraper 8000",
      "monitoring/scraper 8080",
      "monitoring/scraper 9100",
      "shop/frontend 8000",
      "shop/frontend 9090",
      "shop/frontend 9100",
    ]);
  });

  it("does not list what a profile leaves undefined", () => {
    const anywhere = withSpec(cart, {
      ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }],
      policyTypes: ["Ingress"],
    });
    const open = withSpec(frontend, {
      policyTypes: ["Egress"],
      egress: [{ to: [app("cart"), app("payments")], ports: [{ port: 8080 }] }],
    });
    const known = { workloads, edges: edges.slice(2) };
    const unusedIn = (profile: "eks" | "calico" | "cilium"): readonly string[] =>
      prove(known, [anywhere, open], { profile }).unused.map(({ client, server }) => `${client} ${server}`);
    const certain = ["shop/frontend shop/payments"];
    expect(unusedIn("cilium")).toEqual(certain);
    expect(unusedIn("eks")).toEqual(certain);
    expect(unusedIn("calico")).toContain("shop/frontend shop/cart");
  });

  it("never takes an observed address for one of its own pods", () => {
    const strangers = [1, 2, 3, 4].map((last) => edge(`240.0.0.${last}`, "shop/cart", "TCP/8080"));
    const anyPod = withSpec(cart, { ingress: [{ from: [{ namespaceSelector: {} }] }] });
    expect(prove({ workloads, edges: strangers }, [anyPod]).cut).toHaveLength(4);
  });

  it("checks an edge between replicas of one workload with two different pods", () => {
    const self = { workloads, edges: [edge("shop/cart", "shop/cart", "TCP/7946")] };
    expect(prove(self, [cart]).cut.map(({ direction }) => direction)).toEqual(["egress", "ingress"]);
    const peers = { to: [app("cart")], ports: [{ protocol: "TCP", port: 7946 }] };
    const open = withSpec(cart, { egress: [peers], ingress: [{ from: peers.to, ports: peers.ports }] });
    expect(prove(self, [open])).toEqual({ checked: 1, allowed: 1, cut: [], promised: NONE, needless: [], unused: [] });
  });

  it("lets a pod's own node in, takes other entities as their address and leaves those without one out", () => {
    const entities = {
      workloads,
      edges: [
        edge("host(10.0.0.4)", "shop/cart", "TCP/8080"),
        edge("host", "shop/cart", "TCP/8080"),
        edge("remote-node(10.0.0.5)", "shop/cart", "TCP/8080"),
        edge("remote-node", "shop/cart", "TCP/8080"),
        edge("shop/cart", "kube-apiserver(10.0.0.1)", "TCP/6443"),
        edge("shop/cart", "kube-apiserver", "TCP/6443"),
      ],
    };
    const block = (cidr: string): NetworkPolicyPeer => ({ ipBlock: { cidr } });
    const nodes = withSpec(cart, {
      ingress: [{ from: [block("10.0.0.5/32")] }],
      egress: [{ to: [block("10.0.0.1/32")] }],
    });
    expect(prove(entities, [nodes])).toMatchObject({ checked: 4, allowed: 4, cut: [], needless: [] });
    const cut = prove(entities, [cart]).cut.map(({ edge: { client, server } }) => [peerName(client), peerName(server)]);
    expect(cut).toEqual([
      ["remote-node(10.0.0.5)", "shop/cart"],
      ["shop/cart", "kube-apiserver(10.0.0.1)"],
    ]);
  });

  it("does not check what NetworkPolicy has no word for", () => {
    const others = [edge("shop/cart", "shop/payments", "ICMPv4"), edge("shop/cart", "shop/payments", "other")];
    expect(prove({ workloads, edges: others }, [policy("shop/deny", {})])).toMatchObject({ checked: 0, cut: [] });
  });

  it("leaves out what an operator decided to cut, and lists it as unused if the policies let it through", () => {
    const isExcluded = (found: Edge): boolean => peerName(found.client) === "monitoring/scraper";
    const expected = (found: Edge): boolean => !isExcluded(found);
    const closed = [withSpec(cart, { ingress: [fromFrontend] }), frontend, payments];
    expect(prove(graph, closed, { expected })).toEqual({
      checked: 4,
      allowed: 4,
      cut: [],
      promised: NONE,
      needless: [],
      unused: [],
    });
    expect(prove(graph, good, { expected })).toMatchObject({
      needless: [{ policy: "shop/cart", direction: "ingress", rule: 1 }],
      unused: [{ client: "monitoring/scraper", server: "shop/cart", port: 9090, policy: "shop/cart" }],
    });
    const halfOpen = { expected: (found: Edge, direction: string) => !isExcluded(found) || direction === "egress" };
    expect(prove(graph, closed, halfOpen)).toMatchObject({ checked: 5, allowed: 5, cut: [] });
  });

  it("cuts rather than believes an edge it cannot replay", () => {
    const broken = {
      workloads,
      edges: [edge("shop/ghost", "shop/cart", "TCP/1"), edge("no-address", "shop/cart", "TCP/1")],
    };
    const { checked, allowed, cut } = prove(broken, []);
    expect([checked, allowed]).toEqual([2, 0]);
    expect(new Set(cut.map(({ reason }) => reason))).toEqual(
      new Set(["the graph has an edge of shop/ghost and no such workload", '"no-address" is not an IP address']),
    );
  });

  it("refuses to prove anything about a policy the API server would not take", () => {
    const bad = withSpec(cart, { ingress: [{ from: [{}] }] });
    expect(() => prove(graph, [bad])).toThrow(/NetworkPolicy shop\/cart: spec\.ingress\[0\]\.from\[0\]: must have/);
  });

  it("lets the later of two policies with one name count", () => {
    expect(prove(graph, [policy("shop/cart", {}), ...good])).toEqual(prove(graph, good));
  });

  it("looks named ports up in the container ports it is given", () => {
    const byName = withSpec(cart, { ingress: [{ from: [app("frontend")], ports: [{ port: "http" }] }, fromScraper] });
    expect(prove(graph, [byName]).cut).toHaveLength(1);
    const containerPorts = new Map([["shop/cart", [{ name: "http", port: 8080, protocol: "TCP" as const }]]]);
    expect(prove(graph, [byName], { containerPorts })).toMatchObject({ cut: [], needless: [] });
  });

  it("matches a label called __proto__ as a label", () => {
    const labels = JSON.parse('{"__proto__": "x"}');
    const hostile = [workload("shop/cart", labels), workload("shop/frontend")];
    const selected = policy("shop/p", { podSelector: { matchLabels: JSON.parse('{"a": "x"}') } });
    expect(prove({ workloads: hostile, edges: edges.slice(0, 1) }, [selected])).toMatchObject({ allowed: 1 });
  });

  it("lists exactly the pairs that asking about every pair of pods finds", () => {
    const names = ["a/x", "a/y", "b/x", "b/z"];
    const selector = fc.constantFrom(
      {},
      { matchLabels: { app: "x" } },
      { matchLabels: { app: "y" } },
      { matchExpressions: [{ key: "app", operator: "NotIn" as const, values: ["x"] }] },
    );
    const somePeer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
      selector.map((podSelector) => ({ podSelector })),
      fc.record({ podSelector: selector, namespaceSelector: fc.constant({}) }),
    );
    const ports = fc.subarray([{ port: 80 }, { port: 81 }, { protocol: "UDP", port: 80 }], { minLength: 1 });
    const peers = fc.array(somePeer, { maxLength: 2 });
    const some = fc.record({ peers, ports });
    const somePolicy = fc
      .record({
        ns: fc.constantFrom("a", "b"),
        podSelector: selector,
        policyTypes: fc.subarray(["Ingress" as const, "Egress" as const], { minLength: 1 }),
        ingress: fc.array(some, { maxLength: 2 }),
        egress: fc.array(some, { maxLength: 2 }),
      })
      .map(({ ns, podSelector, policyTypes, ingress, egress }) => ({
        ns,
        spec: {
          podSelector,
          policyTypes,
          ingress: ingress.map((rule) => ({ from: rule.peers, ports: rule.ports })),
          egress: egress.map((rule) => ({ to: rule.peers, ports: rule.ports })),
        },
      }));
    const seen = fc.array(
      fc.tuple(fc.constantFrom(...names), fc.constantFrom(...names), fc.constantFrom("TCP/80", "TCP/81", "UDP/80")),
      { maxLength: 6 },
    );
    const asked = [
      { protocol: "TCP", port: 80 },
      { protocol: "TCP", port: 81 },
      { protocol: "UDP", port: 80 },
    ] as const;
    let listed = 0;
    fc.assert(
      fc.property(fc.array(somePolicy, { minLength: 1, maxLength: 4 }), seen, (list, pairs) => {
        const policies = list.map(({ ns, spec }, index) => policy(`${ns}/p${index}`, spec));
        const known = names.map((name) => workload(name));
        const used = pairs.map(([client, server, port]) => edge(client, server, port));
        const pods = names.flatMap((name) => [
          pod(name, "10.0.0.1"),
          { ...pod(name, "10.0.0.2"), name: `${name.slice(2)}-2` },
        ]);
        const world = compileNetworkWorld({ namespaces: [], pods, policies }, "cilium");
        const anyone = new Set<string>();
        const wanted = pods
          .filter((_, at) => at % 2 === 0)
          .flatMap((client) =>
            pods
              .filter((_, at) => at % 2 === 1)
              .flatMap((server) =>
                asked.flatMap(({ protocol, port }) => {
                  const { verdict, ingress, egress } = evaluateConnection(world, {
                    from: client,
                    to: server,
                    protocol,
                    port,
                  });
                  const opened = verdict === "allowed" && ingress.allowedBy.length + egress.allowedBy.length > 0;
                  const toAnyone = ingress.allowedBy.some((rule) => rule.peer === undefined);
                  if (toAnyone)
                    anyone.add(
                      ["anyone", `${server.namespace}/${server.name.slice(0, 1)}`, `${protocol}/${port}`].join(),
                    );
                  const key = [
                    `${client.namespace}/${client.name}`,
                    `${server.namespace}/${server.name.slice(0, 1)}`,
                    `${protocol}/${port}`,
                  ];
                  return opened && !toAnyone && !pairs.some((pair) => pair.join() === key.join()) ? [key.join()] : [];
                }),
              ),
          );
        const { unused } = prove({ workloads: known, edges: used }, policies);
        const found = unused.map(({ client, server, protocol, port }) =>
          [client, server, `${protocol}/${port}`].join(),
        );
        expect(found.toSorted()).toEqual([...wanted, ...anyone].toSorted());
        listed += found.length;
      }),
      { numRuns: 300 },
    );
    expect(listed).toBeGreaterThan(1000);
  });

  it("calls a rule needless exactly when the proof without it cuts nothing more", () => {
    const policies = [
      withSpec(cart, { ingress: [fromFrontend, fromScraper, { from: [scraper] }] }),
      withSpec(frontend, { ingress: [...frontend.spec.ingress!, { from: [{ ipBlock: { cidr: "192.0.2.0/24" } }] }] }),
      payments,
    ];
    const { needless } = prove(graph, policies);
    const wanted = policies.flatMap((whole, at) =>
      (["ingress", "egress"] as const).flatMap((direction) =>
        (whole.spec[direction] ?? []).flatMap((_, rule) => {
          const rules = (whole.spec[direction] ?? []).filter((__, index) => index !== rule);
          const without = policies.with(at, withSpec(whole, { [direction]: rules }));
          const isCut = prove(graph, without).cut.length > 0;
          return isCut ? [] : [{ policy: `shop/${whole.metadata.name}`, direction, rule }];
        }),
      ),
    );
    expect(needless).toEqual(wanted);
    expect(needless).toHaveLength(3);
  });

  it("gives equal proofs for any order of workloads, edges and policies", () => {
    const wide = withSpec(cart, { ingress: [{ from: [{ namespaceSelector: {} }] }] });
    const policies = [wide, frontend, policy("shop/deny", { podSelector: {}, policyTypes: ["Egress"] })];
    const wanted = prove(graph, policies);
    expect(wanted.cut.length * wanted.unused.length).toBeGreaterThan(0);
    const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
      fc.shuffledSubarray([...list], { minLength: list.length });
    fc.assert(
      fc.property(
        shuffled(workloads),
        shuffled(edges),
        shuffled(policies),
        (someWorkloads, someEdges, somePolicies) => {
          expect(prove({ workloads: someWorkloads, edges: someEdges }, somePolicies)).toEqual(wanted);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("proves 20,000 edges against 500 policies", () => {
    const count = 500;
    const many = Array.from({ length: count }, (_, index) => workload(`ns${index % 10}/w${index}`));
    const servers = (client: number): readonly number[] =>
      Array.from({ length: 40 }, (_, step) => (client + 1 + step * 7) % count);
    const manyEdges = many.flatMap(({ key }, client) =>
      servers(client).map((server) => edge(key, many[server]!.key, "TCP/8080")),
    );
    const peerOf = (index: number): NetworkPolicyPeer => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": `ns${index % 10}` } },
      podSelector: { matchLabels: { app: `w${index}` } },
    });
    const clients = new Map<number, number[]>();
    many.forEach((_, client) => {
      servers(client).forEach((server) => clients.set(server, [...(clients.get(server) ?? []), client]));
    });
    const ports = [{ protocol: "TCP", port: 8080 }];
    const policies = many.map(({ key }, index) =>
      policy(key, {
        podSelector: { matchLabels: { app: `w${index}` } },
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: clients.get(index)!.map(peerOf), ports }],
        egress: [{ to: servers(index).map(peerOf), ports }],
      }),
    );
    const proof = prove({ workloads: many, edges: manyEdges }, policies);
    expect(proof).toEqual({ checked: 20_000, allowed: 20_000, cut: [], promised: NONE, needless: [], unused: [] });
  });
});
