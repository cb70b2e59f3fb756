import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashText } from "../../../src/lib/hash.ts";
import { type AccessRecord, SIGNS_KEPT } from "../../../src/model/access.ts";
import { HOUR, MONDAY } from "../../support/flow-record.ts";
import {
  access,
  allowedUses,
  CITATION,
  graphOf,
  identity,
  JANE,
  observe,
  PROXY,
  path,
  ROBOT,
  resource,
  shuffled,
  textOf,
  useLine,
} from "./records.ts";

function many(count: number, of: (at: number) => Partial<AccessRecord>): readonly AccessRecord[] {
  return Array.from({ length: count }, (_, at) => access(of(at)));
}

function named(at: number, over: Partial<Parameters<typeof resource>[0]> = {}): ReturnType<typeof resource> {
  return resource({ resource: "pods", name: `pod-${at}`, ...over });
}

describe("names of one kind of use", () => {
  it("are kept up to 64, and none of them stands for any", () => {
    const { uses } = graphOf(...many(64, (at) => ({ attributes: named(at) })));
    expect(uses).toHaveLength(64);
    expect(uses.some(({ isMany }) => isMany)).toBe(false);
  });

  it("beyond that are one use of any name, which has the requests of all the others", () => {
    const { uses } = graphOf(...many(164, (at) => ({ attributes: named(at) })));
    expect(uses).toHaveLength(65);
    const [any, ...others] = uses.filter(({ isMany }) => isMany);
    expect(others).toEqual([]);
    expect(any).toMatchObject({ attributes: { name: "" }, evidence: { requests: 100, exact: true } });
  });

  it("stay the same ones in any order, with all their requests", () => {
    const records = [0, 1].flatMap(() => many(90, (at) => ({ attributes: named(at), time: MONDAY + at * HOUR })));
    const expected = textOf(observe(...records));
    fc.assert(
      fc.property(shuffled(records), (order) => {
        expect(textOf(observe(...order))).toBe(expected);
      }),
      { numRuns: 20 },
    );
    const kept = graphOf(...records).uses.filter(({ isMany }) => !isMany);
    expect(kept.every(({ evidence }) => evidence.requests === 2)).toBe(true);
  });

  it("do not push out the use without a name, which is another one", () => {
    const listed = access({ attributes: named(0, { name: "" }) });
    const { uses } = graphOf(...many(300, (at) => ({ attributes: named(at) })), listed);
    expect(uses.filter(({ attributes, isMany }) => "name" in attributes && attributes.name === "" && !isMany)).toEqual(
      graphOf(listed).uses,
    );
  });

  it("of paths are bounded likewise: then any path is `*`", () => {
    const { uses } = graphOf(...many(100, (at) => ({ attributes: path(`/metrics/${at}`) })));
    expect(uses).toHaveLength(65);
    expect(uses.filter(({ isMany }) => isMany).map(useLine)).toEqual([
      "system:serviceaccount:shop:robot allowed get * any",
    ]);
  });

  it("of one verb, namespace, subresource or identity take no room from another", () => {
    const apart = [{ verb: "delete" }, { namespace: "web" }, { subresource: "log" }, { apiGroup: "apps" }];
    const { uses } = graphOf(
      ...many(64, (at) => ({ attributes: named(at) })),
      ...apart.flatMap((over) => many(64, (at) => ({ attributes: named(at, over) }))),
      ...many(64, (at) => ({ attributes: named(at), identity: JANE })),
      ...many(64, (at) => ({ attributes: named(at), identity: JANE, impersonator: PROXY })),
    );
    expect(uses).toHaveLength(64 * 7);
  });

  it("that only look alike when their parts are put together are different uses", () => {
    const { uses } = graphOf(
      access({ attributes: resource({ verb: "get", apiGroup: "", resource: "ab", subresource: "c" }) }),
      access({ attributes: resource({ verb: "get", apiGroup: "a", resource: "b", subresource: "c" }) }),
      access({ attributes: resource({ verb: "get", apiGroup: "", resource: "a", subresource: "bc" }) }),
      access({ identity: identity("a", "b,c") }),
      access({ identity: identity("a", "b", "c") }),
    );
    expect(uses).toHaveLength(5);
  });
});

