import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import { compileSelector } from "../../../src/evaluator/network/selector.ts";
import type { Connection, ConnectionEnd } from "../../../src/evaluator/network/world.ts";
import { ruleCovers, selectorCovers } from "../../../src/evaluator/review/covers.ts";
import type { LabelSelector, NetworkPolicyPeer, NetworkPolicyPort } from "../../../src/model/manifest.ts";
import { policy, SHOP_PODS, shop } from "../world.ts";

const values = fc.constantFrom("frontend", "cart", "payments", "scraper");
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  values.map((app) => ({ matchLabels: { app } })),
  fc
    .record({
      key: fc.constantFrom("app", "tier"),
      operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
    })
    .map((requirement) => ({ matchExpressions: [requirement] })),
  fc
    .record({
      operator: fc.constantFrom("In" as const, "NotIn" as const),
      values: fc.uniqueArray(values, { minLength: 1, maxLength: 3 }),
    })
    .map((requirement) => ({ matchExpressions: [{ key: "app", ...requirement }] })),
);
const block = fc.constantFrom(
  { cidr: "10.1.0.0/30" },
  { cidr: "203.0.113.0/24", except: ["203.0.113.128/25"] },
  { cidr: "203.0.113.7/32" },
  { cidr: "0.0.0.0/0", except: ["203.0.113.0/26"] },
  { cidr: "2001:db8::/32" },
);
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  fc.record({ podSelector: selector, namespaceSelector: fc.constantFrom({}, { matchLabels: { tier: "back" } }) }),
  block.map((ipBlock) => ({ ipBlock })),
);
const port: fc.Arbitrary<NetworkPolicyPort> = fc.constantFrom(
  { port: 8080 },
  { port: "http" },
  { port: 8000, endPort: 8090 },
  { protocol: "UDP" },
  {},
);
const rule = fc.record({ peers: fc.array(peer, { maxLength: 2 }), ports: fc.array(port, { maxLength: 2 }) });
const ADDRESSES = ["203.0.113.7", "203.0.113.200", "198.51.100.1", "2001:db8::1", "2001:db9::1"];
const ENDS: readonly ConnectionEnd[] = [
  ...SHOP_PODS.map(({ namespace, name }) => ({ namespace, name })),
  ...ADDRESSES.map((ip) => ({ ip })),
];

/** Every connection between these ends on ports at and beside every boundary, a pod with itself excepted. */
const CONNECTIONS: readonly Connection[] = ENDS.flatMap((from) =>
  ENDS.filter((to) => to !== from && !("ip" in from && "ip" in to)).flatMap((to) =>
    (["TCP", "UDP"] as const).flatMap((protocol) =>
      [1, 7070, 7999, 8080, 8081, 8090, 8091, 65_535].map((number) => ({ from, to, protocol, port: number })),
    ),
  ),
);

describe("what covers what", () => {
  it("a selector that covers another selects all its pods", () => {
    fc.assert(
      fc.property(selector, selector, fc.array(values), (wide, narrow, apps) => {
        fc.pre(selectorCovers(wide, narrow));
        for (const labels of [new Map(), new Map([["tier", "x"]]), ...apps.map((app) => new Map([["app", app]]))]) {
          expect(compileSelector(narrow)(labels) && !compileSelector(wide)(labels)).toBe(false);
        }
      }),
    );
  });

  it("a rule that covers another can stand in for it: taking the other away changes no verdict", () => {
    let covered = 0;
    fc.assert(
      fc.property(rule, rule, fc.constantFrom("upstream" as const, "cilium" as const), (wide, narrow, profile) => {
        if (!ruleCovers(wide, narrow, { namespace: "shop", minds: "nothing" })) return;
        covered += 1;
        const of = (...rules: readonly (typeof wide)[]) =>
          compileNetworkWorld(
            shop([
              policy("shop/p", {
                podSelector: {},
                policyTypes: ["Ingress"],
                ingress: rules.map(({ peers, ports }) => ({ from: peers, ports })),
              }),
            ]),
            profile,
          );
        const [both, alone] = [of(wide, narrow), of(wide)];
        for (const connection of CONNECTIONS) {
          expect(evaluateConnection(alone, connection).verdict).toBe(evaluateConnection(both, connection).verdict);
        }
      }),
      { numRuns: 80 },
    );
    expect(covered).toBeGreaterThan(5);
  });
});
