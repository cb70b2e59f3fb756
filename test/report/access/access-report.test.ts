import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AccessGraph } from "../../../src/model/access.ts";
import type { AccessReview, BindingUse } from "../../../src/model/access-review.ts";
import { renderAccessJson } from "../../../src/report/access/json.ts";
import { renderAccessMarkdown } from "../../../src/report/access/markdown.ts";
import { type AccessReport, accessReport } from "../../../src/report/access/report.ts";
import { type AccessTextStyle, renderAccessText } from "../../../src/report/access/text.ts";
import {
  CART,
  NO_REVIEW,
  SHOP_ROLES,
  SHOP_USES,
  someAccessEvidence,
  someAccessGraph,
  someAttributes,
  someCitation,
  someIdentity,
  someUse,
} from "../../support/access-fixtures.ts";
import { HOSTILE, MONDAY } from "../../support/fixtures.ts";

const STYLE: AccessTextStyle = { width: 80, colour: false, verbose: false, by: "namespace", system: false };

function reportOf(access: AccessGraph = someAccessGraph(), review: AccessReview = NO_REVIEW): AccessReport {
  return accessReport({ access, review }, { namespaces: undefined, usedBefore: undefined });
}

function text(report: AccessReport = reportOf(), style: Partial<AccessTextStyle> = {}): string {
  return renderAccessText(report, { ...STYLE, ...style });
}

function idleBinding(over: Partial<BindingUse> = {}): BindingUse {
  return {
    binding: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "old" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "contractors" }],
      createdAt: undefined,
      keeper: undefined,
      place: "rbac.yaml:3",
    },
    requests: 0,
    lastUsed: undefined,
    users: [],
    ...over,
  };
}

