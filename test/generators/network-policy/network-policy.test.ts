import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type GeneratedFile, generate } from "../../../generators/index.ts";
import { problemsOf } from "../../../src/evaluator/network/problems.ts";
import type { CommunicationGraph, Edge, Labels } from "../../../src/model/graph.ts";
import type { DirectionPolicy, PolicySet, WorkloadPolicy } from "../../../src/model/policy-set.ts";
import { DEFAULT_SYNTHESIS, type InexpressibleChoice } from "../../../src/synthesizer/network/options.ts";
import { HOSTILE, someEdge } from "../../support/fixtures.ts";
import { policiesOf } from "../../support/flow-record.ts";
import { edgeOf, graphWith } from "../../synthesizer/build-graph.ts";

const edge = someEdge("shop/frontend", "shop/cart");
const nothing: DirectionPolicy = { mode: "open", reason: "unobserved", explicit: false };
const everything: DirectionPolicy = { mode: "open", reason: "inexpressible", explicit: true };
const closed: DirectionPolicy = { mode: "isolated", rules: [] };
const frontendOnly: DirectionPolicy = {
  mode: "isolated",
  rules: [
    {
      peers: [
        { kind: "pods", namespace: "shop", labels: { app: "frontend" } },
        { kind: "block", cidr: "203.0.113.7/32" },
      ],
      ports: [{ protocol: "TCP", port: 8080 }],
      because: [edge],
      inferred: [],
      promised: [],
    },
  ],
};

function specOf(over: Partial<WorkloadPolicy>): unknown {
  const policy: WorkloadPolicy = {
    name: "netlearn-cart",
    namespace: "shop",
    selector: { app: "cart" },
    workloads: ["shop/cart"],
    ingress: nothing,
    egress: nothing,
    ...over,
  };
  const [file] = generate({ policies: [policy], denies: [], inferred: [], findings: [] }, "network-policy");
  return parse(file?.yaml ?? "").spec;
}

const podSelector = { matchLabels: { app: "cart" } };
const peers = [
  {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
    podSelector: { matchLabels: { app: "frontend" } },
  },
  { ipBlock: { cidr: "203.0.113.7/32" } },
];
const ports = [{ protocol: "TCP", port: 8080 }];

describe("a direction of a policy, written down", () => {
  it("that is isolated names its peers in `from`, and not at all the other direction", () => {
    expect(specOf({ ingress: frontendOnly })).toEqual({
      podSelector,
      policyTypes: ["Ingress"],
      ingress: [{ from: peers, ports }],
    });
  });

  it("out of a workload names its peers in `to`", () => {
    expect(specOf({ egress: frontendOnly })).toEqual({
      podSelector,
      policyTypes: ["Egress"],
      egress: [{ to: peers, ports }],
    });
  });

  it("that lets nothing through is named in policyTypes and has no list", () => {
    expect(specOf({ ingress: closed, egress: frontendOnly })).toEqual({
      podSelector,
      policyTypes: ["Ingress", "Egress"],
      egress: [{ to: peers, ports }],
    });
  });

  it("that must be said to be open is one rule that asks for nothing", () => {
    expect(specOf({ ingress: everything, egress: closed })).toEqual({
      podSelector,
      policyTypes: ["Ingress", "Egress"],
      ingress: [{}],
    });
  });

  it("that is left open beside one that is not is in no list: naming it would close it", () => {
    expect(specOf({ ingress: closed })).toEqual({ podSelector, policyTypes: ["Ingress"] });
  });
});

it("a default-deny selects every pod, closes both directions and comes last", () => {
  const files = generate(
    {
      policies: [
        {
          name: "netlearn-zoo",
          namespace: "shop",
          selector: { app: "zoo" },
          workloads: ["shop/zoo"],
          ingress: closed,
          egress: nothing,
        },
      ],
      denies: [{ name: "netlearn-default-deny", namespace: "shop" }],
      inferred: [],
      findings: [],
    },
    "network-policy",
  );
  expect(files.map(({ path }) => path)).toEqual(["shop/netlearn-zoo.yaml", "shop/netlearn-default-deny.yaml"]);
  expect(parse(files[1]?.yaml ?? "").spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
});

const NAMESPACES = ["shop", "pay", "kube-system"];
const NAMES = ["cart", "Cart", "cart.v2", "default-deny", "a".repeat(80), "é", "--", "1", "__proto__", "cart-"];
const KEYS = NAMESPACES.flatMap((namespace) => NAMES.map((name) => `${namespace}/${name}`));

const labelKey = fc.oneof(
  fc.constantFrom(
    "app",
    "app.kubernetes.io/name",
    "version",
    "1",
    "y",
    "a.b/c",
    "__proto__",
    "constructor",
    "-",
    HOSTILE,
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);
const labelValue = fc.oneof(
  fc.constantFrom("true", "y", "on", "no", "null", "1e3", "0x1f", "0X1F", "0_9", "017", "2001-01-01", "1.0", "", "x"),
  fc.constantFrom("~", "=", "<<", "12:30", "a\nb", "---", HOSTILE, "v".repeat(64)),
);
const labels: fc.Arbitrary<Labels> = fc.dictionary(labelKey, labelValue, { maxKeys: 4 });

const peer = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KEYS) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "198.51.100.20",
      "198.51.100.21",
      "2001:db8::1",
      "::1",
      "169.254.20.10",
      "host(10.0.0.1)",
      "host",
      "remote-node(192.168.0.4)",
      "kube-apiserver(fd00::1)",
      "kube-apiserver",
      "ingress(10.0.0.7)",
      "unmanaged",
      "other-cluster(10.9.0.1)",
    ),
  },
);
const port = fc.constantFrom(
  "1/TCP",
  "80/TCP",
  "65535/TCP",
  "53/UDP",
  "5353/UDP",
  "36412/SCTP",
  "ICMPv4",
  "ICMPv6",
  "other",
);
const someEdgeOf: fc.Arbitrary<Edge> = fc.tuple(peer, peer, port).map(([client, server, what]) => {
  const made = edgeOf(`cart -> cart ${what}`);
  const ends = [client, server].map((text) => edgeOf(`${text} -> ${text} ${what}`).client);
  return { ...made, client: ends[0] ?? made.client, server: ends[1] ?? made.server };
});
const graphs: fc.Arbitrary<CommunicationGraph> = fc
  .tuple(fc.array(someEdgeOf, { minLength: 1, maxLength: 16 }), fc.array(labels, { minLength: 1, maxLength: 8 }))
  .map(([edges, all]) =>
    graphWith(edges, Object.fromEntries(KEYS.map((key, index) => [key, all[index % all.length] ?? {}]))),
  );

