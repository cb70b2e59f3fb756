import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { NetworkVerdict } from "../../../src/evaluator/network/verdict.ts";
import type { Connection, NetworkWorld } from "../../../src/evaluator/network/world.ts";
import { pod, policy, SHOP_PODS, shop } from "../world.ts";

const [FRONTEND, CART] = [
  { namespace: "shop", name: "frontend" },
  { namespace: "shop", name: "cart" },
];

function ask(world: NetworkWorld, connection: Partial<Connection>, profile: ProfileName = "upstream"): NetworkVerdict {
  const whole = { from: FRONTEND, to: CART, protocol: "TCP", port: 8080, ...connection } as const;
  return evaluateConnection(compileNetworkWorld(world, profile), whole);
}

const closed = { podSelector: {}, policyTypes: ["Ingress"] } as const;
const open = (name: string) => policy(`shop/${name}`, { ...closed, ingress: [{}] });

describe("the reason of a verdict", () => {
  it("is at each end that no policy isolates the pod, or that the end is no pod", () => {
    const { egress, ingress } = ask(shop([]), { from: { ip: "203.0.113.7" } });
    expect(egress.reason).toBe("203.0.113.7 is not a pod, so no policy isolates it");
    expect(ingress.reason).toBe("no policy of namespace shop isolates shop/cart for ingress");
  });

  it("is the network of the node where a plugin does not isolate such pods", () => {
    const agent = pod("shop/agent", "192.168.0.2", { hostNetwork: true });
    const world = shop([policy("shop/closed", closed)], { pods: [...SHOP_PODS, agent] });
    const { ingress } = ask(world, { to: agent }, "cilium");
    expect(ingress).toMatchObject({ verdict: "allowed", isolated: "no", isolatedBy: [] });
    expect(ingress.reason).toBe("no policy isolates shop/agent for ingress: it uses its node's network");
  });

  it("names the rule that allows, and the first of its peers that does", () => {
    const peers = [
      { podSelector: { matchLabels: { app: "nobody" } } },
      { podSelector: { matchLabels: { app: "frontend" } } },
    ];
    const listed = policy("shop/listed", { ...closed, ingress: [{ from: peers }] });
    expect(ask(shop([listed]), {}).ingress.reason).toBe("shop/listed spec.ingress[0].from[1] allows it");
    expect(ask(shop([open("all")]), {}).ingress.reason).toBe("shop/all spec.ingress[0] allows it");
    const out = policy("shop/out", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: peers.slice(0, 1) }, {}],
    });
    expect(ask(shop([out]), {}).egress.reason).toBe("shop/out spec.egress[1] allows it");
    const named = policy("shop/named", {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    expect(ask(shop([named]), {}).egress.reason).toBe("shop/named spec.egress[0].to[0] allows it");
  });

  it("of a denial names who closed the direction, up to three of them, and what no rule allows", () => {
    const closing = (count: number) =>
      shop(Array.from({ length: count }, (_, index) => policy(`shop/${"abcde"[index]}`, closed)));
    const denial = "shop/cart for ingress, and no rule allows new connections from shop/frontend on TCP 8080";
    expect(ask(closing(1), {}).reason).toBe(`shop/a isolates ${denial}`);
    expect(ask(closing(3), {}).reason).toBe(`shop/a, shop/b, shop/c isolate ${denial}`);
    expect(ask(closing(4), {}).reason).toBe(`shop/a, shop/b, shop/c and 1 more isolate ${denial}`);
    const out = shop([policy("shop/out", { podSelector: {}, policyTypes: ["Egress"] })]);
    expect(ask(out, {}).reason).toBe(
      "shop/out isolates shop/frontend for egress, and no rule allows new connections to shop/cart on TCP 8080",
    );
  });

  it("of both directions stands together when both allow", () => {
    expect(ask(shop([]), {}).reason).toBe(
      "no policy of namespace shop isolates shop/frontend for egress; no policy of namespace shop isolates shop/cart for ingress",
    );
  });

  it("says that policies are silent about a protocol, and who isolates the pod", () => {
    const { verdict, reason } = ask(shop([open("all")]), { protocol: "ICMPv4", port: undefined });
    expect(verdict).toBe("undefined");
    expect(reason).toBe("NetworkPolicy says nothing about ICMPv4, and shop/all isolates shop/cart for ingress");
  });

  it("says which rule is in doubt, and under which profile", () => {
    const agent = pod("shop/agent", "192.168.0.2", { hostNetwork: true, node: "n3" });
    const world = shop([policy("shop/in", { ...closed, ingress: [{ from: [{ podSelector: {} }] }] })], {
      pods: [...SHOP_PODS, agent],
    });
    expect(ask(world, { from: agent }).reason).toBe(
      "whether shop/in spec.ingress[0] matches is left open by the specification and not known for profile upstream",
    );
  });
});

