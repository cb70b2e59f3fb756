import type { AccessGraph } from "../../src/model/access.ts";
import type { Completeness } from "../../src/model/completeness.ts";
import type { Evidence } from "../../src/model/evidence.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { CommunicationGraph, DeniedEdge, Edge, SourceFacts, Workload } from "../../src/model/graph.ts";
import type { Peer } from "../../src/model/peer.ts";
import type { Rule, WorkloadPolicy } from "../../src/model/policy-set.ts";
import type { Reading } from "../../src/model/reading.ts";
import type { ManifestFile, Suggestion } from "../../src/pipeline.ts";

/**
 * A small world, made by hand: a shop whose frontend is used from outside, calls a cart and payments, everybody
 * asks DNS, payments calls a bank outside, and somebody who should not tries the cart.
 */

/** 2026-01-05 00:00 UTC, a Monday. */
export const MONDAY: number = Date.UTC(2026, 0, 5);
const HOUR = 3_600_000;

/** Text as an attacker would name things, one string with something for every sink. */
export const HOSTILE: string = [
  "a|b`c`<img src=x onerror=alert(1)>",
  "@everyone",
  "#1",
  "[x](https://evil.example)",
  "\u001b[31mred\u001b[0m",
  "\u202edesrever",
  '"];end\nsubgraph x[" {{7*7}} ${HOME} -->',
  "\\|",
  "<!-- x -->",
].join(" ");

export function workloadPeer(workload: string): Peer {
  return { kind: "workload", workload };
}

export function externalPeer(address: string): Peer {
  return { kind: "external", address };
}

export function someEvidence(over: Partial<Evidence> = {}): Evidence {
  return {
    connections: 120,
    exact: true,
    firstSeen: MONDAY + 8 * HOUR,
    lastSeen: MONDAY + 4 * 24 * HOUR + 17 * HOUR,
    hours: [0, 24, 25, 72].map((hour) => MONDAY / HOUR + 8 + hour),
    kinds: ["trace", "reply"],
    passed: true,
    audited: false,
    samples: [{ time: MONDAY + 8 * HOUR, client: "10.0.1.5:41234", server: "10.0.2.9:7070", node: "node-a" }],
    ...over,
  };
}

export function someEdge(client: Peer | string, server: Peer | string, over: Partial<Edge> = {}): Edge {
  return {
    client: typeof client === "string" ? workloadPeer(client) : client,
    server: typeof server === "string" ? workloadPeer(server) : server,
    protocol: "TCP",
    port: 8080,
    evidence: someEvidence(),
    ...over,
  };
}

export function someWorkload(key: string, over: Partial<Workload> = {}): Workload {
  const [namespace = "", name = ""] = key.split("/");
  return {
    key,
    cluster: undefined,
    namespace,
    name,
    kind: "Deployment",
    labels: { app: name },
    serviceAccount: undefined,
    ...over,
  };
}

const outside = externalPeer("203.0.113.7");
const bank = externalPeer("198.51.100.20");
const dns = { port: 53, protocol: "UDP" } as const;

export const SHOP_EDGES = {
  outsideToFrontend: someEdge(outside, "shop/frontend", {
    evidence: someEvidence({ connections: 90_210, kinds: ["policy-verdict"] }),
  }),
  frontendToCart: someEdge("shop/frontend", "shop/cart", { port: 7070 }),
  frontendToPayments: someEdge("shop/frontend", "shop/payments", {
    port: 50_051,
    evidence: someEvidence({ connections: 3, hours: [MONDAY / HOUR + 8] }),
  }),
  frontendToDns: someEdge("shop/frontend", "kube-system/coredns", dns),
  paymentsToDns: someEdge("shop/payments", "kube-system/coredns", dns),
  paymentsToBank: someEdge("shop/payments", bank, { port: 443 }),
} as const;

export const LOAD_TEST: Edge = someEdge("load/generator", "shop/frontend");

export const CART_DENIED: DeniedEdge = {
  client: workloadPeer("dev/debug"),
  server: workloadPeer("shop/cart"),
  protocol: "TCP",
  port: 7070,
  reason: "POLICY_DENIED",
  byPolicy: true,
  connections: 14,
  firstSeen: MONDAY + 9 * HOUR,
  lastSeen: MONDAY + 10 * HOUR,
  samples: [{ time: MONDAY + 9 * HOUR, client: "10.0.7.7:50000", server: "10.0.2.9:7070", node: "node-b" }],
};

export const SOME_FACTS: SourceFacts = {
  clusters: [],
  nodes: ["node-a", "node-b"],
  unavailableNodes: [],
  lostEvents: 0,
  gaps: [],
  records: 12_345,
  withIsReply: 12_345,
  withLabels: 12_345,
  withEventType: 12_345,
  withVerdict: 12_345,
  dropped: 14,
  aggregated: 0,
};

export function someGraph(over: Partial<CommunicationGraph> = {}): CommunicationGraph {
  return {
    window: { first: MONDAY + 8 * HOUR, last: MONDAY + 4 * 24 * HOUR + 17 * HOUR },
    workloads: ["dev/debug", "kube-system/coredns", "shop/cart", "shop/frontend", "shop/payments"].map((key) =>
      someWorkload(key),
    ),
    edges: Object.values(SHOP_EDGES),
    denied: [CART_DENIED],
    quarantine: [
      {
        reason: "no-identity",
        pairs: 2,
        samples: ["10.0.9.9:8080 <-> 10.0.1.5:8081 TCP", "10.0.9.9:1 <-> 10.0.1.6:2 TCP"],
      },
    ],
    names: { "198.51.100.20": ["api.bank.example"] },
    facts: SOME_FACTS,
    ...over,
  };
}

