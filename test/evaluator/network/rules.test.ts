import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { NetworkVerdict, VerdictKind } from "../../../src/evaluator/network/verdict.ts";
import type { ConnectionEnd, NetworkWorld } from "../../../src/evaluator/network/world.ts";
import type { Protocol } from "../../../src/model/flow.ts";
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer } from "../../../src/model/manifest.ts";
import { named, pod, policy, SHOP_PODS, shop } from "../world.ts";

/** `client -> server PROTOCOL/port`; short names are pods of namespace shop. */
function ask(world: NetworkWorld, question: string, profile: ProfileName = "upstream"): NetworkVerdict {
  const [, from = "", to = "", protocol, port] = /^(\S+) -> (\S+) ([A-Za-z0-9]+)(?:\/([0-9]+))?$/.exec(question) ?? [];
  const compiled = compileNetworkWorld(world, profile);
  return evaluateConnection(compiled, {
    from: end(from),
    to: end(to),
    protocol: protocol as Protocol,
    port: port === undefined ? undefined : Number(port),
  });
}

function end(text: string): ConnectionEnd {
  if (/^[0-9.]+$|:/.test(text)) {
    return { ip: text };
  }
  const [namespace = "", name = ""] = text.includes("/") ? text.split("/") : ["shop", text];
  return { namespace, name };
}

/** Each row is a question and its verdict: `+` allowed, `-` denied, `?` undefined. */
function expectVerdicts(
  world: NetworkWorld,
  rows: Readonly<Record<string, "+" | "-" | "?">>,
  profile?: ProfileName,
): void {
  const signs: Readonly<Record<VerdictKind, string>> = { allowed: "+", denied: "-", undefined: "?" };
  const found = Object.keys(rows).map((question) => [question, signs[ask(world, question, profile).verdict]]);
  expect(Object.fromEntries(found)).toEqual(rows);
}

const CART: LabelSelector = { matchLabels: { app: "cart" } };
const fromFrontend: NetworkPolicyPeer = { podSelector: { matchLabels: { app: "frontend" } } };
const http = [{ protocol: "TCP", port: 8080 }];

function ingress(...from: readonly NetworkPolicyPeer[]): NetworkPolicy {
  return policy("shop/cart-in", { podSelector: CART, policyTypes: ["Ingress"], ingress: [{ from }] });
}

