import { describe, expect, it } from "vitest";
import { attributesText } from "../../src/model/access-attributes.ts";
import type { Decision } from "../../src/model/proposal.ts";
import { decisionsOnRequests, isAboutConnections, unheard } from "../../src/propose/decided.ts";
import { proposalsOf } from "../../src/propose/proposals.ts";
import { someAttributes, someIdentity, someRoles, someUse } from "../support/access-fixtures.ts";
import { someSuggestion } from "../support/fixtures.ts";
import { repositoryOf } from "../support/repository.ts";

const DECISION: Decision = {
  kind: "reject",
  what: "shop/report->shop/db:5432/TCP",
  who: "ada",
  why: "ticked in #1",
  on: "2026-03-01",
  until: undefined,
};

describe("git rule 29: decisions", () => {
  it.each([
    ["shop/report", true],
    ["*", true],
    ["shop/report->shop/db", true],
    ["shop/report -> shop/db:5432/TCP", true],
    ["shop/report->[2001:db8::1]:443", true],
    ["shop/deployer:get secrets/db", false],
    ["User a->b:get pods", false],
    ["Group system:masters:list nodes", false],
  ])("%s is about connections: %s", (what, expected) => {
    expect(isAboutConnections({ what })).toBe(expected);
  });

  it("about requests count where such were seen, and where nothing but another one implies them", () => {
    const robot = someIdentity("system:serviceaccount:ci:robot", []);
    const scale = someUse({ identity: robot, attributes: someAttributes({ verb: "patch", namespace: "shop" }) });
    const listed = someAttributes({ verb: "list", namespace: "shop" });
    const leftOut = [{ username: robot.username, attributes: listed, isMany: false, why: "rejected" }] as const;
    const roles = someRoles();
    const suggestion = someSuggestion({ accessSuggestion: roles });
    const decided = [scale.attributes, listed].map(
      (attributes): Decision => ({ ...DECISION, what: `${robot.username}:${attributesText(attributes)}` }),
    );
    const context = {
      uses: [scale],
      suggestion: {
        ...suggestion,
        accessSuggestion: { ...roles, policies: { ...roles.policies, leftOut } },
      },
      decisions: [DECISION, ...decided],
    };
    expect(decisionsOnRequests("shop", context)).toEqual(decided);
    expect(decisionsOnRequests("pay", context)).toEqual([]);
    expect(decisionsOnRequests("shop", { ...context, suggestion })).toEqual(decided.slice(0, 1));
    const texts = decided.map(({ what }) => what);
    expect(unheard(texts, context.suggestion)).toEqual(texts.slice(0, 1));
  });

  it("what a reader ticked is written down on its branch though nothing else is left to do there", async () => {
    const suggestion = someSuggestion();
    const plan = { namespaces: ["pay", "shop"], units: [], places: [], unplaced: [], stale: [], standing: [] };
    const branch = "netlearn/_/shop/widen";
    const context = {
      suggestion,
      cluster: undefined,
      observed: suggestion.graph,
      uses: suggestion.access.uses,
      decisions: [DECISION],
      pending: [{ branch, decision: DECISION }],
      base: { repository: repositoryOf({}), branch: "main" },
      clusterName: "",
    };
    expect(await proposalsOf(plan, context)).toMatchObject([
      {
        branch,
        unit: { base: "main", cluster: "", namespace: "shop", stage: "widen" },
        changes: [{ path: ".github/netlearn-decisions.yaml", text: expect.stringContaining(DECISION.what) }],
        recorded: [DECISION],
      },
    ]);
    expect(await proposalsOf(plan, { ...context, pending: [] })).toEqual([]);
  });
});