describe("who reached what, as text", () => {
  it("says with which right, since when, from where, and what the client claims to be", () => {
    const block = text().split("\n\n")[1] ?? "";
    expect(block).toBe(
      [
        "shop: 3 identities, 14 refused requests",
        "  RISK          WHO                              REQUESTS  LAST SEEN",
        "  run-in-pods   alice@example.com                       3  2026-01-09",
        "      create pods/exec named cart-0",
        "      by ClusterRoleBinding ops of ClusterRole cluster-admin, for Group ops",
        "      on 3 days since 2026-01-05, from 203.0.113.7, calls itself",
        '        "kubectl/v1.34.1"',
        "  read-secrets  system:serviceaccount:shop:cart       120  2026-01-09",
        "      get secrets named db",
        "      by RoleBinding shop/cart of Role cart, for ServiceAccount shop/cart",
        '      on 3 days since 2026-01-05, from 10.0.1.5, calls itself "cart/v1"',
        "  read          system:serviceaccount:shop:cart       120  2026-01-09",
        "      get configmaps",
        "      by RoleBinding shop/cart of Role cart, for ServiceAccount shop/cart",
        '      on 3 days since 2026-01-05, from 10.0.1.5, calls itself "cart/v1"',
        "  refused       system:serviceaccount:dev:debug        14  2026-01-09",
        "      list secrets",
        '      on 3 days since 2026-01-05, from 10.0.1.5, calls itself "cart/v1"',
      ].join("\n"),
    );
  });

  it.each([60, 80, 120])("keeps to %i columns", (width) => {
    const widest = Math.max(
      ...text(reportOf(), { width })
        .split("\n")
        .map((line) => line.length),
    );
    expect(widest).toBeLessThanOrEqual(width);
  });

  it("moves numbers below a name that is too long for its column, and never cuts the name", () => {
    const long = "system:serviceaccount:a-rather-long-namespace:a-rather-long-service-account-name";
    const shown = text(reportOf(someAccessGraph({ uses: [someUse({ identity: someIdentity(long) })] })));
    expect(shown).toMatch(new RegExp(`\n  read  ${long}\n +120  2026-01-09\n`, "u"));
  });

  it("colours what is risky, and only when asked", () => {
    expect(text()).not.toContain("\u001b");
    expect(text(reportOf(), { colour: true })).toContain("\u001b[31mrun-in-pods");
  });

  it("by identity, has a block for each with what is known of it", () => {
    const review = { ...NO_REVIEW, subjects: SHOP_ROLES.subjects };
    const shown = text(reportOf(someAccessGraph(), review), { by: "identity" });
    expect(shown.match(/^\S.*$/gmu)?.slice(1)).toEqual([
      "alice@example.com",
      "system:serviceaccount:dev:debug: 14 refused requests",
      "system:serviceaccount:shop:cart",
    ]);
    expect(shown).toContain("system:serviceaccount:shop:cart\n  used 4 of 412 grants in force\n");
  });

  it("folds away what the cluster's own parts do, says so, and never folds what was refused or is not theirs by default", () => {
    const node = someIdentity("system:node:a", ["system:nodes"]);
    const byNode = someUse({ identity: node, citations: [{ kind: "other", reason: "" }] });
    const nodeRefused = someUse({ identity: node, outcome: "denied", citations: [] });
    const controller = someUse({
      identity: someIdentity("system:serviceaccount:kube-system:x"),
      attributes: someAttributes({ resource: "secrets" }),
    });
    expect(text(reportOf(someAccessGraph({ uses: [byNode] })))).toContain(
      "Only the cluster's own parts: shop (--system-namespaces shows them)",
    );
    const shown = text(reportOf(someAccessGraph({ uses: [byNode, nodeRefused, controller] })));
    expect(shown).toContain("refused       system:node:a");
    expect(shown).toContain("read-secrets  system:serviceaccount:kube-system:x");
    expect(shown).toContain("… and 1 row of the cluster's own parts");
    expect(text(reportOf(someAccessGraph({ uses: [byNode] })), { system: true })).toContain("by the node authorizer");
  });

  it("names shared and default ServiceAccounts, and old tokens", () => {
    const caller = {
      username: CART,
      pods: ["cart-5d69f8c7b4-x7k2p", "worker-0"].map((name) => ({ namespace: "shop", name })),
      hasMorePods: false,
      usesLegacyToken: true,
      usesStaleToken: true,
    };
    const plain = someUse({ identity: someIdentity("system:serviceaccount:shop:default") });
    const shown = text(reportOf(someAccessGraph({ uses: [someUse(), plain], callers: [caller] })), { width: 200 });
    expect(shown).toContain(
      `  ${CART}: shared by shop/cart, shop/worker; uses a legacy token, which never expires; uses a stale token`,
    );
    expect(shown).toContain("shop:default: the default ServiceAccount of its namespace");
  });

  it("names bindings that nobody needed, but for those that somebody else keeps", () => {
    const kept = idleBinding();
    const review: AccessReview = {
      ...NO_REVIEW,
      known: { rbac: { roles: [], bindings: [] }, auditPolicy: undefined },
      bindings: [
        idleBinding(),
        { ...kept, binding: { ...kept.binding, metadata: { name: "system:x" }, keeper: "bootstrapping" } },
        { ...kept, binding: { ...kept.binding, metadata: { name: "busy" } }, requests: 3, lastUsed: MONDAY },
      ],
    };
    const idle = text(reportOf(someAccessGraph(), review)).split("\n\n").at(-1);
    expect(idle).toBe(
      "Bindings that no request in the log needed\n  ClusterRoleBinding old of ClusterRole cluster-admin\n",
    );
    const late = accessReport({ access: someAccessGraph(), review }, { namespaces: undefined, usedBefore: MONDAY + 1 });
    expect(text(late)).toContain("ClusterRoleBinding busy of ClusterRole cluster-admin, last used 2026-01-05");
  });
});