export function someReading(over: Partial<Reading> = {}): Reading {
  return {
    sources: 2,
    bytes: 7_654_321,
    lines: 12_400,
    records: 12_345,
    used: 12_000,
    setAside: { "health check": 300, "reply of a known connection": 45 },
    rejected: [
      {
        reason: "truncated",
        count: 2,
        sample: {
          reason: "truncated",
          place: { source: "flows/monday.jsonl", line: 812 },
          detail: "the line ends inside a JSON object; copy the file again",
        },
      },
    ],
    otherEvents: { agent_event: 3 },
    audit: { events: 0, used: 0, setAside: {} },
    remembered: [],
    unreadable: [],
    ...over,
  };
}

export const SOME_COMPLETENESS: Completeness = {
  unit: "day",
  units: 5,
  edges: 6,
  once: 1,
  twice: 2,
  estimate: { coverage: 0.947, unseen: 0.2, horizon: 7, expected: 0.2, low: 0, high: 2.4, uncertain: false },
};

function ruleFor(edge: Edge, peer: Rule["peers"][number], inferred: Rule["inferred"] = []): Rule {
  const { protocol, port } = edge;
  const known = protocol === "TCP" || protocol === "UDP" || protocol === "SCTP";
  const ports = known && port !== undefined ? [{ protocol, port }] : [];
  return {
    peers: [peer],
    ports: [...ports, ...inferred.map((added) => added.port)],
    because: [edge],
    promised: [],
    inferred,
  };
}

function podsOf(key: string): Rule["peers"][number] {
  const [namespace = "", name = ""] = key.split("/");
  return { kind: "pods", namespace, labels: { app: name } };
}

const overTcp: Rule["inferred"] = [{ port: { protocol: "TCP", port: 53 }, by: "dns-over-tcp" }];

export const SHOP_POLICIES: readonly WorkloadPolicy[] = [
  {
    name: "cart",
    namespace: "shop",
    selector: { app: "cart" },
    workloads: ["shop/cart"],
    ingress: { mode: "isolated", rules: [ruleFor(SHOP_EDGES.frontendToCart, podsOf("shop/frontend"))] },
    egress: { mode: "open", reason: "unobserved", explicit: false },
  },
  {
    name: "frontend",
    namespace: "shop",
    selector: { app: "frontend" },
    workloads: ["shop/frontend"],
    ingress: {
      mode: "isolated",
      rules: [ruleFor(SHOP_EDGES.outsideToFrontend, { kind: "block", cidr: "203.0.113.7/32" })],
    },
    egress: {
      mode: "isolated",
      rules: [
        ruleFor(SHOP_EDGES.frontendToCart, podsOf("shop/cart")),
        ruleFor(SHOP_EDGES.frontendToPayments, podsOf("shop/payments")),
        ruleFor(SHOP_EDGES.frontendToDns, podsOf("kube-system/coredns"), overTcp),
      ],
    },
  },
  {
    name: "payments",
    namespace: "shop",
    selector: { app: "payments" },
    workloads: ["shop/payments"],
    ingress: { mode: "isolated", rules: [ruleFor(SHOP_EDGES.frontendToPayments, podsOf("shop/frontend"))] },
    egress: {
      mode: "isolated",
      rules: [
        ruleFor(SHOP_EDGES.paymentsToBank, { kind: "block", cidr: "198.51.100.20/32" }),
        ruleFor(SHOP_EDGES.paymentsToDns, podsOf("kube-system/coredns"), overTcp),
      ],
    },
  },
];

export function manifestFile(namespace: string, name: string, yaml?: string): ManifestFile {
  return {
    path: `${namespace}/${name}.yaml`,
    manifest: { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec: {} },
    yaml:
      yaml ??
      `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nspec: {}\n`,
  };
}

export const SOME_FINDINGS: readonly Finding[] = [
  {
    code: "egress-open",
    severity: "info",
    about: "shop/cart",
    message: "shop/cart was never seen opening connections; its egress is left open",
    choice: "close it with --unobserved deny",
  },
  {
    code: "single-client-address",
    severity: "warning",
    about: "shop/frontend",
    message: "shop/frontend is reached from 1 address outside the cluster; other clients will be cut",
    choice: "allow any address with --external-clients any",
  },
];

/** No audit event was read. */
export const NO_ACCESS: AccessGraph = {
  window: undefined,
  uses: [],
  callers: [],
  facts: { events: 0, withDecision: 0, setAside: {}, origins: [] },
};

export function someSuggestion(over: Partial<Suggestion> = {}): Suggestion {
  return {
    graph: someGraph(),
    reading: someReading(),
    completeness: SOME_COMPLETENESS,
    findings: SOME_FINDINGS,
    policies: { policies: SHOP_POLICIES, denies: [], inferred: [], findings: [] },
    files: SHOP_POLICIES.map(({ namespace, name }) => manifestFile(namespace, name)),
    proof: {
      checked: 6,
      allowed: 6,
      cut: [],
      promised: { checked: 0, refused: [] },
      needless: [],
      unused: [
        { client: "shop/frontend", server: "kube-system/coredns", port: 53, protocol: "TCP", policy: "shop/frontend" },
      ],
    },
    excluded: [LOAD_TEST],
    known: new Map(),
    objects: undefined,
    inForce: undefined,
    access: NO_ACCESS,
    accessSuggestion: undefined,
    apiUse: new Map(),
    ...over,
  };
}

export function someFinding(over: Partial<Finding> = {}): Finding {
  return {
    code: "some-code",
    severity: "warning",
    about: undefined,
    message: "look at this",
    choice: undefined,
    ...over,
  };
}
