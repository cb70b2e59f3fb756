import { describe, expect, it } from "vitest";
import type { EntityName } from "../../src/model/peer.ts";
import { DEFAULT_SYNTHESIS, type InexpressibleChoice } from "../../src/synthesizer/network/options.ts";
import { policiesOf } from "../support/flow-record.ts";
import { allowedBy, graphWith, modeOf, policyFor } from "./build-graph.ts";

function choose(what: EntityName | "icmp", choice: InexpressibleChoice): object {
  return { inexpressible: { ...DEFAULT_SYNTHESIS.inexpressible, [what]: choice } };
}

describe("one observed edge", () => {
  it("gives two rules: out of its client and into its server, on the pod's port", () => {
    const set = policiesOf(graphWith(["shop/frontend -> shop/cart 7070/TCP"]));
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual(["shop app=cart 7070/TCP"]);
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual(["shop app=frontend 7070/TCP"]);
    expect(modeOf(policyFor(set, "shop/frontend")?.ingress)).toBe("unobserved");
    expect(modeOf(policyFor(set, "shop/cart")?.egress)).toBe("unobserved");
  });

  it("names the other namespace", () => {
    const set = policiesOf(graphWith(["shop/frontend -> pay/api 443/TCP"]));
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual(["pay app=api 443/TCP"]);
    expect(allowedBy(policyFor(set, "pay/api")?.ingress)).toEqual(["shop app=frontend 443/TCP"]);
  });

  it("between replicas gives one policy with both directions", () => {
    const set = policiesOf(graphWith(["shop/redis -> shop/redis 6379/TCP"]));
    expect(set.policies).toHaveLength(1);
    expect(allowedBy(set.policies[0]?.egress)).toEqual(["shop app=redis 6379/TCP"]);
    expect(allowedBy(set.policies[0]?.ingress)).toEqual(["shop app=redis 6379/TCP"]);
  });

  it("carries its evidence to both rules", () => {
    const graph = graphWith(["shop/frontend -> shop/cart 7070/TCP"]);
    const set = policiesOf(graph);
    for (const { ingress, egress } of set.policies) {
      for (const direction of [ingress, egress]) {
        if (direction.mode === "isolated") expect(direction.rules[0]?.because).toEqual(graph.edges);
      }
    }
  });

  it("with a system namespace gives a rule at the workload's end only, unless asked", () => {
    const graph = graphWith(["shop/frontend -> kube-system/coredns 53/UDP"]);
    expect(policiesOf(graph).policies.map(({ namespace }) => namespace)).toEqual(["shop"]);
    expect(policiesOf(graph, { systemNamespaces: true }).policies).toHaveLength(2);
    expect(policiesOf(graph, { namespaces: ["kube-system"] }).policies.map(({ namespace }) => namespace)).toEqual([
      "kube-system",
    ]);
  });

  it.each(["SCTP", "UDP", "TCP"])("keeps its protocol %s", (protocol) => {
    const set = policiesOf(graphWith([`shop/frontend -> shop/cart 7070/${protocol}`]));
    expect(allowedBy(policyFor(set, "shop/cart")?.ingress)).toEqual([`shop app=frontend 7070/${protocol}`]);
  });
});

describe("DNS", () => {
  it.each([53, 5353])("on port %i gets TCP beside UDP, marked as inferred, at both ends", (port) => {
    const set = policiesOf(graphWith([`shop/frontend -> kube-system/coredns ${port}/UDP`]), { systemNamespaces: true });
    for (const direction of [policyFor(set, "shop/frontend")?.egress, policyFor(set, "kube-system/coredns")?.ingress]) {
      expect(allowedBy(direction).map((text) => text.split(" ").at(-1))).toEqual([`${port}/TCP`, `${port}/UDP`]);
      const rules = direction?.mode === "isolated" ? direction.rules : [];
      expect(rules.flatMap(({ inferred }) => inferred)).toEqual([
        { port: { protocol: "TCP", port }, by: "dns-over-tcp" },
      ]);
    }
  });

  it("that was seen over TCP is not inferred", () => {
    const edges = ["shop/frontend -> kube-system/coredns 53/UDP", "shop/frontend -> kube-system/coredns 53/TCP"];
    const egress = policyFor(policiesOf(graphWith(edges)), "shop/frontend")?.egress;
    expect(egress?.mode === "isolated" ? egress.rules.flatMap(({ inferred }) => inferred) : "open").toEqual([]);
  });

  it("stays UDP when nothing is to be inferred", () => {
    const set = policiesOf(graphWith(["shop/frontend -> kube-system/coredns 53/UDP"]), { dnsOverTcp: false });
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual(["kube-system app=coredns 53/UDP"]);
  });

  it("at the node's cache is a block of one address", () => {
    const set = policiesOf(graphWith(["shop/frontend -> 169.254.20.10 53/UDP"]));
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual([
      "169.254.20.10/32 53/TCP",
      "169.254.20.10/32 53/UDP",
    ]);
  });

  it("is not every use of UDP", () => {
    const set = policiesOf(graphWith(["shop/frontend -> shop/statsd 8125/UDP"]));
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual(["shop app=statsd 8125/UDP"]);
  });
});