describe("what was denied", () => {
  const denied = { decision: "forbid", code: 403 } as const;

  it("costs no more for ten times as many distinct probes, and all of them are counted", () => {
    const probes = (count: number): readonly AccessRecord[] =>
      many(count, (at) => ({
        ...denied,
        attributes: named(at, { namespace: `ns-${at % 5000}`, resource: "secrets" }),
      }));
    const some = observe(...probes(5000));
    const more = observe(...probes(50_000));
    // Each family that stays has ten names then, and not one.
    expect(textOf(more).length).toBeLessThan(11 * textOf(some).length);
    const families = new Set(
      more.resolve().uses.map(({ attributes }) => "namespace" in attributes && attributes.namespace),
    );
    expect(families.size).toBe(200);
    const [caller] = more.resolve().callers;
    const kept = more.resolve().uses.reduce((sum, { evidence }) => sum + evidence.requests, 0);
    expect(kept + (caller?.furtherDenied ?? 0)).toBeGreaterThan(50_000 * 0.7);
    expect(kept + (caller?.furtherDenied ?? 0)).toBeLessThan(50_000 * 1.3);
  });

  it("of made-up names is a few names and any name, beside what was denied otherwise", () => {
    const probes = many(10_000, (at) => ({ ...denied, attributes: named(at, { resource: "secrets" }) }));
    const { uses } = graphOf(...probes, access({ ...denied, attributes: resource({ verb: "list", name: "" }) }));
    expect(uses).toHaveLength(18);
    expect(uses.map(useLine)).toContain("system:serviceaccount:shop:robot denied list configmaps shop/");
    expect(uses.find(({ isMany }) => isMany)?.evidence.requests).toBeGreaterThan(8000);
  });

  it("to one takes no room from another, nor from what was allowed", () => {
    const probes = many(3000, (at) => ({
      ...denied,
      identity: JANE,
      attributes: named(at, { namespace: `ns-${at}` }),
    }));
    const others = [access(denied), access(), access({ identity: JANE })];
    const graph = graphOf(...probes, ...others);
    expect(graph.uses.filter(({ identity: { username } }) => username === ROBOT.username)).toEqual(
      graphOf(...others.slice(0, 2)).uses,
    );
    expect(allowedUses(graph)).toEqual(allowedUses(graphOf(...others)));
  });

  it("is the same in any order", () => {
    const probes = many(700, (at) => ({ ...denied, attributes: named(at % 50, { namespace: `ns-${at % 350}` }) }));
    const expected = textOf(observe(...probes));
    fc.assert(
      fc.property(shuffled(probes), (order) => {
        expect(textOf(observe(...order))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what is kept of a use", () => {
  it("are a few clients, addresses, citations and signs, sorted, the same ones in any order", () => {
    const records = many(60, (at) => ({
      userAgent: `agent/${at}`,
      sourceIp: `10.0.0.${at}`,
      citation: { ...CITATION, role: { kind: "ClusterRole", name: `role-${at}` } },
      signs: [
        { kind: "applied" },
        { kind: "signer", name: `signer-${at}` },
        { kind: "impersonated-extra", key: "scopes", value: `${at}` },
      ],
      code: 200 + (at % 3),
    }));
    const expected = textOf(observe(...records));
    fc.assert(
      fc.property(shuffled(records), (order) => {
        expect(textOf(observe(...order))).toBe(expected);
      }),
      { numRuns: 20 },
    );
    const [use] = graphOf(...records).uses;
    expect(use?.citations).toHaveLength(8);
    expect(use?.evidence.userAgents).toHaveLength(3);
    expect(use?.evidence.sourceIps).toHaveLength(4);
    expect(use?.evidence.codes).toEqual([200, 201, 202]);
    expect(use?.evidence.userAgents).toEqual(use?.evidence.userAgents.toSorted());
    const kinds = use?.signs.map(({ kind }) => kind) ?? [];
    expect(kinds.filter((kind) => kind === "applied")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "signer")).toHaveLength(SIGNS_KEPT);
  });

  it("is no endless text that a client calls itself", () => {
    const [use] = graphOf(access({ userAgent: "x".repeat(10_000) })).uses;
    expect(use?.evidence.userAgents.map(({ length }) => length)).toEqual([200]);
  });

  it("are its hours, its first and last time, and how many requests", () => {
    const [use] = graphOf(...many(3000, (at) => ({ time: MONDAY + (at % 4) * 12 * HOUR }))).uses;
    const hour = MONDAY / HOUR;
    expect(use?.evidence).toMatchObject({
      firstSeen: MONDAY,
      lastSeen: MONDAY + 36 * HOUR,
      hours: [hour, hour + 12, hour + 24, hour + 36],
      exact: false,
    });
    expect(use?.evidence.requests).toBeGreaterThan(2000);
    expect(use?.evidence.requests).toBeLessThan(4000);
  });
});

describe("callers", () => {
  const podOf = (at: number): AccessRecord["pod"] => ({ namespace: "shop", name: `robot-${at}` });

  it("are who really asked, with their pods", () => {
    const { callers } = graphOf(
      access({ pod: podOf(2) }),
      access({ pod: podOf(1) }),
      access({ pod: podOf(2), identity: JANE, impersonator: ROBOT }),
    );
    expect(callers).toEqual([
      {
        username: ROBOT.username,
        pods: [podOf(1), podOf(2)],
        hasMorePods: false,
        usesLegacyToken: false,
        usesStaleToken: false,
      },
    ]);
  });

  it("have 64 pods at most, and say that there are more", () => {
    const records = many(65, (at) => ({ pod: podOf(at) }));
    expect(graphOf(...records.slice(0, 64)).callers[0]).toMatchObject({ hasMorePods: false });
    for (const order of [records, records.toReversed()]) {
      const [caller] = graphOf(...order).callers;
      expect(caller?.pods).toHaveLength(64);
      expect(caller?.hasMorePods).toBe(true);
      expect(caller).toEqual(graphOf(...records).callers[0]);
    }
  });

  it("say that a token is old-fashioned or stale", () => {
    expect(graphOf(access({ token: "legacy" }), access()).callers[0]).toMatchObject({
      usesLegacyToken: true,
      usesStaleToken: false,
    });
    expect(graphOf(access({ token: "stale" })).callers[0]).toMatchObject({ usesStaleToken: true });
  });
});

describe("the size of observations", () => {
  it("grows with distinct uses, not with events", () => {
    const some = observe(...many(500, (at) => ({ attributes: resource({ name: `n-${at % 20}` }) })));
    expect(some.size).toBe(21);
    expect(observe(access(), access({ request: hashText("x"), identity: JANE })).size).toBe(4);
  });
});
