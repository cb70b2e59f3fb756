import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { writeFleet } from "../bench/fleet.ts";
import { netlearn } from "../end-to-end/command.ts";
import { type GitHubStandIn, startGitHub } from "../testbed/github/start.ts";

const description = inject("github");

async function filesOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const own = files.filter((file) => !path.relative(root, file).startsWith(".git/"));
  return Object.fromEntries(
    await Promise.all(own.map(async (file) => [path.relative(root, file), await readFile(file, "utf8")] as const)),
  );
}

describe.skipIf(description.state === "absent")(
  "500 workloads on GitHub (skipped without GitHub's description)",
  () => {
    let github: GitHubStandIn;
    let folder = "";

    beforeAll(async () => {
      if (description.state === "absent") throw new Error(description.why);
      github = await startGitHub(description);
      folder = await mkdtemp(path.join(tmpdir(), "netlearn-large-"));
    });
    afterAll(async () => {
      await github?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it("git rule 6: at most 3 reads and no write where nothing changed", async () => {
      const [fleet, flows, token] = ["fleet", "flows.jsonl", "token"].map((name) => path.join(folder, name));
      if (fleet === undefined || flows === undefined || token === undefined) throw new Error("no folder");
      const made = writeFleet(fleet, { namespaces: 25, workloads: 20, manifests: 1000 });
      await writeFile(flows, made.flows);
      await writeFile(token, github.tokens.app);
      const { stdout } = await netlearn(["propose", flows, "--repo", fleet, "-o", "patch"]);
      execFileSync("git", ["init", "-q", fleet]);
      execFileSync("git", ["-C", fleet, "apply"], { input: stdout });
      github.createRepository("acme/large", { ...(await filesOf(fleet)), ".github/netlearn.yaml": "" });
      github.faults.clear();
      const where = ["--repo", github.gitUrl("acme/large"), "--github-api-url", github.baseUrl, "--token-file", token];
      const outcome = await netlearn(["propose", flows, ...where, "-o", "pull-request"]);
      expect(outcome.code).toBe(0);
      expect(outcome.stderr).toContain("Nothing is to be changed.");
      expect(github.faults.calls.filter(({ isWrite }) => isWrite)).toEqual([]);
      const operations = github.faults.calls.map(({ operation }) => operation);
      // Beside what git itself asks to fetch the base.
      expect(operations.filter((operation) => !operation.startsWith("git "))).toEqual(Array(3).fill("graphql query"));
      expect(github.violations.splice(0)).toEqual([]);
    }, 300_000);
  },
);
