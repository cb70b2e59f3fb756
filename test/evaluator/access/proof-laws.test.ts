import fc from "fast-check";
import { expect, it } from "vitest";
import { atomsOf } from "../../../src/evaluator/access/rules.ts";
import type { AccessAttributes, AccessUse } from "../../../src/model/access.ts";
import type { ReplacedBinding } from "../../../src/model/access-policy.ts";
import type { BindingManifest, PolicyRule, RbacManifest, RbacSubject, RoleManifest } from "../../../src/model/rbac.ts";
import { certainGroups, serviceAccountOf } from "../../../src/model/service-account.ts";
import { anyAttributes, anyIdentity, anyNamedRule, anyNamedState, anyRule } from "./arbitrary.ts";
import { line, proofOf, replace, type Suggestion, stateOf, suggest, use } from "./claims.ts";
import { plainDecision } from "./plain-authorizer.ts";

/** A ServiceAccount is in no group but its own, unless somebody acts as it. */
const anyCaller = anyIdentity.map(({ username, groups }) =>
  serviceAccountOf(username) === undefined ? { username, groups } : { username, groups: certainGroups(username) },
);

/** Uses as a server of this state would have allowed them. */
const anyWorld = fc
  .tuple(anyNamedState, fc.array(fc.tuple(anyCaller, anyAttributes), { minLength: 60, maxLength: 90 }))
  .map(([objects, asked]) => {
    const uses = asked
      .filter(([identity, attributes]) => plainDecision(objects, identity, attributes).length > 0)
      .map(([identity, attributes]) => use(identity, attributes));
    return { objects, uses };
  });

/** One role a ServiceAccount and scope, one rule a use: as little thought as possible. */
function plainlySuggested(uses: readonly AccessUse[]): readonly Suggestion[] {
  const byRole = Map.groupBy(
    uses.filter(({ identity }) => serviceAccountOf(identity.username) !== undefined),
    ({ identity, attributes }) => JSON.stringify([identity.username, scopeOf(attributes)]),
  );
  return [...byRole.values()].flatMap((all) => {
    const [first] = all;
    const found = first === undefined ? undefined : serviceAccountOf(first.identity.username);
    if (first === undefined || found === undefined) return [];
    const scope = scopeOf(first.attributes);
    const name = `new-${found.namespace}-${found.name}`;
    const lines = new Map(all.map(({ attributes }) => [JSON.stringify(attributes), line(attributes)]));
    const subject: RbacSubject = { kind: "ServiceAccount", ...found };
    return [suggest(scope === "" ? name : `${scope}/${name}`, subject, [...lines.values()])];
  });
}

function scopeOf(attributes: AccessAttributes): string {
  return attributes.kind === "resource" ? attributes.namespace : "";
}

/** All that is bound to ServiceAccounts goes. */
function replacedIn(objects: readonly RbacManifest[]): readonly ReplacedBinding[] {
  return bindingsOf(objects).map((one) => {
    const keptSubjects = one.subjects.filter(
      ({ kind, name }) => kind !== "ServiceAccount" && !name.startsWith("system:serviceaccount:"),
    );
    return replace(one, { keptSubjects });
  });
}

function bindingsOf(objects: readonly RbacManifest[]): readonly BindingManifest[] {
  return objects.filter((one) => "roleRef" in one);
}

/** The state once a suggestion is applied, put together plainly. */
function after(objects: readonly RbacManifest[], manifests: readonly RbacManifest[]): readonly RbacManifest[] {
  const kept = objects.map((one) =>
    "roleRef" in one ? { ...one, subjects: replacedIn([one])[0]?.keptSubjects ?? [] } : one,
  );
  return [...kept, ...manifests];
}

it("a role of what was used, for what was bound, is proved", () => {
  let roles = 0;
  fc.assert(
    fc.property(anyWorld, ({ objects, uses }) => {
      const suggestions = plainlySuggested(uses);
      roles += suggestions.length;
      const proof = proofOf({ inForce: stateOf(objects), uses, suggestions, replaced: replacedIn(objects) });
      expect(proof).toMatchObject({
        cut: [],
        newPower: [],
        lossy: [],
        unappliable: [],
        revoked: [],
        granted: [],
        notJudged: [],
      });
    }),
    { numRuns: 200 },
  );
  expect(roles).toBeGreaterThan(50);
});

it("what is cut is named, all of it and nothing else, whatever is missing of a suggestion", () => {
  let cut = 0;
  fc.assert(
    fc.property(
      anyWorld.chain(({ objects, uses }) => {
        const all = plainlySuggested(uses).flatMap(({ manifests }) => manifests);
        return fc.record({ objects: fc.constant(objects), uses: fc.constant(uses), manifests: fc.subarray(all) });
      }),
      ({ objects, uses, manifests }) => {
        const proof = proofOf({ inForce: stateOf(objects), uses, manifests, replaced: replacedIn(objects) });
        const proposed = after(objects, manifests);
        const refused = uses.filter(
          ({ identity, attributes }) => plainDecision(proposed, identity, attributes).length === 0,
        );
        const expected = refused.map(({ identity, attributes }) => JSON.stringify([identity.username, attributes]));
        const found = proof.cut.map(({ username, attributes }) => JSON.stringify([username, attributes]));
        expect(found.toSorted()).toEqual([...new Set(expected)].toSorted());
        cut += found.length;
      },
    ),
    { numRuns: 200 },
  );
  expect(cut).toBeGreaterThan(20);
});

