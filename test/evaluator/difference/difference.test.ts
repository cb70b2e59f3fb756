import { describe, expect, it } from "vitest";
import { judgeDifference, policyDifference } from "../../../src/evaluator/difference.ts";
import type { PodReference } from "../../../src/evaluator/network/world.ts";
import { edge, named, pod, policy, shop } from "../world.ts";

const cartFrom = (...apps: readonly string[]) =>
  policy("shop/cart", {
    podSelector: { matchLabels: { app: "cart" } },
    policyTypes: ["Ingress"],
    ingress: [{ from: apps.map((app) => ({ podSelector: { matchLabels: { app } } })), ports: [{ port: 8080 }] }],
  });

describe("the difference of two worlds", () => {
  it("is empty for equal worlds", () => {
    const { rowOf, ...lists } = policyDifference(shop([cartFrom("frontend")]), shop([cartFrom("frontend")]));
    expect(lists).toEqual({ cut: [], opened: [], unclear: [], onlyInBase: [], onlyInHead: [] });
    const connection = {
      from: { ip: "8.8.8.8" },
      to: { namespace: "shop", name: "cart" },
      protocol: "TCP",
      port: 1,
    } as const;
    expect(rowOf(connection)).toBeUndefined();
  });

  it("names who is cut and who is let in, on which ports, and the policies that decide", () => {
    const base = shop([cartFrom("frontend")]);
    const { cut, opened, unclear } = policyDifference(base, shop([cartFrom("payments")]));
    expect(unclear).toEqual([]);
    const shared = { protocol: "TCP", port: 8080, endPort: 8080, direction: "ingress", nodes: undefined };
    const policies = { base: ["shop/cart"], head: ["shop/cart"] };
    const end = (app: string) => ({
      kind: "pods",
      pods: [`shop/${app}`],
      count: 1,
      classes: [{ namespace: "shop", labels: { app }, hostNetwork: false, count: 1 }],
      classCount: 1,
    });
    expect(cut).toEqual([
      { ...shared, base: "allowed", head: "denied", client: end("frontend"), server: end("cart"), policies },
    ]);
    expect(opened).toEqual([
      { ...shared, base: "denied", head: "allowed", client: end("payments"), server: end("cart"), policies },
    ]);
  });

  it("tells addresses outside as the fewest blocks, and all ports as one range", () => {
    const blocks = (...except: readonly string[]) =>
      policy("shop/cart", {
        podSelector: { matchLabels: { app: "cart" } },
        ingress: [{ from: [{ ipBlock: { cidr: "203.0.113.0/24", except } }] }],
      });
    const { cut } = policyDifference(
      shop([blocks("203.0.113.4/30")]),
      shop([blocks("203.0.113.4/30", "203.0.113.0/30")]),
    );
    expect(cut.map(({ client, protocol, port, endPort }) => ({ client, protocol, port, endPort }))).toEqual(
      ["SCTP", "TCP", "UDP"].map((protocol) => ({
        client: { kind: "addresses", cidrs: ["203.0.113.0/30"] },
        protocol,
        port: 1,
        endPort: 65_535,
      })),
    );
    const isolated = policyDifference(shop([]), shop([policy("shop/deny", { podSelector: {} })]));
    expect(isolated.cut.flatMap(({ client }) => (client.kind === "addresses" ? [client.cidrs] : []))).toEqual(
      Array.from({ length: 3 }, () => ["0.0.0.0/0", "::/0"]),
    );
  });

  it("sees a label of a pod template that changed under a selector", () => {
    const base = shop([cartFrom("frontend")]);
    const pods = base.pods.map((one) => (one.name === "frontend" ? { ...one, labels: { app: "web" } } : one));
    const { cut, opened } = policyDifference(base, { ...base, pods });
    expect(opened).toEqual([]);
    expect(
      cut.map(({ client, server }) => [client.kind === "pods" && client.pods, server.kind === "pods" && server.pods]),
    ).toEqual([[["shop/frontend"], ["shop/cart"]]]);
  });

  it("resolves a named port anew when the pod's number changes", () => {
    const byName = policy("shop/p", { podSelector: {}, ingress: [{ ports: [{ port: "http" }] }] });
    const base = shop([byName]);
    const pods = base.pods.map((one) => (one.name === "payments" ? { ...one, ports: [named("http", 7071)] } : one));
    const { cut, opened } = policyDifference(base, { ...base, pods });
    expect([...new Set(cut.map(({ port, endPort }) => `${port}-${endPort}`))]).toEqual(["7070-7070"]);
    expect([...new Set(opened.map(({ port, endPort }) => `${port}-${endPort}`))]).toEqual(["7071-7071"]);
  });

  it("lists the pods only one world has instead of comparing them", () => {
    const base = shop([]);
    const head = { ...base, pods: [...base.pods.slice(1), pod("shop/new", "10.1.0.9")] };
    const difference = policyDifference(base, head);
    expect(difference.onlyInBase).toEqual(["shop/frontend"]);
    expect(difference.onlyInHead).toEqual(["shop/new"]);
    expect(difference.cut).toEqual([]);
  });

  it("names ten pods and counts the others, and puts equal pods in one row", () => {
    const pods = Array.from({ length: 40 }, (_, at) =>
      pod(`shop/web-${at}`, `10.9.0.${at}`, { labels: { app: "web" } }),
    );
    const world = { namespaces: [], pods: [...pods, pod("shop/db", "10.8.0.1")] };
    const deny = policy("shop/db", { podSelector: { matchLabels: { app: "db" } } });
    const { cut } = policyDifference({ ...world, policies: [] }, { ...world, policies: [deny] });
    const clients = cut.flatMap(({ client, protocol }) =>
      client.kind === "pods" && protocol === "TCP" ? [client] : [],
    );
    expect(clients).toEqual([expect.objectContaining({ count: 40, classCount: 1 })]);
    expect(clients[0]?.pods).toHaveLength(10);
  });
});

