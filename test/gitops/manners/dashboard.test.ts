import { expect, test } from "vitest";
import { decideDashboard } from "../../../src/gitops/manners/dashboard.ts";
import { type Performed, perform } from "../../../src/gitops/manners/perform.ts";
import type { Verdict } from "../../../src/gitops/manners/step.ts";
import type { UnitOutcome } from "../../../src/model/proposal.ts";
import { askedFor } from "../../../src/report/proposal/dashboard-boxes.ts";
import { dashboardBody, dashboardTitle } from "../../../src/report/proposal/dashboard-text.ts";
import { BRANCH, TEXTS, UnitWorld } from "../../support/unit-world.ts";

const TITLE = dashboardTitle({ base: "main", cluster: "" });
const LIMITED = "dashboard: true\nlimits: { openPullRequests: 0 }";

/** A run over the one unit of a world, and then over the dashboard, as whoever composes them does it. */
async function run(world: UnitWorld): Promise<Performed> {
  const isAskedFor = askedFor(await world.host.findIssue(TITLE))(BRANCH);
  const { outcome } = await perform(world.host, await world.verdict({ isAskedFor }));
  return await perform(world.host, await verdictOf(world, outcome, isAskedFor));
}

async function verdictOf(world: UnitWorld, outcome: UnitOutcome, isAskedFor: boolean): Promise<Verdict> {
  const unit = { base: "main", cluster: "", namespace: "shop", stage: "widen" } as const;
  const [pull] = world.host.open();
  const units = [{ unit, branch: BRANCH, outcome, pull, risk: undefined, isAskedFor }];
  return decideDashboard({
    settings: world.settings,
    found: await world.host.find("main", [BRANCH]),
    capabilities: world.host.capabilities,
    issue: await world.host.findIssue(TITLE),
    text: {
      title: TITLE,
      body: dashboardBody({ units, collecting: [], drift: [], unplaced: [] }, world.host.capabilities),
    },
    texts: TEXTS,
  });
}

function issueOf(world: UnitWorld): UnitWorld["host"]["issues"][number] {
  const [issue, ...more] = world.host.issues;
  if (issue === undefined || more.length > 0) {
    throw new Error(`${world.host.issues.length} issues`);
  }
  return issue;
}

/** As a person does it. */
function tick(world: UnitWorld): void {
  const issue = issueOf(world);
  Object.assign(issue, { body: issue.body.replaceAll("- [ ]", "- [x]").replaceAll("\n", "\r\n") });
}

test("git rule 30: there is none unless it is asked for", async () => {
  const world = new UnitWorld("limits: { openPullRequests: 0 }");
  expect(await run(world)).toMatchObject({ outcome: { kind: "noop" }, writes: 0 });
  expect(world.host.issues).toEqual([]);
});

test("git rule 30: it is written when what it says changed, and then only", async () => {
  const world = new UnitWorld(LIMITED);
  expect(await run(world)).toMatchObject({ outcome: { kind: "created" }, writes: 1 });
  expect(issueOf(world)).toMatchObject({ title: TITLE, body: expect.stringContaining("### Held by a limit") });
  const before = world.host.writes;
  expect((await run(world)).outcome).toEqual({ kind: "noop" });
  world.count += 1000;
  world.host.now += 24 * 60 * 60 * 1000;
  expect((await run(world)).outcome).toEqual({ kind: "noop" });
  expect(world.host.writes).toBe(before);
});

test("git rule 30: a ticked box opens a pull request past the limits, and is gone then", async () => {
  const world = new UnitWorld(LIMITED);
  await run(world);
  expect(world.host.open()).toEqual([]);
  tick(world);
  expect((await run(world)).outcome).toEqual({ kind: "updated" });
  expect(world.host.open()).toHaveLength(1);
  expect(issueOf(world).body).toContain("### Open");
  expect(issueOf(world).body).not.toContain("[x]");
  // Its first text says that it was opened; nothing more is to be said.
  expect((await run(world)).outcome).toEqual({ kind: "noop" });
});

test("git rule 30: what was asked for and was cut off is asked for still", async () => {
  const world = new UnitWorld(LIMITED);
  await run(world);
  tick(world);
  world.host.crashAt = { write: world.host.writes + 2, isWritten: false };
  expect((await run(world)).outcome).toEqual({ kind: "updated" });
  expect(issueOf(world).body).toContain("- [x]");
  world.host.crashAt = undefined;
  await run(world);
  expect(world.host.open()).toHaveLength(1);
  expect(issueOf(world).body).not.toContain("[x]");
});

test("git rule 30: a dashboard that a person closed is left alone, and its ticks with it", async () => {
  const world = new UnitWorld(LIMITED);
  await run(world);
  tick(world);
  issueOf(world).state = "closed";
  expect((await run(world)).outcome).toMatchObject({ kind: "held", reason: "rejected" });
  expect(world.host.open()).toEqual([]);
});

test("git rule 30: a host without issues, and a repository that can't be written to, say so", async () => {
  const world = new UnitWorld(LIMITED);
  Object.assign(world.host, { capabilities: { ...world.host.capabilities, issues: undefined } });
  expect((await run(world)).outcome).toMatchObject({ kind: "blocked", reason: "no-issues" });
  Object.assign(world.host, { capabilities: { ...world.host.capabilities, issues: true }, writeIssue: undefined });
  expect((await run(world)).outcome).toMatchObject({ kind: "blocked", reason: "refused" });
  world.host.readOnly = "the repository is archived";
  expect((await run(world)).outcome).toMatchObject({ kind: "blocked", reason: "read-only" });
});