it("whatever becomes possible that was not is new power", () => {
  let more = 0;
  fc.assert(
    fc.property(
      anyWorld,
      fc.array(anyRule, { minLength: 1, maxLength: 2 }),
      fc.array(fc.tuple(anyIdentity, anyAttributes), { minLength: 60 }),
      ({ objects, uses }, rules, grid) => {
        const widened = plainlySuggested(uses).map((one): readonly [RoleManifest, BindingManifest] => {
          const [role, binding] = one.manifests;
          return [{ ...role, rules: [...role.rules, ...rules] }, binding];
        });
        const manifests = widened.flat();
        const proof = proofOf({ inForce: stateOf(objects), uses, manifests, replaced: replacedIn(objects) });
        const proposed = after(objects, manifests);
        const gained = grid.filter(
          ([identity, attributes]) =>
            plainDecision(proposed, identity, attributes).length > 0 &&
            plainDecision(objects, identity, attributes).length === 0,
        );
        if (gained.length > 0) {
          more++;
          expect(proof.newPower).not.toEqual([]);
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(more).toBeGreaterThan(3);
});

it("a role that is not said to be lossy allows what its lines say, and nothing beside them", () => {
  const linesOf = (rules: readonly PolicyRule[], namespace: string) =>
    rules.flatMap((rule) => atomsOf(rule, namespace)).map((attributes) => line(attributes));
  const subject: RbacSubject = { kind: "User", name: "me" };
  let same = 0;
  fc.assert(
    fc.property(
      fc.array(anyNamedRule, { minLength: 1, maxLength: 3 }),
      fc.array(anyNamedRule, { maxLength: 1 }),
      fc.array(anyAttributes, { minLength: 40 }),
      (rules, more, grid) => {
        // The same, split up; with one rule more perhaps.
        const suggestions = [suggest("r", subject, linesOf(rules, ""), [...rules, ...more])];
        const { lossy } = proofOf({ inForce: stateOf([]), suggestions });
        const split = linesOf(rules, "").flatMap(
          ({ attributes }) => suggest("s", subject, [line(attributes)]).manifests[0].rules,
        );
        const bound = (name: string, own: readonly PolicyRule[]): readonly RbacManifest[] =>
          suggest(name, subject, [], own).manifests;
        const me = { username: "me", groups: [] };
        const decisions = (objects: readonly RbacManifest[]): readonly boolean[] =>
          grid.map((attributes) => plainDecision(objects, me, attributes).length > 0);
        if (lossy.length > 0) {
          expect(more).not.toEqual([]);
          return;
        }
        expect(decisions(bound("r", [...rules, ...more]))).toEqual(decisions(bound("s", split)));
        same++;
      },
    ),
    { numRuns: 300 },
  );
  expect(same).toBeGreaterThan(50);
});

it("what is said not to be needed can be taken away, one at a time, and nothing is cut by it", () => {
  let taken = 0;
  fc.assert(
    fc.property(anyWorld, fc.array(anyRule, { maxLength: 2 }), ({ objects, uses }, rules) => {
      const manifests = plainlySuggested(uses).flatMap(({ manifests: [role, binding] }): readonly RbacManifest[] => [
        { ...role, rules: [...role.rules, ...rules] },
        binding,
      ]);
      const claim = { inForce: stateOf(objects), uses, replaced: replacedIn(objects) };
      const proof = proofOf({ ...claim, manifests });
      expect(proof.cut).toEqual([]);
      for (const { role, what } of proof.unneeded.slice(0, 5)) {
        expect(proofOf({ ...claim, manifests: without(manifests, role, what) }).cut).toEqual([]);
        taken++;
      }
    }),
    { numRuns: 100 },
  );
  expect(taken).toBeGreaterThan(30);
});

/** The objects without one piece: a binding, or an item of a list of a rule; a list without items takes its rule with it. */
function without(manifests: readonly RbacManifest[], role: string, what: string): readonly RbacManifest[] {
  const [, at, list, item = ""] = /^rules\[(\d+)\]\.(\w+): (.*)$/u.exec(what) ?? [];
  if (at === undefined) return manifests.filter((one) => !("roleRef" in one) || labelOf(one) !== what);
  return manifests.map((one) => {
    if (!("rules" in one) || labelOf(one) !== role) return one;
    const rules = one.rules.flatMap((rule, index) => {
      if (index !== Number(at)) return [rule];
      const entries = Object.entries(rule).map(
        ([key, items]: [string, readonly string[]]) =>
          [key, key === list ? items.filter((text) => JSON.stringify(text) !== item) : items] as const,
      );
      return entries.some(([, items]) => items.length === 0) ? [] : [{ verbs: [], ...Object.fromEntries(entries) }];
    });
    return { ...one, rules };
  });
}

function labelOf({ kind, metadata: { namespace, name } }: RbacManifest): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