describe("the rules of NetworkPolicy", () => {
  it("rule 1: a verdict is about opening a connection; the server needs no rule to answer", () => {
    const world = shop([
      policy("shop/cart", {
        podSelector: CART,
        policyTypes: ["Ingress", "Egress"],
        ingress: [{ from: [fromFrontend] }],
      }),
    ]);
    expectVerdicts(world, { "frontend -> cart TCP/8080": "+", "cart -> frontend TCP/8080": "-" });
  });

  it("rule 2: both ends must allow it, and an end that is not a pod is never isolated", () => {
    const out = policy("shop/frontend-out", { podSelector: fromFrontend.podSelector!, policyTypes: ["Egress"] });
    expectVerdicts(shop([ingress(fromFrontend), out]), { "frontend -> cart TCP/8080": "-" });
    const verdict = ask(shop([ingress({ ipBlock: { cidr: "203.0.113.7/32" } })]), "203.0.113.7 -> cart TCP/8080");
    expect(verdict.verdict).toBe("allowed");
    expect(verdict.egress).toMatchObject({
      isolated: "no",
      reason: "203.0.113.7 is not a pod, so no policy isolates it",
    });
  });

  it("rule 3: a pod is isolated in one direction, by policies of its own namespace that select it", () => {
    const other = policy("monitoring/deny", { podSelector: {} });
    expectVerdicts(shop([ingress(), policy("shop/empty", { podSelector: CART, ingress: [] }), other]), {
      "frontend -> payments TCP/7070": "+",
      "cart -> payments TCP/7070": "+",
    });
    const verdict = ask(shop([policy("shop/deny", { podSelector: CART })]), "frontend -> cart TCP/8080");
    expect(verdict).toMatchObject({
      verdict: "denied",
      reason:
        "shop/deny isolates shop/cart for ingress, and no rule allows new connections from shop/frontend on TCP 8080",
      egress: { isolated: "no", isolatedBy: [], verdict: "allowed" },
      ingress: { isolated: "yes", isolatedBy: ["shop/deny"], allowedBy: [] },
    });
  });

  it("rule 4: rules add up over all policies that apply, and the answer names every rule that allows", () => {
    const deny = policy("shop/deny", { podSelector: {}, policyTypes: ["Ingress"] });
    const two = policy("shop/two", {
      podSelector: CART,
      ingress: [
        { from: [{ podSelector: { matchLabels: { app: "payments" } } }] },
        { from: [fromFrontend], ports: http },
      ],
    });
    const world = shop([deny, two, ingress({ ipBlock: { cidr: "10.9.0.0/16" } }, fromFrontend)]);
    expectVerdicts(world, {
      "payments -> cart TCP/1": "+",
      "monitoring/scraper -> cart TCP/8080": "-",
      "frontend -> payments TCP/7070": "-",
    });
    expect(ask(world, "frontend -> cart TCP/8080").ingress).toMatchObject({
      isolatedBy: ["shop/cart-in", "shop/deny", "shop/two"],
      allowedBy: [
        { policy: "shop/cart-in", rule: 0, peer: 1, port: undefined },
        { policy: "shop/two", rule: 1, peer: 0, port: 0 },
      ],
    });
  });

  it("rule 5: peers and ports must both match; a missing or empty list asks for nothing; no rules allow nothing", () => {
    const both = policy("shop/p", { podSelector: CART, ingress: [{ from: [fromFrontend], ports: http }] });
    expectVerdicts(shop([both]), {
      "frontend -> cart TCP/8080": "+",
      "frontend -> cart TCP/9090": "-",
      "payments -> cart TCP/8080": "-",
    });
    for (const rule of [{}, { from: [], ports: [] }]) {
      expectVerdicts(shop([policy("shop/p", { podSelector: CART, ingress: [rule] })]), {
        "monitoring/scraper -> cart SCTP/1": "+",
        "203.0.113.7 -> cart UDP/53": "+",
      });
    }
    for (const spec of [{ podSelector: CART }, { podSelector: CART, ingress: [] }]) {
      expectVerdicts(shop([policy("shop/p", spec)]), { "frontend -> cart TCP/8080": "-" });
    }
  });

  it("rule 6: selectors in one item are both needed, in two items either will do", () => {
    const namespaceSelector = { matchLabels: { tier: "back" } };
    const podSelector = { matchLabels: { app: "frontend" } };
    const monitoringFrontend = pod("monitoring/frontend", "10.2.0.9");
    const pods = { pods: [...SHOP_PODS, monitoringFrontend] };
    expectVerdicts(shop([ingress({ namespaceSelector, podSelector })], pods), {
      "frontend -> cart TCP/1": "-",
      "monitoring/scraper -> cart TCP/1": "-",
      "monitoring/frontend -> cart TCP/1": "+",
    });
    expectVerdicts(shop([ingress({ namespaceSelector }, { podSelector })], pods), {
      "frontend -> cart TCP/1": "+",
      "monitoring/scraper -> cart TCP/1": "+",
      "payments -> cart TCP/1": "-",
    });
  });

  it("rule 6: a peer with no field, or a block with a selector, is refused and its policy is not in the world", () => {
    for (const peer of [{}, { ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} }]) {
      const compiled = compileNetworkWorld(shop([ingress(peer)]));
      expect(compiled.problems).toMatchObject([{ kind: "refused", about: "NetworkPolicy shop/cart-in" }]);
      expectVerdicts(shop([ingress(peer)]), { "payments -> cart TCP/1": "+" });
    }
  });

  it("rule 7: {} matches all; an absent namespaceSelector is the policy's namespace, {} is every namespace", () => {
    expectVerdicts(shop([ingress({ podSelector: {} })]), {
      "payments -> cart TCP/1": "+",
      "monitoring/scraper -> cart TCP/1": "-",
    });
    expectVerdicts(shop([ingress({ namespaceSelector: {} })]), { "monitoring/scraper -> cart TCP/1": "+" });
    expectVerdicts(shop([policy("shop/p", {})]), { "frontend -> payments TCP/1": "-" });
  });

  const labelled = { plain: {}, empty: { env: "" }, prod: { env: "prod" }, test: { env: "test" } };
  it.for([
    ["In", { operator: "In", values: ["prod", "stage"] }, "prod"],
    ["In with the empty value", { operator: "In", values: [""] }, "empty"],
    ["NotIn", { operator: "NotIn", values: ["prod"] }, "plain empty test"],
    ["Exists", { operator: "Exists" }, "empty prod test"],
    ["DoesNotExist", { operator: "DoesNotExist" }, "plain"],
  ] as const)("rule 7: %s matches %o", ([, requirement, wanted]) => {
    const peer = { podSelector: { matchExpressions: [{ key: "env", ...requirement }] } };
    const clients = Object.entries(labelled).map(([name, labels]) => pod(`shop/${name}`, "10.1.1.1", { labels }));
    const world = shop([ingress(peer)], { pods: [...SHOP_PODS, ...clients] });
    const allowed = Object.keys(labelled).filter((name) => ask(world, `${name} -> cart TCP/1`).verdict === "allowed");
    expect(allowed.join(" ")).toBe(wanted);
  });

  it("rule 7: matchLabels with an empty value needs the key, and all conditions hold together", () => {
    const clients = Object.entries(labelled).map(([name, labels]) => pod(`shop/${name}`, "10.1.1.1", { labels }));
    const pods = { pods: [...SHOP_PODS, ...clients] };
    expectVerdicts(shop([ingress({ podSelector: { matchLabels: { env: "" } } })], pods), {
      "plain -> cart TCP/1": "-",
      "empty -> cart TCP/1": "+",
    });
    const notProd = { key: "env", operator: "NotIn", values: ["prod"] } as const;
    const both = { matchLabels: { app: "frontend" }, matchExpressions: [notProd] };
    expectVerdicts(shop([ingress({ podSelector: both })], pods), {
      "frontend -> cart TCP/1": "+",
      "plain -> cart TCP/1": "-",
    });
  });

  it("rule 8: without policyTypes a policy isolates ingress, and egress only if it has an egress rule", () => {
    const questions = ["frontend -> cart TCP/8080", "cart -> payments TCP/7070"] as const;
    const verdicts = (spec: NetworkPolicy["spec"]): readonly string[] =>
      questions.map((question) => ask(shop([policy("shop/p", { podSelector: CART, ...spec })]), question).verdict);
    expect(verdicts({})).toEqual(["denied", "allowed"]);
    expect(verdicts({ policyTypes: [] })).toEqual(["denied", "allowed"]);
    expect(verdicts({ egress: [] })).toEqual(["denied", "allowed"]);
    expect(verdicts({ egress: [{}] })).toEqual(["denied", "allowed"]);
    expect(verdicts({ egress: [{ ports: http }] })).toEqual(["denied", "denied"]);
    expect(verdicts({ policyTypes: ["Egress"] })).toEqual(["allowed", "denied"]);
    // A section whose direction is not named has no effect.
    expect(verdicts({ policyTypes: ["Egress"], ingress: [{ ports: [{ port: 1 }] }] })).toEqual(["allowed", "denied"]);
  });

  it("rule 9: the protocol defaults to TCP, a missing port is every port of the protocol, endPort is inclusive", () => {
    const ports = [{}, { protocol: "UDP", port: 5000, endPort: 5002 }, { protocol: "SCTP" }];
    expectVerdicts(shop([policy("shop/p", { podSelector: CART, ingress: [{ ports }] })]), {
      "frontend -> cart TCP/1": "+",
      "frontend -> cart UDP/4999": "-",
      "frontend -> cart UDP/5000": "+",
      "frontend -> cart UDP/5002": "+",
      "frontend -> cart UDP/5003": "-",
      "frontend -> cart SCTP/65535": "+",
    });
  });

  it("rule 9: a named port is the destination pod's, with the same protocol, and never an external address's", () => {
    const ports = [{ port: "http" }];
    const anyIn = policy("shop/in", { policyTypes: ["Ingress"], ingress: [{ ports }] });
    expectVerdicts(shop([anyIn]), {
      "frontend -> cart TCP/8080": "+",
      "frontend -> cart TCP/7070": "-",
      "frontend -> cart UDP/8080": "-",
      "frontend -> payments TCP/7070": "+",
      "payments -> frontend TCP/80": "-",
    });
    const out = policy("shop/out", { policyTypes: ["Egress"], egress: [{ ports }] });
    expectVerdicts(shop([out]), {
      "frontend -> cart TCP/8080": "+",
      "frontend -> payments TCP/8080": "-",
      "frontend -> 203.0.113.7 TCP/80": "-",
      "frontend -> monitoring/scraper TCP/80": "-",
    });
    const udp = policy("shop/in", {
      policyTypes: ["Ingress"],
      ingress: [{ ports: [{ protocol: "UDP", port: "http" }] }],
    });
    expectVerdicts(shop([udp]), { "frontend -> cart UDP/8080": "-", "frontend -> cart TCP/8080": "-" });
  });

  it("rule 10: a block is its cidr without its exceptions, host bits do not count, another block may allow again", () => {
    const block = { ipBlock: { cidr: "203.0.113.99/24", except: ["203.0.113.64/26"] } };
    const again = policy("shop/again", {
      podSelector: CART,
      ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.70/32" } }] }],
    });
    expectVerdicts(shop([ingress(block), again]), {
      "203.0.113.1 -> cart TCP/1": "+",
      "203.0.113.63 -> cart TCP/1": "+",
      "203.0.113.64 -> cart TCP/1": "-",
      "203.0.113.127 -> cart TCP/1": "-",
      "203.0.113.128 -> cart TCP/1": "+",
      "203.0.113.70 -> cart TCP/1": "+",
      "203.0.114.0 -> cart TCP/1": "-",
    });
  });

  it("rule 10: IPv4 and IPv6 never match each other, and selectors never match external addresses", () => {
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "0.0.0.0/0" } })]), {
      "203.0.113.1 -> cart TCP/1": "+",
      "::ffff:203.0.113.1 -> cart TCP/1": "+",
      "2001:db8::1 -> cart TCP/1": "-",
    });
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "2001:db8::/33", except: ["2001:db8:0:1::/64"] } })]), {
      "2001:db8::1 -> cart TCP/1": "+",
      "2001:DB8:0:0::1 -> cart TCP/1": "+",
      "2001:db8:0:1::1 -> cart TCP/1": "-",
      "2001:db8:8000::1 -> cart TCP/1": "-",
      "203.0.113.1 -> cart TCP/1": "-",
    });
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "::/0" } })]), { "203.0.113.1 -> cart TCP/1": "-" });
    expectVerdicts(shop([ingress({ namespaceSelector: {} })]), { "203.0.113.1 -> cart TCP/1": "-" });
  });

  it("rule 11: every namespace carries its name as a label, and a policy without a namespace is in default", () => {
    const byName = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "monitoring" } } };
    const liar = { name: "shop", labels: { "kubernetes.io/metadata.name": "monitoring" } };
    for (const namespaces of [[], [liar]]) {
      expectVerdicts(shop([ingress(byName)], { namespaces }), {
        "monitoring/scraper -> cart TCP/1": "+",
        "frontend -> cart TCP/1": "-",
      });
    }
    const nowhere: NetworkPolicy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "p" },
      spec: {},
    };
    const world = shop([nowhere], { pods: [...SHOP_PODS, pod("default/web", "10.3.0.1")] });
    expectVerdicts(world, { "cart -> default/web TCP/1": "-", "frontend -> cart TCP/1": "+" });
  });

  const deny = policy("shop/deny", { policyTypes: ["Ingress", "Egress"] });
  const agents = [
    pod("kube-system/agent-1", "192.168.0.1", { hostNetwork: true, node: "n1" }),
    pod("kube-system/agent-2", "192.168.0.2", { hostNetwork: true, node: "n2" }),
    pod("kube-system/agent-0", "192.168.0.9", { hostNetwork: true }),
  ];
  const nodes = [
    { name: "n3", ips: ["192.168.0.3"] },
    { name: "n1", ips: ["192.168.1.1"] },
  ];
  const withNodes = { pods: [...SHOP_PODS, ...agents], nodes };

  it("rule 12: a pod reaches itself, and its own node and it reach each other; other nodes get no such favour", () => {
    expectVerdicts(shop([deny], withNodes), {
      "cart -> cart TCP/8080": "+",
      "cart -> 10.1.0.2 TCP/8080": "+",
      "kube-system/agent-1 -> cart TCP/8080": "+",
      "192.168.0.1 -> cart TCP/8080": "+",
      "192.168.1.1 -> cart TCP/8080": "+",
      "192.168.0.3 -> cart TCP/8080": "-",
      "192.168.0.2 -> cart TCP/8080": "-",
      "cart -> 192.168.1.1 TCP/10250": "+",
      "cart -> 192.168.0.3 TCP/10250": "-",
    });
    expect(ask(shop([deny], withNodes), "192.168.0.1 -> cart TCP/8080").ingress).toMatchObject({
      isolated: "yes",
      isolatedBy: ["shop/deny"],
      reason: "traffic between a pod and the node it runs on is exempt from policies",
    });
    // Nobody said where agent-0 runs: it may be the pod's own node.
    expectVerdicts(shop([deny], withNodes), { "kube-system/agent-0 -> cart TCP/8080": "?" });
    expectVerdicts(
      shop([deny], withNodes),
      { "cart -> 192.168.1.1 TCP/1": "?", "192.168.1.1 -> cart TCP/1": "+" },
      "cilium",
    );
    expectVerdicts(shop([deny], withNodes), { "192.168.1.1 -> cart TCP/1": "?" }, "eks");
  });

  it("rule 13: for anything but TCP, UDP and SCTP an isolated end gives no verdict; SCTP rules isolate for TCP too", () => {
    expectVerdicts(shop([ingress(fromFrontend)]), {
      "frontend -> cart ICMPv4": "?",
      "payments -> cart ICMPv6": "?",
      "frontend -> cart other": "?",
      "frontend -> payments ICMPv4": "+",
    });
    const sctp = policy("shop/p", { podSelector: CART, ingress: [{ ports: [{ protocol: "SCTP", port: 8080 }] }] });
    expectVerdicts(shop([sctp]), { "frontend -> cart SCTP/8080": "+", "frontend -> cart TCP/8080": "-" });
  });

  it("rule 14: hostNetwork pods are undefined upstream where the two readings differ, and a block may match them", () => {
    const web = { labels: { app: "web" }, hostNetwork: true };
    const pods = { pods: [...SHOP_PODS, pod("shop/web", "192.168.0.2", { ...web, node: "n2" })] };
    const any: NetworkPolicyPeer = { podSelector: {} };
    expectVerdicts(shop([ingress(any)], pods), { "web -> cart TCP/1": "?" });
    expectVerdicts(shop([ingress(fromFrontend)], pods), { "web -> cart TCP/1": "-" });
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "192.168.0.0/24" } })], pods), { "web -> cart TCP/1": "+" });
    expectVerdicts(shop([deny], pods), { "frontend -> web TCP/1": "-", "203.0.113.1 -> web TCP/1": "?" });
    for (const profile of ["cilium", "calico"] as const) {
      expectVerdicts(
        shop([ingress(any)], pods),
        { "web -> cart TCP/1": "-", "203.0.113.1 -> web TCP/1": "+" },
        profile,
      );
    }
    const byNamespace: NetworkPolicyPeer = { namespaceSelector: {} };
    expectVerdicts(shop([ingress(byNamespace)], pods), { "web -> cart TCP/1": "-" }, "ovn-kubernetes");
    expectVerdicts(shop([ingress({ ...byNamespace, ...any })], pods), { "web -> cart TCP/1": "+" }, "ovn-kubernetes");
  });

  it("rule 15: a denial speaks of new connections, since open ones are the plugin's affair", () => {
    expect(ask(shop([deny]), "frontend -> cart TCP/1").reason).toContain("no rule allows new connections");
  });

  it("rule 16: a policy written twice is harmless; of two with one name the later counts, and that is said", () => {
    const open = policy("shop/cart-in", { podSelector: CART, ingress: [{}] });
    const copy = policy("shop/copy", open.spec);
    expectVerdicts(shop([open, copy]), { "frontend -> cart TCP/1": "+" });
    expectVerdicts(shop([open, ingress(fromFrontend)]), { "payments -> cart TCP/1": "-" });
    expectVerdicts(shop([ingress(fromFrontend), open]), { "payments -> cart TCP/1": "+" });
    expect(compileNetworkWorld(shop([open, ingress(fromFrontend)])).problems).toMatchObject([
      { kind: "replaced", about: "NetworkPolicy shop/cart-in" },
    ]);
    const refused = ingress({});
    expectVerdicts(shop([ingress(fromFrontend), refused]), { "payments -> cart TCP/1": "-" });
  });

  it("rule 17: rules speak the pod's port; a rule for the Service's port opens nothing", () => {
    const service = policy("shop/p", { podSelector: CART, ingress: [{ ports: [{ port: 80 }] }] });
    expectVerdicts(shop([service]), { "frontend -> cart TCP/8080": "-" });
  });

  it("rule 18: an address of another node is no probe of the kubelet", () => {
    expectVerdicts(shop([deny], withNodes), { "192.168.0.2 -> cart TCP/8080": "-" }, "cilium");
  });

  it("rule 19: no selector matches a node's address; a block does upstream and does not under Cilium", () => {
    const apiServer = policy("shop/out", {
      policyTypes: ["Egress"],
      egress: [{ to: [{ ipBlock: { cidr: "192.168.0.3/32" } }] }],
    });
    const anyPod = policy("shop/out", { policyTypes: ["Egress"], egress: [{ to: [{ namespaceSelector: {} }] }] });
    expectVerdicts(shop([anyPod], withNodes), { "cart -> 192.168.0.3 TCP/6443": "-" });
    expectVerdicts(shop([apiServer], withNodes), { "cart -> 192.168.0.3 TCP/6443": "+" });
    expectVerdicts(shop([apiServer], withNodes), { "cart -> 192.168.0.3 TCP/6443": "-" }, "cilium");
    expectVerdicts(shop([apiServer], withNodes), { "cart -> 192.168.0.3 TCP/6443": "?" }, "eks");
  });

  it("rule 21: another replica of the same workload is not the pod itself and needs a rule", () => {
    const pods = [...SHOP_PODS, pod("shop/cart-2", "10.1.0.22", { labels: { app: "cart" } })];
    expectVerdicts(shop([deny], { pods }), { "cart -> cart TCP/8080": "+", "cart -> cart-2 TCP/8080": "-" });
  });

  it("rule 23: one name may be two numbers, and the rule opens each pod's own", () => {
    const pods = [
      pod("shop/a", "10.1.0.1", { ports: [named("web", 80)] }),
      pod("shop/b", "10.1.0.2", { ports: [named("web", 81)] }),
    ];
    const byName = policy("shop/p", { ingress: [{ ports: [{ port: "web" }] }] });
    expectVerdicts(shop([byName], { pods }), {
      "a -> b TCP/81": "+",
      "a -> b TCP/80": "-",
      "b -> a TCP/80": "+",
      "b -> a TCP/81": "-",
    });
  });

  it("rule 24: the first egress policy closes all other egress, DNS first", () => {
    const out = policy("shop/out", { policyTypes: ["Egress"], egress: [{ to: [{ podSelector: CART }] }] });
    const dns = pod("kube-system/dns", "10.4.0.1");
    expectVerdicts(shop([out], { pods: [...SHOP_PODS, dns] }), {
      "frontend -> cart TCP/8080": "+",
      "frontend -> kube-system/dns UDP/53": "-",
    });
  });

  it("rule 25: a rule at the client does not help when somebody else closed the server", () => {
    const out = policy("shop/out", { policyTypes: ["Egress"], egress: [{}] });
    const verdict = ask(shop([out, policy("shop/in", { podSelector: CART })]), "frontend -> cart TCP/8080");
    expect([verdict.verdict, verdict.egress.verdict, verdict.ingress.verdict]).toEqual(["denied", "allowed", "denied"]);
  });

  it("rule 26: a wide block also lets pods in, unless their addresses are excepted or the plugin is Cilium", () => {
    const wide = { ipBlock: { cidr: "0.0.0.0/0" } };
    const question = "payments -> cart TCP/1";
    expectVerdicts(shop([ingress(wide)]), { [question]: "+" });
    expectVerdicts(shop([ingress(wide)]), { [question]: "-" }, "cilium");
    expectVerdicts(shop([ingress(wide)]), { [question]: "?" }, "ovn-kubernetes");
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] } })]), { [question]: "-" });
  });
});

