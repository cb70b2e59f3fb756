import { describe, expect, it } from "vitest";
import type { AccessGraph, Observability } from "../../../src/model/access.ts";
import type { ApiUse } from "../../../src/model/access-review.ts";
import type { Edge, Workload } from "../../../src/model/graph.ts";
import { apiUseOf } from "../../../src/synthesizer/access/api-use.ts";
import { meetingFindings } from "../../../src/synthesizer/access/meeting.ts";
import { DEFAULT_SYNTHESIS } from "../../../src/synthesizer/network/options.ts";
import { synthesize } from "../../../src/synthesizer/network/synthesize.ts";
import { CART, SHOP_USES, someAccessGraph, someIdentity, someUse } from "../../support/access-fixtures.ts";
import { externalPeer, NO_ACCESS, someEdge, someGraph, someWorkload } from "../../support/fixtures.ts";

const cart = someWorkload("shop/cart", { serviceAccount: "cart" });
const web = someWorkload("shop/web", { serviceAccount: "web" });
const blind = someWorkload("shop/blind");

function useOf(
  workloads: readonly Workload[],
  access: AccessGraph = someAccessGraph(),
  isObservable: Observability = () => true,
): ReadonlyMap<string, ApiUse> {
  return apiUseOf({ workloads, known: new Map(), access, isObservable });
}

const NO_READS: Observability = (_, { verb }) => (["get", "list", "watch"].includes(verb) ? "no reads" : true);

const api = { kind: "entity", entity: "kube-apiserver", address: "10.0.0.1" } as const;

function meeting(edges: readonly Edge[], apiUse: ReadonlyMap<string, ApiUse>): readonly string[] {
  const findings = meetingFindings({ graph: { edges }, known: new Map(), apiUse, isInScope: () => true });
  return findings.map(({ code, about }) => `${code} ${about ?? ""}`.trim());
}

describe("what a workload does with its token", () => {
  it("is told by the requests of its ServiceAccount", () => {
    const use = useOf([cart, web, blind]);
    expect(use.get("shop/cart")).toMatchObject({ kind: "used", serviceAccount: "shop/cart", requests: 240 });
    expect(use.get("shop/web")).toEqual({ kind: "unused", serviceAccount: "shop/web" });
    expect(use.has("shop/blind")).toBe(false);
  });

  it("can't be told where the log leaves out reads, or where there is no log", () => {
    expect(useOf([web], someAccessGraph(), NO_READS).get("shop/web")).toMatchObject({ kind: "unknown" });
    expect(useOf([web], NO_ACCESS).size).toBe(0);
  });

  it("is no need where every request was refused, in any order", () => {
    const identity = someIdentity("system:serviceaccount:shop:web");
    const refused = someUse({ identity, outcome: "denied" });
    expect(useOf([web], someAccessGraph({ uses: [refused] })).get("shop/web")).toMatchObject({ kind: "refused" });
    for (const uses of [
      [refused, someUse({ identity })],
      [someUse({ identity }), refused],
    ]) {
      expect(useOf([web], someAccessGraph({ uses })).get("shop/web")).toMatchObject({ kind: "used" });
    }
  });

  it("counts requests made for somebody else", () => {
    const proxied = someUse({
      identity: someIdentity("bob"),
      impersonator: someIdentity("system:serviceaccount:shop:web"),
    });
    expect(useOf([web], someAccessGraph({ uses: [proxied] })).get("shop/web")).toMatchObject({ kind: "used" });
  });

  it("is told by the pods of tokens where several workloads share a ServiceAccount", () => {
    const sharer = someWorkload("shop/sharer", { serviceAccount: "cart" });
    const use = useOf([cart, sharer]);
    expect(use.get("shop/cart")).toMatchObject({ kind: "used" });
    expect(use.get("shop/sharer")).toMatchObject({ kind: "unused" });
  });

  it("is not told by pods that fit no workload, or are not all known", () => {
    const sharer = someWorkload("shop/sharer", { serviceAccount: "cart" });
    const caller = { username: CART, hasMorePods: false, usesLegacyToken: false, usesStaleToken: false };
    for (const callers of [
      [{ ...caller, pods: [{ namespace: "shop", name: "other-1" }] }],
      [{ ...caller, pods: [{ namespace: "shop", name: "cart-0" }], hasMorePods: true }],
      [{ ...caller, pods: [] }],
    ]) {
      expect(useOf([cart, sharer], someAccessGraph({ callers })).get("shop/sharer")).toMatchObject({ kind: "used" });
    }
  });
});

describe("what flows and the audit log say together", () => {
  it("is that a token is not needed", () => {
    expect(meeting([someEdge("shop/web", "shop/cart")], useOf([web]))).toEqual(["token-unused shop"]);
  });

  it("is that nothing can be said without reads", () => {
    expect(meeting([], useOf([web], someAccessGraph(), NO_READS))).toEqual(["token-use-unknown"]);
  });

  it("advises no way to the API server to whoever was only refused", () => {
    const refused = someUse({ identity: someIdentity("system:serviceaccount:shop:web"), outcome: "denied" });
    const use = useOf([web], someAccessGraph({ uses: [refused] }));
    expect(meeting([someEdge("shop/web", "shop/cart")], use)).toEqual(["token-refused shop/web"]);
  });

  it("is that calls of the API would be cut, since no flow shows them", () => {
    expect(meeting([someEdge("shop/cart", "shop/web")], useOf([cart]))).toEqual(["api-egress-unseen shop/cart"]);
  });

  it.each([
    ["the API server", someEdge("shop/cart", api, { port: 6443 })],
    [
      "its Service",
      someEdge("shop/cart", externalPeer("10.0.0.1"), { port: 443, services: ["default/kubernetes:443"] }),
    ],
    ["an outside address that may be it", someEdge("shop/cart", externalPeer("203.0.113.9"), { port: 443 })],
  ])("is nothing where a flow goes to %s", (_name, edge) => {
    expect(meeting([edge], useOf([cart]))).toEqual([]);
  });

  it("is nothing about a workload whose flows were not seen at all", () => {
    expect(meeting([], useOf([cart]))).toEqual([]);
  });
});

describe("a finding about egress to the API server", () => {
  function message(apiUse: ReadonlyMap<string, ApiUse>): string {
    const edges = [someEdge("shop/cart", api, { port: 6443 })];
    const graph = someGraph({ workloads: [cart], edges, denied: [] });
    const { findings } = synthesize(graph, { ...DEFAULT_SYNTHESIS, apiUse });
    return findings.find(({ code }) => code === "direction-left-open")?.message ?? "";
  }

  it("says that it is needed where the audit log shows it", () => {
    expect(message(useOf([cart]))).toContain("The API server is needed: ServiceAccount shop/cart");
    const others = { ...SHOP_USES.cartReads, identity: someIdentity("alice") };
    expect(message(useOf([cart], someAccessGraph({ uses: [others] })))).toContain("No request with the token");
    expect(message(new Map())).not.toContain("ServiceAccount");
  });
});