const choice = fc.constantFrom<InexpressibleChoice>("open", "address", "omit");
const options = fc.record({
  namespaces: fc.constantFrom([], ["shop"], ["kube-system", "pay"]),
  systemNamespaces: fc.boolean(),
  unobserved: fc.constantFrom("open" as const, "deny" as const),
  defaultDeny: fc.boolean(),
  externalPrefix: fc.constantFrom({ v4: 32, v6: 128 }, { v4: 24, v6: 64 }, { v4: 8, v6: 32 }),
  externalClients: fc.constantFrom("addresses" as const, "any" as const),
  dnsOverTcp: fc.boolean(),
  inexpressible: choice.map((chosen) => ({
    ...DEFAULT_SYNTHESIS.inexpressible,
    host: chosen,
    "kube-apiserver": chosen,
    "remote-node": chosen,
    icmp: chosen === "omit" ? ("omit" as const) : ("open" as const),
  })),
});
const sets: fc.Arbitrary<PolicySet> = fc.tuple(graphs, options).map(([graph, chosen]) => policiesOf(graph, chosen));

/** Every value below a manifest with the key it stands under. */
function entriesBelow(value: unknown): (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[key, item] as const, ...entriesBelow(item)]);
}

/** What holds of each file of every set. */
function expectEach(law: (file: GeneratedFile) => void, runs = 300): void {
  let files = 0;
  fc.assert(
    fc.property(sets, (set) => {
      for (const file of generate(set, "network-policy")) {
        law(file);
        files++;
      }
    }),
    { numRuns: runs },
  );
  expect(files).toBeGreaterThan(runs);
}

describe("manifests of any graph, whatever its labels and names are and whatever was chosen", () => {
  it("are taken by the API server", () => {
    expectEach(({ manifest }) => expect(problemsOf(manifest)).toEqual([]));
  });

  it("read back from YAML 1.1 and 1.2 as what they are", () => {
    expectEach(({ manifest, yaml }) => {
      for (const version of ["1.1", "1.2"] as const) expect(parse(yaml, { version })).toEqual(manifest);
    });
  });

  it("say `from` and `to` as the API does, always policyTypes, and hold no empty list and no null", () => {
    expectEach(({ yaml }) => {
      const read: unknown = parse(yaml);
      const entries = entriesBelow(read);
      expect(entries.map(([key]) => key).filter((key) => key.startsWith("_"))).toEqual([]);
      expect(entries.filter(([, value]) => value === null || (Array.isArray(value) && value.length === 0))).toEqual([]);
      const { spec } = parse(yaml) as { spec: { policyTypes: string[]; ingress?: object[]; egress?: object[] } };
      expect(spec.policyTypes.length).toBeGreaterThan(0);
      if (spec.ingress !== undefined) expect(spec.policyTypes).toContain("Ingress");
      if (spec.egress !== undefined) expect(spec.policyTypes).toContain("Egress");
      for (const rule of spec.ingress ?? []) expect([["from", "ports"], []]).toContainEqual(Object.keys(rule));
      for (const rule of spec.egress ?? []) expect([["to", "ports"], []]).toContainEqual(Object.keys(rule));
    });
  });

  it("never select every pod, but for a default-deny", () => {
    expectEach(({ manifest, yaml }) => {
      const selectors = entriesBelow(parse(yaml)).filter(([key]) => key === "podSelector");
      const empty = selectors.filter(([, value]) => Object.keys(Object(value)).length === 0);
      expect(empty).toHaveLength(manifest.metadata.name === "netlearn-default-deny" ? 1 : 0);
    });
  });

  it("lie where their namespace and name say, each in a file of its own, below the directory", () => {
    fc.assert(
      fc.property(sets, (set) => {
        const paths = generate(set, "network-policy").map(({ path }) => path);
        expect(new Set(paths).size).toBe(paths.length);
        for (const path of paths) expect(path).toMatch(/^[a-z0-9-]{1,63}\/netlearn-[a-z0-9-]{1,54}\.yaml$/);
      }),
      { numRuns: 200 },
    );
  });
});
