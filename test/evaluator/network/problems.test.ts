import { describe, expect, it } from "vitest";
import { newerProblemsOf, problemsOf } from "../../../src/evaluator/network/problems.ts";
import type { NetworkPolicy } from "../../../src/model/manifest.ts";
import { policy } from "../world.ts";

/** Paths of the problems of a policy with this spec, written as JSON so that it may be wrong. */
function pathsOf(spec: unknown, metadata: unknown = { name: "p", namespace: "shop" }): readonly string[] {
  const written = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec } as NetworkPolicy;
  return problemsOf(written).map((problem) => problem.slice(0, problem.indexOf(": ")));
}

const from = (peer: unknown): unknown => ({ ingress: [{ from: [peer] }] });
const ports = (entry: unknown): unknown => ({ egress: [{}, { ports: [entry] }] });
const selector = (matchExpressions: unknown): unknown => ({ podSelector: { matchExpressions: [matchExpressions] } });

describe("problemsOf", () => {
  it("has nothing against a policy that uses everything", () => {
    const full = policy("shop/full.1", {
      podSelector: {
        matchLabels: { "app.kubernetes.io/name": "cart", empty: "" },
        matchExpressions: [
          { key: "a", operator: "In", values: ["b", ""] },
          { key: "a", operator: "NotIn", values: ["c"] },
          { key: "a", operator: "Exists" },
          { key: "a", operator: "DoesNotExist", values: [] },
        ],
      },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {},
        {
          from: [
            { podSelector: {} },
            { namespaceSelector: {}, podSelector: { matchLabels: { a: "b" } } },
            { ipBlock: { cidr: "10.0.0.1/8", except: ["10.1.0.0/16"] } },
            { ipBlock: { cidr: "2001:db8::/32", except: ["2001:db8:1::/48"] } },
          ],
          ports: [
            {},
            { port: 1, endPort: 65535 },
            { port: 80, endPort: 80 },
            { port: "http-2", protocol: "UDP" },
            { protocol: "SCTP" },
          ],
        },
      ],
      egress: [],
    });
    expect(problemsOf(full)).toEqual([]);
  });

  it("says of a range that begins with a name what it needs", () => {
    const named = policy("shop/p", { ingress: [{ ports: [{ port: "http", endPort: 90 }] }] });
    expect(problemsOf(named)).toEqual([
      'spec.ingress[0].ports[0].endPort: needs a numeric port to begin the range, not "http"',
    ]);
  });

  it("says of what is no object that the whole document is wrong", () => {
    expect(problemsOf("text" as unknown as NetworkPolicy)).toEqual(['(document): "text" must be an object']);
  });

  it.for([
    ["a peer with no field", from({}), "spec.ingress[0].from[0]"],
    ["a peer whose only field is null", from({ podSelector: null }), "spec.ingress[0].from[0]"],
    ["a block with a selector", from({ ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }), "spec.ingress[0].from[0]"],
    ["a CIDR without length", from({ ipBlock: { cidr: "10.0.0.0" } }), "spec.ingress[0].from[0].ipBlock.cidr"],
    ["a CIDR that is too long", from({ ipBlock: { cidr: "10.0.0.0/33" } }), "spec.ingress[0].from[0].ipBlock.cidr"],
    ["a CIDR with three decimals", from({ ipBlock: { cidr: "10.0.0/24" } }), "spec.ingress[0].from[0].ipBlock.cidr"],
    ["a CIDR with a leading zero", from({ ipBlock: { cidr: "010.0.0.0/8" } }), "spec.ingress[0].from[0].ipBlock.cidr"],
    ["a block without CIDR", from({ ipBlock: { except: [] } }), "spec.ingress[0].from[0].ipBlock.cidr"],
    [
      "an exception outside",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16", "11.0.0.0/16"] } }),
      "spec.ingress[0].from[0].ipBlock.except[1]",
    ],
    [
      "an exception as wide as the block",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.0.0.0/8"] } }),
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    [
      "an exception of the other family",
      from({ ipBlock: { cidr: "0.0.0.0/0", except: ["::/8"] } }),
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    [
      "a peer's podSelector with a broken key",
      from({ podSelector: { matchLabels: { "a b": "c" } } }),
      "spec.ingress[0].from[0].podSelector.matchLabels",
    ],
    [
      "a peer's namespaceSelector with a broken key",
      from({ namespaceSelector: { matchLabels: { "a b": "c" } } }),
      "spec.ingress[0].from[0].namespaceSelector.matchLabels",
    ],
    [
      "an exception that is no CIDR",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0"] } }),
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    ["labels in a list", { podSelector: { matchLabels: ["a"] } }, "spec.podSelector.matchLabels"],
    ["endPort with a fraction", ports({ port: 80, endPort: 80.5 }), "spec.egress[1].ports[0].endPort"],
    ["endPort in quotes", ports({ port: 80, endPort: "90" }), "spec.egress[1].ports[0].endPort"],
    ["endPort below port", ports({ port: 80, endPort: 79 }), "spec.egress[1].ports[0].endPort"],
    ["endPort with a name", ports({ port: "http", endPort: 90 }), "spec.egress[1].ports[0].endPort"],
    ["endPort alone", ports({ endPort: 90 }), "spec.egress[1].ports[0].endPort"],
    ["endPort too large", ports({ port: 80, endPort: 65536 }), "spec.egress[1].ports[0].endPort"],
    ["port 0", ports({ port: 0 }), "spec.egress[1].ports[0].port"],
    ["port 65536", ports({ port: 65536 }), "spec.egress[1].ports[0].port"],
    ["a number in quotes", ports({ port: "80" }), "spec.egress[1].ports[0].port"],
    ["a port name of 16", ports({ port: "a234567890123456" }), "spec.egress[1].ports[0].port"],
    ["a port name with --", ports({ port: "a--b" }), "spec.egress[1].ports[0].port"],
    ["a fraction as port", ports({ port: 8.5 }), "spec.egress[1].ports[0].port"],
    ["an unknown protocol", ports({ protocol: "ICMP" }), "spec.egress[1].ports[0].protocol"],
    ["a protocol in lower case", ports({ protocol: "tcp" }), "spec.egress[1].ports[0].protocol"],
    ["an unknown policy type", { policyTypes: ["Ingress", "ingress"] }, "spec.policyTypes[1]"],
    ["three policy types", { policyTypes: ["Ingress", "Egress", "Ingress"] }, "spec.policyTypes"],
    ["In without values", selector({ key: "a", operator: "In" }), "spec.podSelector.matchExpressions[0].values"],
    [
      "Exists with values",
      selector({ key: "a", operator: "Exists", values: ["b"] }),
      "spec.podSelector.matchExpressions[0].values",
    ],
    [
      "an unknown operator",
      selector({ key: "a", operator: "Equals", values: ["b"] }),
      "spec.podSelector.matchExpressions[0].operator",
    ],
    ["a bad key", selector({ key: "a b", operator: "Exists" }), "spec.podSelector.matchExpressions[0].key"],
    ["no key", selector({ operator: "Exists" }), "spec.podSelector.matchExpressions[0].key"],
    [
      "a bad value",
      selector({ key: "a", operator: "In", values: ["ok", "not ok"] }),
      "spec.podSelector.matchExpressions[0].values[1]",
    ],
    [
      "a label key with two slashes",
      { podSelector: { matchLabels: { "a/b/c": "d" } } },
      "spec.podSelector.matchLabels",
    ],
    [
      "a label value of 64",
      { podSelector: { matchLabels: { a: "x".repeat(64) } } },
      'spec.podSelector.matchLabels["a"]',
    ],
    ["a label value that is a number", { podSelector: { matchLabels: { a: 1 } } }, 'spec.podSelector.matchLabels["a"]'],
    ["a field nobody knows, whose value is null", { podSelector: { unknown: null } }, "spec.podSelector.unknown"],
    ["a field whose name is no word", { "a\n::error::b": 1 }, 'spec."a\\n::error::b"'],
    ["a policy type that is null", { policyTypes: [null] }, "spec.policyTypes[0]"],
    [
      "an exception that is null",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: [null] } }),
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    [
      "an exception in IPv6 that ends like an IPv4 address",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["::10.0.0.0/128"] } }),
      "spec.ingress[0].from[0].ipBlock.except[0]",
    ],
    [
      "a label that is null under a broken key",
      { podSelector: { matchLabels: { "a b": null } } },
      "spec.podSelector.matchLabels",
    ],
    ["a misspelt peer", from({ ipblock: { cidr: "10.0.0.0/8" } }), "spec.ingress[0].from[0].ipblock"],
    ["client-node's _from", { ingress: [{ _from: [] }] }, "spec.ingress[0]._from"],
    ["an object for a list", { ingress: { from: [] } }, "spec.ingress"],
    ["a list for an object", [], "spec"],
    ["a peer that is text", from("10.0.0.0/8"), "spec.ingress[0].from[0]"],
  ] as const)("refuses %s, at its path", ([, spec, path]) => {
    expect(pathsOf(spec)).toEqual([path]);
  });

  it.for([
    [{ name: "Upper" }, "metadata.name"],
    [{ name: "" }, "metadata.name"],
    [{ name: "a".repeat(254) }, "metadata.name"],
    [{ name: "a..b" }, "metadata.name"],
    [{}, "metadata.name"],
    [{ name: "p", namespace: "a.b" }, "metadata.namespace"],
    [{ name: "p", namespace: "a".repeat(64) }, "metadata.namespace"],
    [{ name: "p", labels: { "-a": "b" } }, "metadata.labels"],
    [{ name: "p", annotations: { "a b": "c" } }, "metadata.annotations"],
    [{ name: "p", labels: { "-a": null } }, "metadata.labels"],
    [{ name: "p", lables: {} }, "metadata.lables"],
    [{ name: "p", finalizers: "x" }, "metadata.finalizers"],
    [{ name: "p", generation: "1" }, "metadata.generation"],
    [null, "metadata"],
  ] as const)("refuses the metadata %o", ([metadata, path]) => {
    expect(pathsOf({}, metadata)).toEqual([path]);
  });

  it("refuses annotations that are too large together, in bytes of UTF-8, keys included", () => {
    const limit = 256 * 1024;
    const size = (annotations: Readonly<Record<string, string>>): readonly string[] =>
      pathsOf({}, { name: "p", annotations });
    expect(size({ a: "x".repeat(limit - 1) })).toEqual([]);
    expect(size({ a: "x".repeat(limit) })).toEqual(["metadata.annotations"]);
    expect(size({ a: "x".repeat(limit / 2), b: "x".repeat(limit / 2) })).toEqual(["metadata.annotations"]);
    expect(size({ a: "ä".repeat(limit / 2 - 1) })).toEqual([]);
    expect(size({ a: "ä".repeat(limit / 2) })).toEqual(["metadata.annotations"]);
  });

  it("refuses a field beside spec that is a slip of the pen: the policy would be one without rules", () => {
    const slip = { ...policy("shop/p", {}), spce: { ingress: [{}] } };
    expect(problemsOf(slip)[0]).toContain("spce: NetworkPolicy has no such field; known here are apiVersion, kind");
    expect(problemsOf({ ...policy("shop/p", {}), spce: null } as NetworkPolicy)).toHaveLength(1);
    expect(problemsOf({ ...policy("shop/p", {}), spce: undefined } as NetworkPolicy)).toEqual([]);
  });

  it("takes null for what is not there, and for a text that is empty", () => {
    const spec = {
      podSelector: { matchLabels: { app: null }, matchExpressions: [{ key: "a", operator: "In", values: [null] }] },
      policyTypes: null,
      ingress: [null, { from: null, ports: [null, { port: null, endPort: null }] }],
    };
    expect(pathsOf(spec)).toEqual([]);
    expect(pathsOf(null, { name: "p", namespace: "", labels: null, finalizers: [null] })).toEqual([]);
  });

  it("refuses another kind, and anything that is no object", () => {
    expect(problemsOf({ ...policy("shop/p", {}), apiVersion: "cilium.io/v2" as never })).toHaveLength(1);
    expect(problemsOf({ ...policy("shop/p", {}), kind: "CiliumNetworkPolicy" as never })).toHaveLength(1);
    for (const value of [null, 7, "text", []] as readonly unknown[]) {
      expect(problemsOf(value as NetworkPolicy)).toHaveLength(1);
    }
  });

  it("takes what a dump of a cluster adds: fields of metadata and a status", () => {
    const dumped = { ...policy("shop/p", {}), status: {} };
    const metadata = {
      ...dumped.metadata,
      uid: "1",
      creationTimestamp: "2026-01-01T00:00:00Z",
      generation: 1,
      managedFields: [{ manager: "kubectl", fieldsV1: { "f:spec": {} } }],
      ownerReferences: [{ kind: "X" }],
    };
    expect(problemsOf({ ...dumped, metadata })).toEqual([]);
  });

  it("says value and way out in one line, whatever the file holds", () => {
    const [problem] = problemsOf(policy("shop/p", { ingress: [{ ports: [{ port: "80\n::error::x" }] }] }));
    expect(problem).toBe(
      'spec.ingress[0].ports[0].port: "80\\n::error::x" must be a port\'s name: at most 15 of a-z, 0-9 and "-", with a letter',
    );
    expect(problemsOf(policy("shop/p", { ingress: [{ ports: [{ port: "80" }] }] }))[0]).toContain("without quotes");
  });

  it("lists all problems of a policy, not only the first", () => {
    const spec = { ingress: [{ from: [{}], ports: [{ port: 0 }] }], egress: [{ to: [{}] }] };
    expect(pathsOf(spec)).toEqual(["spec.ingress[0].from[0]", "spec.ingress[0].ports[0].port", "spec.egress[0].to[0]"]);
  });
});

