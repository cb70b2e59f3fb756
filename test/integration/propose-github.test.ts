import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { netlearn, type Outcome, ROOT } from "../end-to-end/command.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";
import type { HostedRepository } from "../testbed/github/world.ts";

const description = inject("github");
const SHOP = path.join(ROOT, "examples/shop");
const SHOP_NARROW = "netlearn/shop/shop/narrow";
const SETTINGS = "limits:\n  createdPerHour: 10\n  openPullRequests: 10\nlabels: [netlearn]\n";

/** The example's repository, by path. */
async function fleetFiles(): Promise<Record<string, string>> {
  const root = path.join(ROOT, "examples/fleet");
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map(async (file) => [path.relative(root, file), await readFile(file, "utf8")]));
  return Object.fromEntries(texts);
}

describe.skipIf(description.state === "absent")(
  "netlearn propose on GitHub (skipped without GitHub's description)",
  () => {
    let github: GitHubStandIn;
    let repository: HostedRepository;
    let folder = "";

    beforeAll(async () => {
      if (description.state === "absent") throw new Error(description.why);
      github = await startGitHub(description);
      repository = github.createRepository("acme/fleet", await fleetFiles());
      folder = await mkdtemp(path.join(tmpdir(), "netlearn-propose-"));
      await writeFile(path.join(folder, "token"), `${github.tokens.app}\n`);
    });
    afterAll(async () => {
      await github?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    async function propose(...more: readonly string[]): Promise<Outcome> {
      github.faults.clear();
      const inputs = [path.join(SHOP, "flows.jsonl"), "--manifests", path.join(SHOP, "manifests")];
      const where = ["--repo", github.gitUrl(`acme/${repository.name}`), "--github-api-url", github.baseUrl];
      const token = ["--token-file", path.join(folder, "token"), "--repo-cache", path.join(folder, "cache")];
      const outcome = await netlearn(["propose", ...inputs, ...where, ...token, "-o", "pull-request", ...more]);
      expect(github.violations.splice(0)).toEqual([]);
      expect(outcome.stderr + outcome.stdout).not.toContain(github.tokens.app);
      return outcome;
    }

    const writes = (): number => github.faults.calls.filter(({ isWrite }) => isWrite).length;
    const open = () =>
      repository.threads.flatMap(({ state, number, body, pull }) =>
        state === "open" && pull !== undefined ? [{ number, body, head: pull.head }] : [],
      );
    const textOf = (branch: string, file: string): string =>
      execFileSync("git", ["-C", repository.git.folder, "show", `${branch}:${file}`], { encoding: "utf8" });
    const of = (branch: string) => open().find(({ head }) => head === branch);

    it("git rule 32: shows with --dry-run what it would ask for, and asks for nothing", async () => {
      const { code, stdout, stderr } = await propose("--dry-run");
      expect(code).toBe(0);
      expect(stderr.replaceAll(/\s+/gu, " ")).toContain(
        "open a pull request into main: chore(netlearn): add the settings of netlearn",
      );
      expect(stdout).toContain("+++ b/.github/netlearn.yaml");
      expect(writes()).toBe(0);
    });

    it("git rule 31: asks first, with one pull request that changes nothing else", async () => {
      const { code } = await propose();
      expect(code).toBe(0);
      expect(open().map(({ head }) => head)).toEqual(["netlearn/onboarding"]);
      expect(open()[0]?.body).toContain("3 pull requests");
      await propose();
      expect(writes()).toBe(0);
    });

    it("opens one pull request a unit once that is merged, and a second run writes nothing", async () => {
      const [onboarding] = open();
      const human = github.human(repository, "ada");
      human.push("netlearn/onboarding", { ".github/netlearn.yaml": SETTINGS });
      human.merge(onboarding?.number ?? 0);
      const { code, stderr } = await propose();
      expect(code).toBe(0);
      expect(
        open()
          .map(({ head }) => head)
          .toSorted(),
      ).toEqual(["netlearn/shop/ingress/narrow", "netlearn/shop/monitoring/narrow", SHOP_NARROW]);
      expect(stderr).toContain(`/pull/${of(SHOP_NARROW)?.number}`);
      await propose();
      expect(writes()).toBe(0);
      expect(github.faults.calls.length).toBeLessThanOrEqual(3);
    });

    it("git rule 29: drops a line that a reader ticked, and writes the decision into the same pull request", async () => {
      const pull = of(SHOP_NARROW);
      github.human(repository, "ada").tick(pull?.number ?? 0, "`shop/report` → `shop/db`");
      const { code } = await propose();
      expect(code).toBe(0);
      const decisions = textOf(SHOP_NARROW, ".github/netlearn-decisions.yaml");
      expect(decisions).toContain("reject: shop/report->shop/db:5432/TCP");
      expect(decisions).toContain("who: ada");
      expect(textOf(SHOP_NARROW, "apps/shop/overlays/prod/netlearn/netlearn-db.yaml")).not.toContain("report");
      expect(of(SHOP_NARROW)?.body).toContain("ticked in");
      await propose();
      expect(writes()).toBe(0);
    });

    it("proposes nothing more once everything is merged", async () => {
      const human = github.human(repository, "ada");
      for (const { number } of open()) human.merge(number, "squash");
      const { code, stderr } = await propose();
      expect(code).toBe(0);
      expect(open()).toEqual([]);
      expect(stderr).not.toContain("created");
      await propose();
      expect(writes()).toBe(0);
    });

    it("leaves a pull request of roles alone in a run that read no audit log", async () => {
      repository = github.createRepository("acme/roles", {
        ...(await fleetFiles()),
        ".github/netlearn.yaml": SETTINGS,
      });
      const audit = ["--audit", path.join(SHOP, "audit.jsonl"), "--rbac", path.join(SHOP, "rbac")];
      await propose(...audit);
      const roles = of("netlearn/shop/shop/widen");
      expect(roles?.body).toContain("Writes down, for each who used it, what is allowed already");
      const { code, stderr } = await propose();
      expect(code).toBe(0);
      expect(stderr).toMatch(/netlearn\/shop\/shop\/widen held \(unread\)/u);
      expect(of("netlearn/shop/shop/widen")).toEqual(roles);
    });
  },
);
