import { describe, expect, it } from "vitest";
import { type Ends, readEdgePattern } from "../../src/graph/edge-pattern.ts";

function dns(protocol: "TCP" | "UDP", port = 53): Ends {
  const client = { kind: "workload", workload: "shop/cart" } as const;
  return { client, server: { kind: "workload", workload: "kube-system/dns" }, port, protocol };
}

describe("an edge pattern", () => {
  it("means any protocol, unless one is named after the port", () => {
    const any = readEdgePattern("shop/cart->kube-system/dns:53");
    const udp = readEdgePattern("shop/cart->kube-system/dns:53/udp");
    expect([dns("TCP"), dns("UDP"), dns("UDP", 54)].map(any)).toEqual([true, true, false]);
    expect([dns("TCP"), dns("UDP"), dns("UDP", 54)].map(udp)).toEqual([false, true, false]);
  });

  it("takes an address with colons in brackets", () => {
    const matches = readEdgePattern("shop/cart->[2001:db8::1]:443/TCP");
    const server = { kind: "external", address: "2001:db8::1" } as const;
    expect(matches({ ...dns("TCP", 443), server })).toBe(true);
    expect(matches({ ...dns("UDP", 443), server })).toBe(false);
  });
});
