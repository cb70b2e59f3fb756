import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateAccess } from "../../../generators/index.ts";
import { proveAccess } from "../../../src/evaluator/access/prove.ts";
import { atomsOf } from "../../../src/evaluator/access/rules.ts";
import { by } from "../../../src/lib/sort.ts";
import type { AccessAttributes } from "../../../src/model/access.ts";
import type { AccessPolicySet } from "../../../src/model/access-policy.ts";
import type { KnownBinding, KnownRole, RbacState } from "../../../src/model/rbac.ts";
import { type AccessOptions, DEFAULT_ACCESS_OPTIONS } from "../../../src/synthesizer/access/options.ts";
import { synthesizeAccess } from "../../../src/synthesizer/access/synthesize.ts";
import { cutBy, newPowerOf, stateAfter } from "./judge.ts";
import { someWorld, type World } from "./world.ts";

const BRAVE: AccessOptions = { ...DEFAULT_ACCESS_OPTIONS, minDays: 0, maxNames: 2, sharedFrom: 2 };
const someOptions = fc.record({
  systemNamespaces: fc.boolean(),
  idioms: fc.boolean(),
  namespaces: fc.constantFrom([], [], ["shop"]),
});

function suggest({ graph, state }: Pick<World, "graph" | "state">, over: Partial<AccessOptions> = {}): AccessPolicySet {
  return synthesizeAccess(graph, { rbac: state, auditPolicy: undefined }, { ...BRAVE, ...over });
}

describe("whatever was used and is in force", () => {
  it("what was used and is still allowed passes once the roles are there and what they replace is gone", () => {
    fc.assert(
      fc.property(someWorld, someOptions, (world, options) => {
        expect(cutBy(suggest(world, options), world.graph, world.state)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("nobody gets what nobody had", () => {
    fc.assert(
      fc.property(someWorld, someOptions, (world, options) => {
        expect(newPowerOf(suggest(world, options), world.state)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it.each(["all of it", "a part", "nothing"])("the judge agrees where %s of the state in force is known", (howMuch) => {
    fc.assert(
      fc.property(someWorld, someOptions, (world, options) => {
        const state = partOf(world.state, howMuch);
        const policies = synthesizeAccess(
          world.graph,
          { rbac: state, auditPolicy: undefined },
          { ...BRAVE, ...options },
        );
        const manifests = generateAccess(policies).flatMap((file) => file.manifests);
        const proof = proveAccess({ graph: world.graph, policies, manifests, inForce: state, applier: undefined });
        expect({ cut: proof.cut, newPower: proof.newPower, lossy: proof.lossy }).toEqual({
          cut: [],
          newPower: [],
          lossy: [],
        });
      }),
      { numRuns: 100 },
    );
  });

  it("rule 36: the rules of a role allow what its lines say, and nothing else", () => {
    fc.assert(
      fc.property(someWorld, (world) => {
        for (const { rules, lines } of suggest(world).roles) {
          const scopes = new Set(lines.map(({ attributes }) => scopeOf(attributes)));
          const given = rules.flatMap((rule) => [...scopes].flatMap((scope) => atomsOf(rule, scope)));
          expect(sortedTexts(given)).toEqual(sortedTexts(lines.map(({ attributes }) => attributes)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("every line was seen by somebody it is for, or says why it is there", () => {
    fc.assert(
      fc.property(someWorld, (world) => {
        const set = suggest(world);
        for (const { lines, subjectName } of set.roles) {
          const observed = lines.filter(
            ({ origin, widenedFrom }) => origin.kind === "observed" && widenedFrom === undefined,
          );
          for (const { attributes } of observed) {
            expect(
              world.graph.uses.some(
                (use) => isSeen(use.attributes, attributes, world) && isOf(use.identity, subjectName),
              ),
            ).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it("rule 37: no order changes a byte", () => {
    fc.assert(
      fc.property(someWorld, fc.infiniteStream(fc.nat()), (world, noise) => {
        const { graph, state } = world;
        const shuffled = {
          graph: { ...graph, uses: shuffle(graph.uses, noise) },
          state: { roles: shuffle(state.roles, noise), bindings: shuffle(state.bindings, noise) },
        };
        const [one, other] = [suggest(world), suggest(shuffled)];
        expect(other).toEqual(one);
        expect(generateAccess(other)).toEqual(generateAccess(one));
      }),
      { numRuns: 100 },
    );
  });

  it("what was refused changes nothing at all", () => {
    fc.assert(
      fc.property(someWorld, (world) => {
        const more = { ...world, graph: { ...world.graph, uses: [...world.denied, ...world.graph.uses] } };
        expect(suggest(more)).toEqual(suggest(world));
      }),
      { numRuns: 100 },
    );
  });

  it("asked again once all is applied, the answer is the same, and nothing is left to remove", () => {
    fc.assert(
      fc.property(someWorld, (world) => {
        const first = suggest(world);
        const again = suggest({ graph: world.graph, state: known(stateAfter(first, world.state)) });
        expect(again.roles.map(({ name, namespace, rules }) => ({ name, namespace, rules }))).toEqual(
          first.roles.map(({ name, namespace, rules }) => ({ name, namespace, rules })),
        );
        expect(again.bindings).toEqual(first.bindings);
        expect(again.replaced.filter(({ keep }) => keep === undefined)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

function known(objects: ReturnType<typeof stateAfter>): RbacState {
  const added = { createdAt: undefined, keeper: undefined, place: "test" };
  return {
    roles: objects.filter((one) => "rules" in one).map((one): KnownRole => ({ isAggregated: false, ...added, ...one })),
    bindings: objects.filter((one) => "roleRef" in one).map((one): KnownBinding => ({ ...added, ...one })),
  };
}

/** Every second object, as somebody would give who keeps only a part in files. */
function partOf({ roles, bindings }: RbacState, howMuch: string): RbacState | undefined {
  if (howMuch === "nothing") return undefined;
  if (howMuch === "all of it") return { roles, bindings };
  const given = roles.filter((_, at) => at % 2 === 0);
  const missing = roles.filter((_, at) => at % 2 === 1);
  const unknownRoles = missing.map(({ kind, metadata }) => ({
    kind,
    namespace: metadata.namespace ?? "",
    name: metadata.name,
  }));
  return { roles: given, bindings: bindings.filter((_, at) => at % 3 !== 2), gaps: { isPartial: true, unknownRoles } };
}

function scopeOf(attributes: AccessAttributes): string {
  return attributes.kind === "resource" ? attributes.namespace : "";
}

function sortedTexts(all: readonly AccessAttributes[]): string[] {
  return [...new Set(all.map((one) => JSON.stringify(Object.entries(one).toSorted(by(([key]) => key)))))].toSorted();
}

/** A use shows a line: the same, or of many names one that is in force, or a namespace by its own name. */
function isSeen(used: AccessAttributes, line: AccessAttributes, { graph }: World): boolean {
  const text = (one: AccessAttributes) => JSON.stringify({ ...one, name: "" });
  if (text(used) !== text(line)) return false;
  if (JSON.stringify(used) === JSON.stringify(line)) return true;
  const isMany = graph.uses.some((use) => use.isMany && text(use.attributes) === text(line));
  return isMany || (line.kind === "resource" && line.resource === "namespaces");
}

function isOf({ username, groups }: { readonly username: string; readonly groups: readonly string[] }, name: string) {
  return username === name || groups.includes(name);
}

function shuffle<T>(items: readonly T[], noise: Iterator<number>): T[] {
  return items
    .map((item) => ({ item, key: Number(noise.next().value) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