describe("newerProblemsOf", () => {
  const block = (cidr: string, ...except: readonly string[]): NetworkPolicy =>
    policy("shop/p", { egress: [{}, { to: [{ podSelector: {} }, { ipBlock: { cidr, except } }] }] });
  const place = "spec.egress[1].to[1].ipBlock";

  it.for([
    ["10.0.0.0/8"],
    ["0.0.0.0/0"],
    ["10.0.0.1/32"],
    ["10.128.0.0/9"],
    ["2001:DB8::/32"],
    ["2001:db8::1/128"],
    ["2001:db8:8000::/33"],
    ["::/0"],
    ["10.0.0.0/8", "10.1.0.0/16", "10.2.3.4/32"],
  ])("has nothing against %j", ([cidr = "", ...except]) => {
    expect(problemsOf(block(cidr, ...except))).toEqual([]);
    expect(newerProblemsOf(block(cidr, ...except))).toEqual([]);
  });

  it.for([
    ["10.0.0.1/8", "write 10.0.0.0/8, or 10.0.0.1/32"],
    ["10.255.255.255/9", "write 10.128.0.0/9, or 10.255.255.255/32"],
    ["0.0.0.1/0", "write 0.0.0.0/0, or 0.0.0.1/32"],
    ["10.1.2.3/31", "write 10.1.2.2/31, or 10.1.2.3/32"],
    ["2001:db8::1/32", "write 2001:db8::/32, or 2001:db8::1/128"],
    ["2001:db8:ffff::/33", "write 2001:db8:8000::/33, or 2001:db8:ffff::/128"],
  ] as const)("says what to write for %s, whose bits go beyond its prefix", ([cidr, wayOut]) => {
    expect(problemsOf(block(cidr))).toEqual([]);
    expect(newerProblemsOf(block(cidr))).toEqual([
      `${place}.cidr: "${cidr}" has bits beyond its prefix, which Kubernetes refuses since 1.36; ${wayOut} for the one address`,
    ]);
  });

  it("says what to write for an IPv4 block in IPv6", () => {
    expect(newerProblemsOf(block("::ffff:10.1.2.3/104"))).toEqual([
      `${place}.cidr: "::ffff:10.1.2.3/104" is an IPv4 block written as IPv6, which Kubernetes refuses since 1.36; write 10.0.0.0/8`,
    ]);
  });

  it("looks at exceptions, in both directions, and at all of them", () => {
    const peers = [{ ipBlock: { cidr: "10.0.0.1/8", except: ["10.1.0.0/16", "10.2.0.1/16"] } }];
    const both = policy("shop/p", { ingress: [{ from: peers }], egress: [{ to: peers }] });
    expect(newerProblemsOf(both).map((problem) => problem.slice(0, problem.indexOf(": ")))).toEqual([
      "spec.ingress[0].from[0].ipBlock.cidr",
      "spec.ingress[0].from[0].ipBlock.except[1]",
      "spec.egress[0].to[0].ipBlock.cidr",
      "spec.egress[0].to[0].ipBlock.except[1]",
    ]);
  });

  it("knows of a status, which dumps of clusters before 1.28 have", () => {
    expect(newerProblemsOf({ ...policy("shop/p", {}), status: {} } as NetworkPolicy)).toEqual([
      "status: is no field of a NetworkPolicy since Kubernetes 1.28; leave it out",
    ]);
    expect(newerProblemsOf({ ...policy("shop/p", {}), status: null } as NetworkPolicy)).toHaveLength(1);
    expect(newerProblemsOf({ ...policy("shop/p", {}), spec: null } as unknown as NetworkPolicy)).toEqual([]);
  });
});
