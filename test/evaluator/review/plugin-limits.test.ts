import { describe, expect, it } from "vitest";
import { deployment, type Given, policyText, reviewOf } from "./world.ts";

const EKS: Given = { profile: "eks" };
const SHOP = deployment("cart") + deployment("front");

function limits(yaml: string, given: Given = EKS) {
  return reviewOf(yaml, given).findings.filter(({ code }) => code === "plugin-limit");
}

function messages(yaml: string): readonly string[] {
  return limits(yaml).map(({ message }) => message);
}

/** A rule of cart's policy with this many ports, from a number on. */
function rule(from: number, count: number, peers = "[{podSelector: {matchLabels: {app: front}}}]"): string {
  const ports = Array.from({ length: count }, (_, at) => `{port: ${from + at}}`);
  return `{from: ${peers}, ports: [${ports.join(", ")}]}`;
}

function cart(name: string, ...rules: readonly string[]): string {
  return policyText(
    name,
    `{podSelector: {matchLabels: {app: cart}}, policyTypes: [Ingress], ingress: [${rules.join(", ")}]}`,
  );
}

describe("rule 29: the limits of the Amazon VPC CNI", () => {
  it("24 combinations of port and protocol fit for one address, 25 do not", () => {
    expect(limits(SHOP + cart("p", rule(1, 24)))).toEqual([]);
    expect(limits(SHOP + cart("p", rule(1, 25)))).toMatchObject([
      {
        severity: "warning",
        about: "shop/p",
        message:
          "The ingress of shop/cart names 25 combinations of port and protocol for shop/front in shop/p, and EKS holds 24 for one address",
        place: { file: "shop.yaml", line: 9 },
      },
    ]);
  });

  it("they add up over rules, policies and selectors that mean one pod, and a range or a repetition counts once", () => {
    const anyPod = "[{podSelector: {}}]";
    expect(limits(SHOP + cart("p", rule(1, 13)) + cart("q", rule(100, 12, anyPod)))).toHaveLength(1);
    expect(limits(SHOP + cart("p", rule(1, 13)) + cart("q", rule(1, 13, anyPod)))).toEqual([]);
    const range = "{from: [{podSelector: {}}], ports: [{port: 1, endPort: 9999}]}";
    expect(limits(SHOP + cart("p", range))).toEqual([]);
  });

  it("they are of one address each: as many again may go to another", () => {
    const [one, other] = ["[{ipBlock: {cidr: 192.0.2.0/24}}]", "[{ipBlock: {cidr: 198.51.100.0/24}}]"];
    expect(limits(SHOP + cart("p", rule(1, 20, one), rule(100, 20, other)))).toEqual([]);
    expect(messages(SHOP + cart("p", rule(1, 20, one), rule(100, 20, one)))[0]).toContain(
      "40 combinations of port and protocol for 192.0.2.0/24",
    );
  });

  const service = (port: number) => `---
apiVersion: v1
kind: Service
metadata: {name: cart}
spec: {selector: {app: cart}, ports: [{port: ${port}, targetPort: http}]}
`;
  const egress = (ports: string) =>
    policyText(
      "out",
      `{podSelector: {matchLabels: {app: front}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: cart}}}]${ports}}]}`,
    );

  it("a Service's port has to be that of its pods, where an egress rule names it", () => {
    const named = ", ports: [{port: 8080}]";
    expect(messages(SHOP + service(80) + egress(named))).toEqual([
      "NetworkPolicy shop/out names ports of pods that Services call otherwise (shop/cart:80 to 8080), and EKS needs a Service's port to be that of its pods",
    ]);
    expect(messages(SHOP + service(80) + egress(", ports: [{port: http}]"))).toHaveLength(1);
    expect(messages(SHOP + service(8080) + egress(named))).toEqual([]);
    expect(messages(SHOP + service(80) + egress(""))).toEqual([]);
    expect(messages(SHOP + service(80) + egress(", ports: [{port: 9090}]"))).toEqual([]);
  });

  it("a pod that nobody owns is not protected by any policy", () => {
    const pod = (owners: string) => `---
apiVersion: v1
kind: Pod
metadata: {name: alone, labels: {app: cart}${owners}}
spec: {containers: [{name: main}]}
`;
    expect(limits(pod("") + cart("p"))).toMatchObject([
      {
        about: "shop/alone",
        message:
          "Pod shop/alone has no owner, and EKS enforces policies only on pods that have one: shop/p will not protect it",
        place: { file: "shop.yaml", line: 4 },
      },
    ]);
    expect(
      limits(pod(", ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: x, uid: y}]") + cart("p")),
    ).toEqual([]);
    expect(limits(pod("") + policyText("p", "{podSelector: {matchLabels: {app: other}}}"))).toEqual([]);
  });

  it("one address family counts, so blocks of two are said, unless together they mean everybody", () => {
    const block = (name: string, cidr: string) => cart(name, `{from: [{ipBlock: {cidr: "${cidr}"}}]}`);
    expect(limits(SHOP + block("p", "192.0.2.0/24") + block("q", "2001:db8::/32"))).toMatchObject([
      {
        severity: "info",
        message:
          "There are IPv4 blocks (shop/p) and IPv6 blocks (shop/q), and EKS heeds only those of the family that the cluster has",
      },
    ]);
    expect(limits(SHOP + block("p", "192.0.2.0/24") + block("q", "198.51.100.0/24"))).toEqual([]);
    expect(limits(SHOP + cart("p", '{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: "::/0"}}]}'))).toEqual([]);
  });

  it("are nobody else's", () => {
    for (const profile of ["cilium", "calico", "upstream", "ovn-kubernetes"] as const) {
      expect(
        limits(SHOP + service(80) + cart("p", rule(1, 30)) + egress(", ports: [{port: 8080}]"), { profile }),
      ).toEqual([]);
    }
  });
});
