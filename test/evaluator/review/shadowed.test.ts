import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProfileName } from "../../../src/evaluator/network/profile.ts";
import { ruleCovers, selectorCovers } from "../../../src/evaluator/review/covers.ts";
import { namespaceOf, type ReviewRule, rulesOf } from "../../../src/evaluator/review/policies.ts";
import { shadowedRules } from "../../../src/evaluator/review/shadowed.ts";
import type { ReviewWorld } from "../../../src/evaluator/review/world.ts";
import { worldOf } from "./world.ts";

const value = fc.constantFrom("a", "b", "c");
const expression = fc.oneof(
  fc.record({ key: fc.constantFrom("app", "tier"), operator: fc.constantFrom("Exists", "DoesNotExist") }),
  fc.record({
    key: fc.constantFrom("app", "tier"),
    operator: fc.constantFrom("In", "NotIn"),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 2 }),
  }),
);
const selector = fc.oneof(
  fc.constant({}),
  value.map((app) => ({ matchLabels: { app } })),
  fc.record({ app: value, tier: value }).map((matchLabels) => ({ matchLabels })),
  fc.array(expression, { minLength: 1, maxLength: 2 }).map((matchExpressions) => ({ matchExpressions })),
);
const namespaces = fc.oneof(
  selector,
  fc.constantFrom("shop", "back").map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
);
const peer = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  namespaces.map((namespaceSelector) => ({ namespaceSelector })),
  fc.record({ podSelector: selector, namespaceSelector: namespaces }),
  fc.constantFrom("10.0.0.0/8", "10.1.0.0/16", "::/0").map((cidr) => ({ ipBlock: { cidr } })),
);
const ports = fc.constantFrom([], [{ port: 80 }], [{ port: 1, endPort: 100 }]);
const rules = fc.array(fc.record({ peers: fc.array(peer, { maxLength: 2 }), ports }), { maxLength: 3 });
const spec = fc
  .record({ podSelector: selector, ingress: rules, egress: rules })
  .map(({ podSelector, ingress, egress }) => ({
    podSelector,
    policyTypes: ["Ingress", "Egress"],
    ingress: ingress.map(({ peers, ports: on }) => ({ from: peers, ports: on })),
    egress: egress.map(({ peers, ports: on }) => ({ to: peers, ports: on })),
  }));
const world = fc
  .array(fc.record({ namespace: fc.constantFrom("shop", "back"), spec }), { maxLength: 6 })
  .map((policies) =>
    worldOf(
      policies
        .map(({ namespace, spec: own }, index) => {
          const metadata = { name: `p${index}`, namespace };
          return JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec: own });
        })
        .join("\n"),
    ),
  );

/** By looking at every pair of rules: which rule is shadowed, and by which one. */
function byBruteForce({ policies }: ReviewWorld, profile: ProfileName): readonly string[] {
  const all = policies.flatMap(rulesOf);
  const covers = (wide: ReviewRule, narrow: ReviewRule): boolean => {
    const minds = profile === "ovn-kubernetes" ? "pod-selector" : "nothing";
    const [own, other] = [wide, narrow].map(({ policy }) => policy.policy.spec?.podSelector ?? {});
    return (
      wide.direction === narrow.direction &&
      namespaceOf(wide.policy) === namespaceOf(narrow.policy) &&
      selectorCovers(own ?? {}, other ?? {}) &&
      ruleCovers(wide, narrow, { namespace: namespaceOf(narrow.policy), minds })
    );
  };
  return all.flatMap((narrow, at) => {
    const wide = all.find((one, index) => index !== at && covers(one, narrow) && (index < at || !covers(narrow, one)));
    return wide === undefined ? [] : [`${nameOf(narrow)} by ${nameOf(wide)}`];
  });
}

function nameOf({ policy, direction, index }: ReviewRule): string {
  return `${policy.id} ${direction} ${index + 1}`;
}

describe("rules in the shadow of others", () => {
  it("are those that looking at every pair finds", () => {
    let found = 0;
    fc.assert(
      fc.property(world, fc.constantFrom<ProfileName>("cilium", "ovn-kubernetes"), (given, profile) => {
        const shadowed = shadowedRules(given.policies, profile).map(({ about, message }) => {
          const [, direction = "", index = "", , own, other] =
            /, (\w+) rule (\d+): .* is allowed by (rule (\d+)|rule (\d+) of \S+) already$/u
              .exec(message)
              ?.slice(0, 6) ?? [];
          const [, by = ""] = / of (\S+) already$/u.exec(message) ?? ["", about];
          return `${about} ${direction} ${index} by ${by} ${direction} ${own ?? other}`;
        });
        found += shadowed.length;
        expect(shadowed.toSorted()).toEqual(byBruteForce(given, profile).toSorted());
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(300);
  });
});
