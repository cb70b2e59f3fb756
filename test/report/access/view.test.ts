import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccessUse } from "../../../src/model/access.ts";
import { type AccessFilter, accessEntries } from "../../../src/report/access/view.ts";
import {
  NO_REVIEW,
  SHOP_USES,
  someAccessEvidence,
  someAccessGraph,
  someAttributes,
  someIdentity,
  someUse,
} from "../../support/access-fixtures.ts";
import { MONDAY } from "../../support/fixtures.ts";

const ALL: AccessFilter = { namespaces: undefined, usedBefore: undefined };
const DAY = 86_400_000;

function rows(uses: readonly AccessUse[], filter: AccessFilter = ALL): readonly string[] {
  return accessEntries(someAccessGraph({ uses }), NO_REVIEW, filter).map(
    ({ namespace, outcome, risk, username }) =>
      `${namespace || "*"} ${outcome === "denied" ? "refused" : risk} ${username}`,
  );
}

describe("the rows of a report", () => {
  it("stand by namespace, gravest first, what was refused behind, and what reaches everything last", () => {
    expect(rows(Object.values(SHOP_USES))).toEqual([
      "shop run-in-pods alice@example.com",
      "shop read-secrets system:serviceaccount:shop:cart",
      "shop read system:serviceaccount:shop:cart",
      "shop refused system:serviceaccount:dev:debug",
      "* read alice@example.com",
    ]);
  });

  it("keep what reaches all namespaces when one is asked about: it reaches that one too", () => {
    const dev = someUse({ attributes: someAttributes({ namespace: "dev" }) });
    const filter = { namespaces: new Set(["dev"]), usedBefore: undefined };
    expect(rows([...Object.values(SHOP_USES), dev], filter)).toEqual([
      "dev read system:serviceaccount:shop:cart",
      "* read alice@example.com",
    ]);
  });

  it("can be those that were not used lately", () => {
    const old = someUse({
      attributes: someAttributes({ verb: "delete" }),
      evidence: someAccessEvidence({ lastSeen: MONDAY }),
    });
    const timeless = someUse({
      attributes: someAttributes({ verb: "patch" }),
      evidence: someAccessEvidence({ lastSeen: undefined }),
    });
    const filter = { namespaces: undefined, usedBefore: MONDAY + DAY };
    expect(rows([...Object.values(SHOP_USES), old, timeless], filter)).toEqual([
      "shop write system:serviceaccount:shop:cart",
    ]);
  });

  it("keep whoever really asked apart from whose rights counted", () => {
    const proxied = someUse({ impersonator: someIdentity("proxy") });
    const entries = accessEntries(someAccessGraph({ uses: [someUse(), proxied] }), NO_REVIEW, ALL);
    expect(entries.map(({ username, impersonator }) => [username, impersonator])).toEqual([
      ["system:serviceaccount:shop:cart", "proxy"],
      ["system:serviceaccount:shop:cart", undefined],
    ]);
  });

  it("sum up requests, and say when one of them is an estimate", () => {
    const about = someUse({
      attributes: someAttributes({ verb: "list" }),
      evidence: someAccessEvidence({ requests: 1000, exact: false, firstSeen: undefined }),
    });
    const [entry] = accessEntries(someAccessGraph({ uses: [someUse(), about] }), NO_REVIEW, ALL);
    expect(entry).toMatchObject({ requests: 1120, exact: false, days: 3, firstSeen: MONDAY + 8 * 3_600_000 });
    expect(entry?.what).toEqual([{ verbs: ["get", "list"], target: "configmaps", names: [] }]);
  });

  it("rule 8: say who was let through by another authorizer, and who broke the glass", () => {
    const masters = someUse({
      identity: someIdentity("admin", ["system:masters"]),
      citations: [{ kind: "other", reason: "" }],
    });
    const eks = someUse({
      identity: someIdentity("arn"),
      citations: [{ kind: "other", reason: 'EKS Access Policy: allowed by "x"' }],
    });
    const node = someUse({
      identity: someIdentity("system:node:a", ["system:nodes"]),
      citations: [{ kind: "other", reason: "" }],
    });
    const entries = accessEntries(someAccessGraph({ uses: [masters, eks, node] }), NO_REVIEW, ALL);
    expect(
      entries.map(({ username, isBreakGlass, isBuiltIn, otherReasons }) => [
        username,
        isBreakGlass,
        isBuiltIn,
        otherReasons,
      ]),
    ).toEqual([
      ["admin", true, false, [""]],
      ["arn", false, false, ['EKS Access Policy: allowed by "x"']],
      ["system:node:a", false, true, [""]],
    ]);
  });

  it("do not take a refused attempt of somebody privileged for a use of the privilege", () => {
    const refused = someUse({ identity: someIdentity("admin", ["system:masters"]), outcome: "denied", citations: [] });
    expect(accessEntries(someAccessGraph({ uses: [refused] }), NO_REVIEW, ALL)[0]?.isBreakGlass).toBe(false);
  });

  it("take nobody for a part of the cluster who may just be called like one", () => {
    const names = [
      "system:anonymous",
      "system:nodes",
      "kube-proxy",
      "system:serviceaccount:kube-systems:x",
      "system:masters",
    ];
    const uses = names.map((name) => someUse({ identity: someIdentity(name) }));
    expect(accessEntries(someAccessGraph({ uses }), NO_REVIEW, ALL).filter(({ isSystem }) => isSystem)).toEqual([]);
  });

  it("do not depend on the order of uses, and lose no request", () => {
    const uses = Object.values(SHOP_USES);
    fc.assert(
      fc.property(fc.shuffledSubarray(uses, { minLength: 0 }), (some) => {
        const entries = accessEntries(someAccessGraph({ uses: some }), NO_REVIEW, ALL);
        expect(entries).toEqual(accessEntries(someAccessGraph({ uses: some.toReversed() }), NO_REVIEW, ALL));
        const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
        expect(sum(entries.map(({ requests }) => requests))).toBe(sum(some.map(({ evidence }) => evidence.requests)));
      }),
    );
  });
});
