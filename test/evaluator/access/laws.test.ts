import fc from "fast-check";
import { expect, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { atomsOf, covers, uncovered } from "../../../src/evaluator/access/rules.ts";
import type { PolicyRule } from "../../../src/model/rbac.ts";
import { anyAttributes, anyIdentity, anyNamedRule, anyRule, anyState } from "./arbitrary.ts";
import { plainDecision } from "./plain-authorizer.ts";

const nameOf = ({ kind, metadata }: { kind: string; metadata: { namespace?: string; name: string } }): string =>
  `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;

it("the index decides as a plain reading of the source does, and names the same bindings", () => {
  let allowed = 0;
  fc.assert(
    fc.property(anyState, fc.array(fc.tuple(anyIdentity, anyAttributes), { minLength: 20 }), (objects, asked) => {
      const authorizer = new Authorizer(objects);
      for (const [identity, attributes] of asked) {
        const plain = plainDecision(objects, identity, attributes).map(nameOf).toSorted();
        const { isAllowed, by } = authorizer.decide(identity, attributes);
        expect(by.map(nameOf)).toEqual(plain);
        expect(isAllowed).toBe(plain.length > 0);
        expect(authorizer.allows(identity, attributes)).toBe(isAllowed);
        allowed += isAllowed ? 1 : 0;
      }
    }),
    { numRuns: 300 },
  );
  // Otherwise nothing was tried.
  expect(allowed).toBeGreaterThan(500);
});

it("the order of objects changes nothing", () => {
  fc.assert(
    fc.property(anyState, anyIdentity, anyAttributes, (objects, identity, attributes) => {
      const told = new Authorizer(objects);
      const backwards = new Authorizer(objects.toReversed());
      expect(backwards.decide(identity, attributes)).toEqual(told.decide(identity, attributes));
      expect(backwards.grantsOf(identity)).toEqual(told.grantsOf(identity));
    }),
  );
});

it("another object never takes a permission away", () => {
  fc.assert(
    fc.property(
      anyState.chain((objects) => fc.tuple(fc.constant(objects), fc.nat(objects.length - 1))),
      anyIdentity,
      fc.array(anyAttributes, { minLength: 10 }),
      ([objects, at], identity, asked) => {
        const fewer = new Authorizer(objects.toSpliced(at, 1));
        const all = new Authorizer(objects);
        for (const attributes of asked)
          if (fewer.allows(identity, attributes)) expect(all.allows(identity, attributes)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

it("what somebody holds is what the authorizer allows, one by one", () => {
  fc.assert(
    fc.property(anyState, anyIdentity, anyAttributes, (objects, identity, attributes) => {
      const authorizer = new Authorizer(objects);
      const held = authorizer
        .grantsOf(identity)
        .filter(
          ({ namespace }) => namespace === "" || (attributes.kind === "resource" && attributes.namespace === namespace),
        )
        .map(({ rule }) => rule);
      const single = new Authorizer([
        { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "r" }, rules: held },
        {
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRoleBinding",
          metadata: { name: "b" },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
          subjects: [{ kind: "User", name: "me" }],
        },
      ]);
      expect(single.allows({ username: "me", groups: [] }, attributes)).toBe(authorizer.allows(identity, attributes));
    }),
    { numRuns: 500 },
  );
});

const anyRules = fc.array(anyRule, { maxLength: 4 });
const anyNamedRules = fc.array(anyNamedRule, { maxLength: 4 });

/** Covers of kubernetes/component-helpers, auth/rbac/validation/policy_comparator.go, as it reads. */
function plainlyCovers(owner: readonly PolicyRule[], servant: readonly PolicyRule[]): boolean {
  const hasAll = (set: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    wanted.every((one) => set.includes(one));
  const resources = (set: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    set.includes("*") ||
    wanted.every(
      (path) => set.includes(path) || (path.includes("/") && set.includes(`*/${path.slice(path.indexOf("/") + 1)}`)),
    );
  const urls = (set: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    wanted.every((path) =>
      set.some((own) => own === path || (own.endsWith("*") && path.startsWith(own.replace(/\*+$/u, "")))),
    );
  const breakdown = (rule: PolicyRule): readonly PolicyRule[] => [
    ...(rule.apiGroups ?? []).flatMap((group) =>
      (rule.resources ?? []).flatMap((resource) =>
        rule.verbs.flatMap((verb): readonly PolicyRule[] => {
          const one = { apiGroups: [group], resources: [resource], verbs: [verb] };
          const names = rule.resourceNames ?? [];
          return names.length === 0 ? [one] : names.map((name) => ({ ...one, resourceNames: [name] }));
        }),
      ),
    ),
    ...(rule.nonResourceURLs ?? []).flatMap((url) =>
      rule.verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
    ),
  ];
  const ruleCovers = (own: PolicyRule, sub: PolicyRule): boolean => {
    const names = own.resourceNames ?? [];
    return (
      (own.verbs.includes("*") || hasAll(own.verbs, sub.verbs)) &&
      ((own.apiGroups ?? []).includes("*") || hasAll(own.apiGroups, sub.apiGroups)) &&
      resources(own.resources, sub.resources) &&
      urls(own.nonResourceURLs, sub.nonResourceURLs) &&
      (names.length === 0 || ((sub.resourceNames ?? []).length > 0 && hasAll(names, sub.resourceNames)))
    );
  };
  return servant.flatMap(breakdown).every((sub) => owner.some((own) => ruleCovers(own, sub)));
}

it("rules cover others as the API server finds when it looks for escalation", () => {
  let covered = 0;
  fc.assert(
    fc.property(anyNamedRules, anyNamedRules, fc.boolean(), (owner, wanted, isMore) => {
      const all = isMore ? [...owner, ...wanted] : owner;
      expect(covers(all, wanted)).toBe(plainlyCovers(all, wanted));
      covered += covers(all, wanted) && wanted.length > 0 ? 1 : 0;
    }),
    { numRuns: 500 },
  );
  expect(covered).toBeGreaterThan(50);
});

it("whoever holds covering rules may do whatever the covered ones allow", () => {
  const holding = (rules: readonly PolicyRule[]): Authorizer =>
    new Authorizer([
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "r" }, rules },
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: "b" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "r" },
        subjects: [{ kind: "User", name: "me" }],
      },
    ]);
  const me = { username: "me", groups: [] };
  fc.assert(
    fc.property(anyRules, anyRules, fc.array(anyAttributes, { minLength: 10 }), (owner, wanted, asked) => {
      const [own, other] = [holding(owner), holding(wanted)];
      if (covers(owner, wanted)) {
        for (const attributes of asked) if (other.allows(me, attributes)) expect(own.allows(me, attributes)).toBe(true);
      }
      // And one by one: what is not covered is not held, the rest is.
      const lacking = new Set(uncovered(owner, wanted).map((atom) => JSON.stringify(atom)));
      for (const atom of wanted.flatMap((rule) => atomsOf(rule, ""))) {
        expect(own.holds(me, atom)).toBe(!lacking.has(JSON.stringify(atom)));
      }
    }),
    { numRuns: 500 },
  );
});
