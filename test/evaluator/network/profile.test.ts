import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import type { Connection, ConnectionEnd, NetworkWorld } from "../../../src/evaluator/network/world.ts";
import type { NetworkPolicyPeer } from "../../../src/model/manifest.ts";
import { pod, policy, SHOP_PODS, shop } from "../world.ts";

const agent = pod("shop/agent", "192.168.0.2", { hostNetwork: true, node: "n2" });
const nodes = [
  { name: "n1", ips: ["192.168.0.1"] },
  { name: "n3", ips: ["192.168.0.3"] },
];
const CART = { namespace: "shop", name: "cart" };
const AGENT = { namespace: "shop", name: "agent" };

function closedBut(...from: readonly NetworkPolicyPeer[]): NetworkWorld {
  const ingress = from.length === 0 ? [] : [{ from }];
  return world({ podSelector: {}, policyTypes: ["Ingress"], ingress });
}

function world(spec: Parameters<typeof policy>[1]): NetworkWorld {
  return shop([policy("shop/p", spec)], { pods: [...SHOP_PODS, agent], nodes });
}

function asked(where: NetworkWorld, from: ConnectionEnd, to: ConnectionEnd): [NetworkWorld, Connection] {
  return [where, { from, to, protocol: "TCP", port: 8080 }];
}

const FRONTEND = { namespace: "shop", name: "frontend" };
const closedEgress = world({ podSelector: {}, policyTypes: ["Egress"] });
const blockOf = (cidr: string): NetworkPolicyPeer => ({ ipBlock: { cidr } });
const bySelector = closedBut({ namespaceSelector: {}, podSelector: {} });

/** What the specification leaves open, as a connection that hangs on it (facts of the plugins: see PROFILES). */
const QUESTIONS: Readonly<Record<string, readonly [NetworkWorld, Connection]>> = {
  "a block holds a pod's address": asked(closedBut(blockOf("10.1.0.0/16")), FRONTEND, CART),
  "a block holds another node's address": asked(closedBut(blockOf("192.168.0.0/24")), { ip: "192.168.0.3" }, CART),
  "a block holds a hostNetwork pod's address": asked(closedBut(blockOf("192.168.0.0/24")), AGENT, CART),
  "a hostNetwork pod is selected": asked(closedBut(), { ip: "203.0.113.1" }, AGENT),
  "a peer selects a hostNetwork pod": asked(bySelector, AGENT, CART),
  "a namespace alone selects a hostNetwork pod": asked(closedBut({ namespaceSelector: {} }), AGENT, CART),
  "a pod's own node calls it": asked(closedBut(), { ip: "192.168.0.1" }, CART),
  "a pod calls its own node": asked(closedEgress, CART, { ip: "192.168.0.1" }),
};

const VERDICTS: Readonly<Record<ProfileName, readonly string[]>> = {
  upstream: ["allowed", "allowed", "allowed", "undefined", "undefined", "undefined", "allowed", "allowed"],
  cilium: ["denied", "denied", "denied", "allowed", "denied", "denied", "allowed", "undefined"],
  calico: ["allowed", "allowed", "allowed", "allowed", "denied", "denied", "allowed", "undefined"],
  "ovn-kubernetes": ["undefined", "undefined", "undefined", "undefined", "allowed", "denied", "allowed", "undefined"],
  eks: ["undefined", "undefined", "undefined", "undefined", "undefined", "undefined", "undefined", "undefined"],
};

describe("what the specification leaves to the plugin", () => {
  it.for(Object.entries(VERDICTS))("is under %s", ([profile, verdicts]) => {
    const found = Object.entries(QUESTIONS).map(([question, [where, connection]]) => {
      const compiled = compileNetworkWorld(where, profile as ProfileName);
      return [question, evaluateConnection(compiled, connection).verdict];
    });
    expect(found).toEqual(Object.keys(QUESTIONS).map((question, index) => [question, verdicts[index]]));
  });
});