describe("a difference beside the observed edges", () => {
  const podsOf = (key: string): readonly PodReference[] => {
    const [namespace = "", name = ""] = key.split("/");
    return [{ namespace, name }];
  };
  const difference = policyDifference(shop([cartFrom("frontend")]), shop([cartFrom("payments")]));

  it("tells the cuts that were observed, with their edges, and what it opens that nobody used", () => {
    const used = edge("shop/frontend", "shop/cart", "TCP/8080");
    const others = [
      edge("shop/frontend", "shop/payments", "TCP/7070"),
      edge("shop/frontend", "shop/cart", "TCP/8081"),
      edge("host", "shop/cart", "TCP/8080"),
      edge("203.0.113.1", "shop/cart", "TCP/8080"),
    ];
    const judged = judgeDifference(difference, { edges: [...others, used] }, podsOf);
    expect(judged.cut).toEqual([{ edge: used, row: difference.cut[0] }]);
    expect(judged.unused).toEqual(difference.opened);
    expect(judged.opened).toEqual([]);
    expect(judged.unclear).toEqual([]);
  });

  it("does not call an opened connection unused that somebody tried and was seen to use", () => {
    const tried = edge("shop/payments", "shop/cart", "TCP/8080");
    const judged = judgeDifference(difference, { edges: [tried] }, podsOf);
    expect(judged.opened).toEqual([{ edge: tried, row: difference.opened[0] }]);
    expect(judged.unused).toEqual([]);
  });

  it("passes over workloads the worlds lack and addresses that are none", () => {
    const edges = [edge("gone/a", "shop/cart", "TCP/8080"), edge("nonsense", "shop/cart", "TCP/8080")];
    expect(judgeDifference(difference, { edges }, podsOf).cut).toEqual([]);
  });
});
