import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/model/proposal.ts";
import { isAboutConnections } from "../../src/propose/decided.ts";
import { proposalsOf } from "../../src/propose/proposals.ts";
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

  it("what a reader ticked is written down on its branch though nothing else is left to do there", async () => {
    const suggestion = someSuggestion();
    const plan = { namespaces: ["pay", "shop"], units: [], places: [], unplaced: [], stale: [], standing: [] };
    const branch = "netlearn/_/shop/widen";
    const context = {
      suggestion,
      cluster: undefined,
      observed: suggestion.graph,
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