const hostileGraph = someAccessGraph({
  uses: [
    someUse({
      identity: someIdentity(HOSTILE),
      impersonator: someIdentity("x".repeat(10_000)),
      attributes: someAttributes({ namespace: HOSTILE, resource: HOSTILE, name: HOSTILE, verb: HOSTILE }),
      citations: [someCitation({ role: { kind: "Role", name: HOSTILE } }), { kind: "other", reason: HOSTILE }],
      evidence: someAccessEvidence({ userAgents: [HOSTILE], sourceIps: [HOSTILE] }),
    }),
  ],
  callers: [],
});

describe("hostile names", () => {
  it("stay text on a terminal", () => {
    const shown = text(reportOf(hostileGraph), { verbose: true });
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(shown.length).toBeLessThan(20_000);
  });

  it("stay text in Markdown: no markup, no mention, no cell of their own", () => {
    const shown = renderAccessMarkdown(reportOf(hostileGraph), "namespace");
    expect(shown).not.toContain("<img");
    expect(shown).not.toMatch(/(?<![\w&;])@everyone/u);
    expect(shown).not.toContain("](https://evil");
    const cells = shown
      .split("\n")
      .filter((line) => line.startsWith("| "))
      .map((line) => line.split(/(?<!\\)\|/u).length);
    expect(new Set(cells)).toEqual(new Set([7]));
  });

  it("stay values in JSON, with everything that does not show escaped", () => {
    const shown = renderAccessJson(reportOf(hostileGraph));
    expect(shown).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
    expect(JSON.parse(shown)).toMatchObject({ access: [{ username: HOSTILE, namespace: HOSTILE }] });
  });
});

describe("who reached what, as Markdown", () => {
  const shown = renderAccessMarkdown(reportOf(), "namespace");

  it("has a table for each namespace, and one for what reaches all of them", () => {
    expect(shown.match(/^## .*$/gmu)).toEqual([
      "## `shop`",
      "## Reaching all namespaces, and what belongs to none",
      "## How to read this",
    ]);
    expect(shown).toContain("| **run-in-pods** | `alice@example.com` | 3 | 2026-01-09 |");
  });

  it("explains each risk", () => {
    expect(shown).toContain("- *mint-tokens*: makes tokens of ServiceAccounts.");
    expect(shown).toContain("its own claim and proves nothing");
  });
});

describe("who reached what, as JSON", () => {
  it("has the same keys whatever there is, in the same order", () => {
    const keys = (report: AccessReport): string[] => {
      const parsed = JSON.parse(renderAccessJson(report)) as { access: object[] };
      return [...Object.keys(parsed), ...parsed.access.flatMap((entry) => Object.keys(entry))];
    };
    const full = keys(reportOf(someAccessGraph({ uses: [SHOP_USES.aliceExec] })));
    const bare = someUse({
      citations: [],
      evidence: someAccessEvidence({
        firstSeen: undefined,
        lastSeen: undefined,
        hours: [],
        userAgents: [],
        sourceIps: [],
      }),
    });
    expect(keys(reportOf(someAccessGraph({ uses: [bare], window: undefined })))).toEqual(full);
  });

  it("tells idle bindings only where bindings are known", () => {
    expect(JSON.parse(renderAccessJson(reportOf()))).toMatchObject({ idleBindings: null });
    const review = { ...NO_REVIEW, known: { rbac: { roles: [], bindings: [] }, auditPolicy: undefined } };
    expect(JSON.parse(renderAccessJson(reportOf(someAccessGraph(), review)))).toMatchObject({ idleBindings: [] });
  });
});

it("equal reviews give equal bytes, whatever the order of uses", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(Object.values(SHOP_USES), { minLength: 5 }), (uses) => {
      const shuffled = reportOf(someAccessGraph({ uses }));
      expect(text(shuffled)).toBe(text());
      expect(renderAccessJson(shuffled)).toBe(renderAccessJson(reportOf()));
      expect(renderAccessMarkdown(shuffled, "identity")).toBe(renderAccessMarkdown(reportOf(), "identity"));
    }),
  );
});