describe("an address that several pods have", () => {
  const twins = { pods: [...SHOP_PODS, pod("shop/late", "10.1.0.2"), pod("shop/later", "10.1.0.2")] };
  const shared = { ip: "10.1.0.2" };

  it("gives no verdict for its own end, and says why", () => {
    const { egress } = ask(shop([], twins), { from: shared, to: FRONTEND });
    expect(egress).toMatchObject({ verdict: "undefined", isolated: "unknown", isolatedBy: [], allowedBy: [] });
    expect(egress.reason).toBe("10.1.0.2 is the address of several pods, so which policies apply is not known");
  });

  it("is perhaps selected by a peer that names pods", () => {
    const world = shop([policy("shop/in", { ...closed, ingress: [{ from: [{ podSelector: {} }] }] })], twins);
    expect(ask(world, { from: shared, to: FRONTEND }).ingress.verdict).toBe("undefined");
  });

  it("is a pod's for a block", () => {
    const from = [{ ipBlock: { cidr: "10.1.0.0/16" } }];
    const world = shop([policy("shop/in", { ...closed, ingress: [{ from }] })], twins);
    expect(ask(world, { from: shared, to: FRONTEND }).ingress.verdict).toBe("allowed");
    expect(ask(world, { from: shared, to: FRONTEND }, "cilium").ingress.verdict).toBe("denied");
    expect(ask(world, { from: shared, to: FRONTEND }, "eks").ingress.verdict).toBe("undefined");
  });
});

describe("a world with odd objects", () => {
  it("takes the later of two pods with one name, and says so", () => {
    const pods = [...SHOP_PODS, pod("shop/cart", "10.1.0.9", { labels: { app: "other" } })];
    const world = compileNetworkWorld(shop([], { pods }));
    expect(world.problems).toEqual([
      { kind: "replaced", about: "Pod shop/cart", problem: "given twice; the later one counts" },
    ]);
    expect(world.pods.get("shop/cart")?.labels).toEqual(new Map([["app", "other"]]));
  });

  it("knows the address of a hostNetwork pod as its node's, and only where the node is known", () => {
    const agents = [
      pod("kube-system/agent", "192.168.0.1", { hostNetwork: true, node: "n1" }),
      pod("kube-system/stray", "192.168.0.9", { hostNetwork: true }),
    ];
    const world = compileNetworkWorld(shop([], { pods: [...SHOP_PODS, ...agents] }));
    expect([...world.nodesByAddress.values()]).toEqual(["n1"]);
    const egress = (ip: string) =>
      evaluateConnection(world, { from: { ip }, to: CART, protocol: "TCP", port: 1 }).egress.reason;
    expect(egress("192.168.0.1")).toBe("node n1 (192.168.0.1) is not a pod, so no policy isolates it");
    expect(egress("192.168.0.9")).toBe("192.168.0.9 is not a pod, so no policy isolates it");
  });

  it("knows no pod's address as a node's", () => {
    const world = compileNetworkWorld(shop([], { nodes: [{ name: "n9", ips: ["192.168.0.9"] }] }));
    expect([...world.nodesByAddress.values()]).toEqual(["n9"]);
  });
});
