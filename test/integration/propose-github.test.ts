import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { GitHubFleet, SHOP } from "../support/github-fleet.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";

const description = inject("github");
const SHOP_NARROW = "netlearn/shop/shop/narrow";
const SETTINGS = "limits:\n  createdPerHour: 10\n  openPullRequests: 10\nlabels: [netlearn]\n";

describe.skipIf(description.state === "absent")(
  "netlearn propose on GitHub (skipped without GitHub's description)",
  () => {
    let github: GitHubStandIn;
    let fleet: GitHubFleet;

    beforeAll(async () => {
      if (description.state === "absent") throw new Error(description.why);
      github = await startGitHub(description);
      fleet = await GitHubFleet.create(github, "acme/fleet");
    });
    afterAll(async () => {
      await github?.stop();
      await fleet?.remove();
    });

    it("git rule 32: shows with --dry-run what it would ask for, and asks for nothing", async () => {
      const { code, stdout, stderr } = await fleet.propose("--dry-run");
      expect(code).toBe(0);
      expect(stderr.replaceAll(/\s+/gu, " ")).toContain(
        "open a pull request into main: chore(netlearn): add the settings of netlearn",
      );
      expect(stdout).toContain("+++ b/.github/netlearn.yaml");
      expect(fleet.writes()).toBe(0);
    });

    it("git rule 31: asks first, with one pull request that changes nothing else", async () => {
      const { code } = await fleet.propose();
      expect(code).toBe(0);
      expect(fleet.open().map(({ head }) => head)).toEqual(["netlearn/onboarding"]);
      expect(fleet.open()[0]?.body).toContain("3 pull requests");
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
    });

    it("opens one pull request a unit once that is merged, and a second run writes nothing", async () => {
      const [onboarding] = fleet.open();
      const human = github.human(fleet.repository, "ada");
      human.push("netlearn/onboarding", { ".github/netlearn.yaml": SETTINGS });
      human.merge(onboarding?.number ?? 0);
      const { code, stderr } = await fleet.propose();
      expect(code).toBe(0);
      expect(
        fleet
          .open()
          .map(({ head }) => head)
          .toSorted(),
      ).toEqual(["netlearn/shop/ingress/narrow", "netlearn/shop/monitoring/narrow", SHOP_NARROW]);
      expect(stderr).toContain(`/pull/${fleet.of(SHOP_NARROW)?.number}`);
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
      expect(github.faults.calls.length).toBeLessThanOrEqual(3);
    });

    it("git rule 29: drops a line that a reader ticked, and writes the decision into the same pull request", async () => {
      const pull = fleet.of(SHOP_NARROW);
      github.human(fleet.repository, "ada").tick(pull?.number ?? 0, "`shop/report` → `shop/db`");
      const { code } = await fleet.propose();
      expect(code).toBe(0);
      const decisions = fleet.textOf(SHOP_NARROW, ".github/netlearn-decisions.yaml");
      expect(decisions).toContain("reject: shop/report->shop/db:5432/TCP");
      expect(decisions).toContain("who: ada");
      expect(fleet.textOf(SHOP_NARROW, "apps/shop/overlays/prod/netlearn/netlearn-db.yaml")).not.toContain("report");
      expect(fleet.of(SHOP_NARROW)?.body).toContain("ticked in");
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
    });

    it("proposes nothing more once everything is merged", async () => {
      const human = github.human(fleet.repository, "ada");
      for (const { number } of fleet.open()) human.merge(number, "squash");
      const { code, stderr } = await fleet.propose();
      expect(code).toBe(0);
      expect(fleet.open()).toEqual([]);
      expect(stderr).not.toContain("created");
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
    });

    it("leaves a pull request of roles alone in a run that read no audit log", async () => {
      await fleet.remove();
      fleet = await GitHubFleet.create(github, "acme/roles", { ".github/netlearn.yaml": SETTINGS });
      const audit = ["--audit", path.join(SHOP, "audit.jsonl"), "--rbac", path.join(SHOP, "rbac")];
      await fleet.propose(...audit);
      const roles = fleet.of("netlearn/shop/shop/widen");
      expect(roles?.body).toContain("Writes down, for each who used it, what is allowed already");
      const { code, stderr } = await fleet.propose();
      expect(code).toBe(0);
      expect(stderr).toMatch(/netlearn\/shop\/shop\/widen held \(unread\)/u);
      expect(fleet.of("netlearn/shop/shop/widen")).toEqual(roles);
    });

    it("git rule 29: drops from a role what nothing but another request implies, once somebody ticked it", async () => {
      const audit = ["--audit", path.join(SHOP, "audit.jsonl"), "--rbac", path.join(SHOP, "rbac")];
      const WIDEN = "netlearn/shop/shop/widen";
      const roles = () => fleet.of(WIDEN);
      const file = "apps/shop/overlays/prod/netlearn/netlearn-rbac-checkout-operator.yaml";
      const listed = /deployments\n +verbs:\n +- list\n/u;
      expect(fleet.textOf(WIDEN, file)).toMatch(listed);
      github
        .human(fleet.repository, "ada")
        .tick(roles()?.number ?? 0, "checkout-operator` → `list deployments.apps in shop`");
      await fleet.propose(...audit);
      expect(fleet.textOf(WIDEN, file)).not.toMatch(listed);
      const decisions = fleet.textOf(WIDEN, ".github/netlearn-decisions.yaml");
      expect(decisions).toContain("checkout-operator:list deployments.apps in shop");
      expect(roles()?.body).toContain("rejected by ada");
      await fleet.propose(...audit);
      expect(fleet.writes()).toBe(0);
    });

    it("puts everything off where somebody pushed to the base meanwhile", async () => {
      await fleet.remove();
      fleet = await GitHubFleet.create(github, "acme/moving", { ".github/netlearn.yaml": SETTINGS });
      const push = () => github.human(fleet.repository, "ada").push("main", { "notes.md": "more\n" });
      github.faults.intercept(/upload-pack/u, async () => void push());
      const { code, stderr } = await fleet.propose();
      expect({ code, writes: fleet.writes() }).toEqual({ code: 0, writes: 0 });
      expect(stderr.match(/^netlearn\/.*deferred/gmu)).toHaveLength(3);
      expect(stderr.replaceAll(/\s+/gu, " ")).toContain("The base branch moved while this run was planning.");
      await fleet.propose();
      expect(fleet.open()).toHaveLength(3);
    });

    it("git rule 30: keeps a dashboard, and opens what somebody ticks in it", async () => {
      await fleet.remove();
      const settings = "dashboard: true\nlimits: { openPullRequests: 0 }\n";
      fleet = await GitHubFleet.create(github, "acme/board", { ".github/netlearn.yaml": settings });
      const board = () => fleet.repository.threads.find(({ pull }) => pull === undefined);
      await fleet.propose();
      expect(fleet.open()).toEqual([]);
      expect(board()?.body).toContain("### Held by a limit");
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
      github.human(fleet.repository, "ada").tick(board()?.number ?? 0, "`shop` on");
      await fleet.propose();
      expect(fleet.open().map(({ head }) => head)).toEqual([SHOP_NARROW]);
      expect(board()?.body).toContain(`pull request [${fleet.of(SHOP_NARROW)?.number}]`);
      await fleet.propose();
      expect(fleet.writes()).toBe(0);
    });
  },
);