describe("a world", () => {
  it("reads null as absent: a lone dash under ingress is the rule that allows everything", () => {
    const lone = JSON.parse('{"podSelector": null, "policyTypes": null, "ingress": [null], "egress": null}');
    expectVerdicts(shop([policy("shop/p", lone)]), {
      "203.0.113.1 -> cart TCP/1": "+",
      "cart -> 203.0.113.1 TCP/1": "+",
    });
    const world = shop([policy("shop/p", lone)]);
    expect(compileNetworkWorld(world).problems).toEqual([]);
    expect(ask(world, "203.0.113.1 -> cart TCP/1").ingress).toMatchObject({
      isolated: "yes",
      allowedBy: [{ rule: 0 }],
    });
  });

  it("takes a missing spec as the default: ingress of the namespace is closed", () => {
    const bare = JSON.parse(
      '{"apiVersion":"networking.k8s.io/v1","kind":"NetworkPolicy","metadata":{"name":"p","namespace":"shop"}}',
    );
    expectVerdicts(shop([bare]), { "frontend -> cart TCP/1": "-" });
  });

  it("reports what is no policy at all and lets the others count", () => {
    const broken = [null, 7, "x", [], {}, { metadata: null }, { metadata: { name: 1 } }] as unknown as NetworkPolicy[];
    const world = shop([...broken, ingress(fromFrontend)]);
    expect(compileNetworkWorld(world).problems.map(({ kind }) => kind)).toEqual(broken.map(() => "refused"));
    expectVerdicts(world, { "payments -> cart TCP/1": "-" });
  });

  it("knows an address for the pod that has it, and gives no verdict on one that several pods have", () => {
    const pods = [...SHOP_PODS, pod("shop/late", "10.1.0.3")];
    expectVerdicts(shop([ingress(fromFrontend)], { pods }), {
      "10.1.0.1 -> 10.1.0.2 TCP/1": "+",
      "10.1.0.3 -> cart TCP/1": "?",
    });
  });

  it("gives no verdict when a block matches one of a pod's two addresses, until the question says which", () => {
    const dual = pod("shop/dual", "10.1.0.9", { ips: ["10.1.0.9", "2001:db8::9"] });
    expectVerdicts(shop([ingress({ ipBlock: { cidr: "10.1.0.9/32" } })], { pods: [...SHOP_PODS, dual] }), {
      "dual -> cart TCP/1": "?",
      "10.1.0.9 -> cart TCP/1": "+",
      "2001:db8::9 -> cart TCP/1": "-",
    });
  });

  it("leaves out an address that is none, says so, and keeps the pod", () => {
    const world = shop([], { pods: [pod("shop/web", "10.1.0"), pod("shop/web2", "010.1.0.1")] });
    expect(compileNetworkWorld(world).problems.map(({ about, problem }) => `${about}: ${problem}`)).toEqual([
      'Pod shop/web: "10.1.0" is not an IP address; it is ignored',
      'Pod shop/web2: "010.1.0.1" is not an IP address; it is ignored',
    ]);
    expectVerdicts(world, { "web -> web2 TCP/1": "+" });
  });

  it.for([
    ["ghost -> cart TCP/1", 'There is no pod "shop/ghost"'],
    ["1.2.3 -> cart TCP/1", '"1.2.3" is not an IP address'],
    ["fe80::1%eth0 -> cart TCP/1", "is not an IP address"],
    ["cart -> frontend TCP/65536", "TCP 65536 names no connection"],
    ["cart -> frontend TCP/0", "TCP 0 names no connection"],
    ["cart -> frontend UDP", "UDP without a port names no connection"],
  ] as const)("refuses the question %s", ([question, message]) => {
    expect(() => ask(shop([]), question)).toThrow(
      expect.objectContaining({ code: "NETLEARN_USAGE", message: expect.stringContaining(message) }),
    );
  });

  it("matches labels and namespaces called __proto__ and constructor as such", () => {
    const labels = JSON.parse('{"__proto__": "x"}');
    const pods = [...SHOP_PODS, pod("shop/odd", "10.1.0.8", { labels }), pod("__proto__/constructor", "10.5.0.1")];
    expectVerdicts(
      shop([ingress({ podSelector: { matchExpressions: [{ key: "toString", operator: "Exists" }] } })], { pods }),
      {
        "odd -> cart TCP/1": "-",
        "__proto__/constructor -> cart TCP/1": "-",
        "cart -> __proto__/constructor TCP/1": "+",
      },
    );
  });
});
