import { describe, expect, it } from "vitest";
import { collectingIn } from "../../src/propose/collecting.ts";
import { workload } from "../evaluator/world.ts";

const ALL = { namespaces: [], systemNamespaces: false };

/** `logs/agent host`: with pods in their node's network. */
function known(...texts: readonly string[]): Parameters<typeof collectingIn>[1] {
  return new Map(
    texts.map((text) => {
      const [key = "", network] = text.split(" ");
      return [key, { namespace: workload(key).namespace, hostNetwork: network === "host" }];
    }),
  );
}

describe("collectingIn", () => {
  it("names the namespaces of which nothing was seen, sorted", () => {
    const graph = { workloads: [workload("shop/cart")] };
    const found = collectingIn(graph, known("shop/cart", "shop/db", "web/front", "mail/in"), ALL, "east");
    expect(found).toEqual([
      { cluster: "east", namespace: "mail", because: "None of its workloads was seen talking yet." },
      { cluster: "east", namespace: "web", because: "None of its workloads was seen talking yet." },
    ]);
  });

  it("leaves out what gets no policies anyway", () => {
    const here = known("kube-system/dns", "logs/agent host", "web/front");
    const namespaces = (options: Parameters<typeof collectingIn>[2]) =>
      collectingIn({ workloads: [] }, here, options, "").map(({ namespace }) => namespace);
    expect(namespaces(ALL)).toEqual(["web"]);
    expect(namespaces({ ...ALL, systemNamespaces: true })).toEqual(["kube-system", "web"]);
    expect(namespaces({ ...ALL, namespaces: ["kube-system"] })).toEqual(["kube-system"]);
  });
});