describe("addresses outside", () => {
  const out = "shop/frontend -> 198.51.100.20 443/TCP";
  const six = "shop/frontend -> 2001:db8::7 443/TCP";
  const inward = "203.0.113.7 -> shop/frontend 8080/TCP";

  it("are blocks of exactly themselves, by family", () => {
    const egress = policyFor(policiesOf(graphWith([out, six])), "shop/frontend")?.egress;
    expect(allowedBy(egress)).toEqual(["198.51.100.20/32 443/TCP", "2001:db8::7/128 443/TCP"]);
  });

  it("are widened to canonical blocks when asked, once for all that lie in one", () => {
    const graph = graphWith([out, six, "shop/frontend -> 198.51.100.99 443/TCP"]);
    const egress = policyFor(policiesOf(graph, { externalPrefix: { v4: 24, v6: 48 } }), "shop/frontend")?.egress;
    expect(allowedBy(egress)).toEqual(["198.51.100.0/24 443/TCP", "2001:db8::/48 443/TCP"]);
  });

  it("as clients are named, or anybody on the same port when asked", () => {
    expect(allowedBy(policyFor(policiesOf(graphWith([inward])), "shop/frontend")?.ingress)).toEqual([
      "203.0.113.7/32 8080/TCP",
    ]);
    const anyone = policyFor(policiesOf(graphWith([inward, out]), { externalClients: "any" }), "shop/frontend");
    expect(allowedBy(anyone?.ingress)).toEqual(["0.0.0.0/0 8080/TCP", "::/0 8080/TCP"]);
    expect(allowedBy(anyone?.egress)).toEqual(["198.51.100.20/32 443/TCP"]);
  });
});

describe("what no rule can say", () => {
  const REMOTE = "remote-node(192.168.0.4) -> shop/frontend 8080/TCP";

  it("leaves the direction open, and only that one", () => {
    const set = policiesOf(graphWith([REMOTE, "shop/frontend -> shop/cart 7070/TCP"]));
    expect(modeOf(policyFor(set, "shop/frontend")?.ingress)).toBe("inexpressible");
    expect(allowedBy(policyFor(set, "shop/frontend")?.egress)).toEqual(["shop app=cart 7070/TCP"]);
  });

  it("is named by its address when asked", () => {
    const set = policiesOf(graphWith([REMOTE]), choose("remote-node", "address"));
    expect(allowedBy(policyFor(set, "shop/frontend")?.ingress)).toEqual(["192.168.0.4/32 8080/TCP"]);
  });

  it("stays open when it is to be named and has no address", () => {
    const set = policiesOf(
      graphWith(["other-cluster -> shop/frontend 8080/TCP", "shop/cart -> shop/frontend 8080/TCP"]),
      choose("other-cluster", "address"),
    );
    expect(modeOf(policyFor(set, "shop/frontend")?.ingress)).toBe("no policy");
  });

  it("is cut when asked: the direction is closed all the same", () => {
    const set = policiesOf(graphWith([REMOTE]), choose("remote-node", "omit"));
    expect(modeOf(policyFor(set, "shop/frontend")?.ingress)).toBe("isolated");
    expect(allowedBy(policyFor(set, "shop/frontend")?.ingress)).toEqual([]);
  });

  it.each<readonly [string, string, EntityName | "icmp"]>([
    ["egress", "shop/frontend -> kube-apiserver(192.168.0.2) 6443/TCP", "kube-apiserver"],
    ["egress", "shop/frontend -> host(169.254.20.10) 53/UDP", "host"],
    ["ingress", "ingress(10.0.0.9) -> shop/frontend 8080/TCP", "ingress"],
    ["ingress", "unmanaged(10.0.0.9) -> shop/frontend 8080/TCP", "unmanaged"],
    ["egress", "shop/frontend -> shop/cart ICMPv4", "icmp"],
    ["egress", "shop/frontend -> 198.51.100.20 ICMPv6", "icmp"],
  ])("leaves %s open for %s, and closes it on `omit`", (direction, text, what) => {
    const other = direction === "egress" ? "shop/frontend -> shop/mail 25/TCP" : "shop/mail -> shop/frontend 25/TCP";
    const at = (choice: InexpressibleChoice): string => {
      const policy = policyFor(policiesOf(graphWith([text, other]), choose(what, choice)), "shop/frontend");
      return modeOf(direction === "egress" ? policy?.egress : policy?.ingress);
    };
    expect(["inexpressible", "no policy"]).toContain(at("open"));
    expect(at("omit")).toBe("isolated");
  });

  it("names every choice that would take the cut back", () => {
    const { inexpressible } = DEFAULT_SYNTHESIS;
    const set = policiesOf(graphWith([REMOTE, "shop/cart -> shop/frontend ICMPv4"]), {
      inexpressible: { ...inexpressible, "remote-node": "omit", icmp: "omit" },
    });
    const { choice } =
      set.findings.find(({ code, about }) => code === "cut-by-choice" && about === "shop/frontend") ?? {};
    expect(choice).toBe("--entity icmp=open --entity remote-node=open keeps it working.");
  });

  it("leaves a direction open whose other end has no selector", () => {
    const graph = graphWith(["shop/frontend -> shop/bare 80/TCP"], { "shop/bare": {} });
    const set = policiesOf(graph, { unobserved: "deny" });
    expect(modeOf(policyFor(set, "shop/frontend")?.egress)).toBe("inexpressible");
    expect(policyFor(set, "shop/bare")).toBeUndefined();
  });
});

describe("a pod's own node", () => {
  const probe = "host(10.0.1.1) -> shop/frontend 8080/TCP";

  it("needs no rule, and its probes alone are no reason to close anything", () => {
    expect(policiesOf(graphWith([probe])).policies).toEqual([]);
  });

  it("is not cut off by closing the direction for others", () => {
    const set = policiesOf(graphWith([probe, "shop/cart -> shop/frontend 8080/TCP"]));
    expect(allowedBy(policyFor(set, "shop/frontend")?.ingress)).toEqual(["shop app=cart 8080/TCP"]);
  });
});
