import { execFileSync, spawnSync } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import type { PolicyRule } from "../../src/model/rbac.ts";
import { netlearn, type Outcome, ROOT } from "./command.ts";

const SHOP = path.join(ROOT, "examples/shop");
const FLOWS = path.join(SHOP, "flows.jsonl");
const INPUTS = [FLOWS, "--manifests", path.join(SHOP, "manifests")];
const WITH_ROLES = [...INPUTS, "--audit", path.join(SHOP, "audit.jsonl"), "--rbac", path.join(SHOP, "rbac")];

const hasKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0;

/** What was made is removed in the end. */
const made: string[] = [];

afterAll(async () => {
  await Promise.all(made.map(async (folder) => rm(folder, { recursive: true })));
});

/** A clone of the example's repository. */
async function fleet(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-fleet-"));
  made.push(folder);
  await cp(path.join(ROOT, "examples/fleet"), folder, { recursive: true });
  git(folder, "init", "-q", "-b", "main");
  commit(folder);
  return folder;
}

function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", folder, ...args], { encoding: "utf8" });
}

function commit(folder: string): void {
  git(folder, "add", "-A");
  git(folder, "-c", "user.name=Jane", "-c", "user.email=jane@example.com", "commit", "-q", "-m", "state");
}

function apply(folder: string, patch: string): void {
  execFileSync("git", ["-C", folder, "apply"], { input: patch });
}

async function propose(folder: string, ...more: readonly string[]): Promise<Outcome> {
  return await netlearn(["propose", ...INPUTS, "--repo", folder, ...more]);
}

/** Lines are broken where the terminal ends. */
function unwrapped(text: string): string {
  return text.replaceAll(/\s+/gu, " ");
}

function rendered(folder: string, overlay: string): string {
  return execFileSync("kubectl", ["kustomize", path.join(folder, overlay)], { encoding: "utf8" });
}

describe("netlearn propose on the bundled repository", () => {
  let folder = "";
  let before = "";
  let outcome: Outcome;
  const overlay = async () => await readFile(path.join(folder, "apps/shop/overlays/prod/kustomization.yaml"), "utf8");

  beforeAll(async () => {
    folder = await fleet();
    before = await overlay();
    outcome = await propose(folder, "--output", "patch");
    apply(folder, outcome.stdout);
  });

  it("prints a patch that git apply takes, and what it means beside it", async () => {
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toContain("netlearn/shop/shop/narrow");
    expect(outcome.stderr).toContain("nothing that was seen is cut");
    expect(await overlay()).toBe(before.replace("  - ../../base\n", "  - ../../base\n  - netlearn\n"));
    const status = git(folder, "status", "--porcelain", "--untracked-files=all").trim().split("\n");
    expect(status).toHaveLength(14);
    expect(status.join("\n")).not.toContain("staging");
  });

  it("proposes nothing once that is merged", async () => {
    commit(folder);
    const again = await propose(folder, "--output", "patch");
    expect(again).toMatchObject({ code: 0, stdout: "" });
    expect(again.stderr).toContain("Nothing is to be changed.");
  });

  it.runIf(process.env["CI"] === "true")("kubectl is there under CI", () => {
    expect(hasKubectl, "kubectl is not on PATH: install it, else nothing renders what was proposed").toBe(true);
  });

  it.skipIf(!hasKubectl)("says that kubectl rendered it (skipped where kubectl is not on PATH)", () => {
    expect(
      unwrapped(outcome.stderr).match(/rendered with netlearn,[^/]*kubectl kustomize v\d+\.\d+\.\d+/gu),
    ).toHaveLength(2);
    expect(outcome.stderr).not.toContain("not verified");
  });

  it.skipIf(!hasKubectl)("kubectl kustomize renders it (skipped where kubectl is not on PATH)", () => {
    const policies = rendered(folder, "apps/shop/overlays/prod").match(/^kind: NetworkPolicy$/gmu);
    expect(policies).toHaveLength(8);
    expect(rendered(folder, "platform/monitoring")).toContain("netlearn-prometheus");
    expect(rendered(folder, "apps/shop/overlays/staging")).not.toContain("NetworkPolicy");
  });
});

describe("netlearn propose", () => {
  it("git rule 26: brings roles first, and policies once they are merged", async () => {
    const folder = await fleet();
    const args = ["propose", ...WITH_ROLES, "--repo", folder, "-o", "patch"];
    const first = await netlearn(args);
    expect(first.stderr).toMatch(/netlearn\/shop\/shop\/narrow held \(earlier-stage\)/u);
    expect(first.stdout).toContain("netlearn-rbac-checkout-operator.yaml");
    expect(first.stdout).not.toContain("netlearn-cart.yaml");
    apply(folder, first.stdout);
    commit(folder);
    const second = await netlearn(args);
    expect(second.stdout).toContain("netlearn-cart.yaml");
    apply(folder, second.stdout);
    commit(folder);
    expect((await netlearn(args)).stdout).toBe("");
  });

  it("git rule 26: denies by default last", async () => {
    const folder = await fleet();
    const first = await propose(folder, "--default-deny", "-o", "patch");
    expect(first.stderr).toMatch(/netlearn\/shop\/shop\/enforce held \(earlier-stage\)/u);
    const entry = `- {cluster: "shop", namespace: "default", path: "FOLDER"}`;
    expect(unwrapped(first.stderr)).toContain(`below mappings: in .github/netlearn.yaml: ${entry}`);
    // What the stage before it lets through is not told as cut.
    expect(unwrapped(first.stderr).match(/deny by default: [^;]*; nothing that was seen is cut/gu)).toHaveLength(3);
    apply(folder, first.stdout);
    commit(folder);
    const { stdout, stderr } = await propose(folder, "--default-deny", "-o", "patch");
    expect(stderr).toContain("netlearn/shop/shop/enforce");
    expect(stdout).toContain("default-deny");
    apply(folder, stdout);
    commit(folder);
    expect((await propose(folder, "--default-deny", "-o", "patch")).stdout).toBe("");
  });

  it("git rule 26: denies nothing by default where it would cut what a person has to write down first", async () => {
    const folder = await fleet();
    const workloads = [
      "cart",
      "catalog",
      "checkout",
      "checkout-operator",
      "db",
      "frontend",
      "payments",
      "redis",
      "report",
    ];
    const mappings = [
      "mappings:",
      "  - {namespace: shop, path: policies}",
      ...workloads.map((workload) => `  - {namespace: shop, workload: ${workload}, path: odd}`),
    ];
    await mkdir(path.join(folder, "policies"));
    await mkdir(path.join(folder, "odd"));
    await mkdir(path.join(folder, ".github"), { recursive: true });
    await writeFile(path.join(folder, "policies/README.md"), "Policies of namespaces.\n");
    await writeFile(path.join(folder, "odd/kustomization.yaml"), "x-all: &all [a.yaml]\nresources: *all\n");
    await writeFile(path.join(folder, "odd/a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    await writeFile(path.join(folder, ".github/netlearn.yaml"), `${mappings.join("\n")}\n`);
    commit(folder);
    const { stdout, stderr } = await propose(folder, "--default-deny", "-o", "patch");
    expect(stderr).toMatch(/netlearn\/shop\/shop\/narrow blocked \(by-hand\)/u);
    expect(stderr).toMatch(/netlearn\/shop\/shop\/enforce held \(earlier-stage\)/u);
    expect(stdout).not.toContain("policies/");
  });

  it("shows everything and writes nothing without --output, and with --dry-run", async () => {
    const folder = await fleet();
    const shown = await propose(folder);
    const dry = await propose(folder, "--output", "dir", "--dry-run");
    expect(shown.stdout).toContain("+++ b/platform/ingress/netlearn-ingress-nginx.yaml");
    expect(dry.stdout).toBe(shown.stdout);
    expect(git(folder, "status", "--porcelain")).toBe("");
  });

  it("changes the files of the directory, which may have other changes, and says so", async () => {
    const folder = await fleet();
    await writeFile(path.join(folder, "apps/shop/overlays/prod/notes.md"), "mine\n");
    const { code, stderr, stdout } = await propose(folder, "--output", "dir");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(stderr).toContain("14 files changed");
    expect(stderr).toContain("not committed");
    expect(await readFile(path.join(folder, "apps/shop/overlays/prod/notes.md"), "utf8")).toBe("mine\n");
    expect((await propose(folder, "--output", "dir")).stderr).toContain("Nothing is to be changed.");
  });

  it("goes on beside broken YAML and a file of 100 MB", async () => {
    const folder = await fleet();
    await writeFile(path.join(folder, "apps/broken.yaml"), "a: [b\n c: }");
    await writeFile(path.join(folder, "dump.yaml"), "");
    await truncate(path.join(folder, "dump.yaml"), 100 * 1024 * 1024);
    const { code, stdout } = await propose(folder, "-o", "patch");
    expect(code).toBe(0);
    expect(stdout.match(/^diff --git/gmu)).toHaveLength(14);
  });

  it("git rule 23: leaves alone what somebody edited, and says what to write", async () => {
    const folder = await fleet();
    apply(folder, (await propose(folder, "-o", "patch")).stdout);
    const file = path.join(folder, "apps/shop/overlays/prod/netlearn/netlearn-db.yaml");
    await writeFile(file, `# mine\n${(await readFile(file, "utf8")).replace("5432", "5433")}`);
    commit(folder);
    const { code, stdout, stderr } = await propose(folder, "-o", "patch");
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    expect(unwrapped(stderr)).toContain("is not as netlearn wrote it");
  });

  it.skipIf(!hasKubectl)(
    "git rule 24: leaves out what a patch of people makes something else of (skipped where kubectl is not on PATH)",
    async () => {
      const folder = await fleet();
      const file = path.join(folder, "apps/shop/overlays/prod/kustomization.yaml");
      const patch =
        "  - target: {kind: NetworkPolicy}\n    patch: |\n      - op: remove\n        path: /spec/podSelector\n";
      await writeFile(file, `${await readFile(file, "utf8")}\npatches:\n${patch}`);
      commit(folder);
      const { code, stdout, stderr } = await propose(folder, "-o", "patch");
      expect(code).toBe(0);
      expect(unwrapped(stderr)).toMatch(
        /netlearn\/shop\/shop\/narrow blocked \(render-differs\): With kubectl kustomize v\S+ NetworkPolicy shop\/netlearn-cart of/u,
      );
      expect(stdout).toContain("netlearn-prometheus.yaml");
      expect(stdout).not.toContain("netlearn-cart");
    },
  );

  it.each(["shop/report->shop/db:5432", "shop/report -> shop/db:5432/TCP", "shop/report"])(
    "git rule 29: drops what somebody rejected as %s, and says who",
    async (what) => {
      const folder = await fleet();
      const entry = `  - reject: "${what}"\n    who: jane\n    why: it moves away\n    on: 2026-03-01\n`;
      await mkdir(path.join(folder, ".github"));
      await writeFile(path.join(folder, ".github/netlearn-decisions.yaml"), `decisions:\n${entry}`);
      commit(folder);
      const { code, stdout, stderr } = await propose(folder, "-o", "patch");
      expect(code).toBe(0);
      expect(unwrapped(stderr)).toContain("cut: shop/report -> shop/db TCP/5432, jane: it moves away");
      expect(stdout).not.toMatch(/^\+ +app.kubernetes.io\/name: report\n\+ +ports/mu);
    },
  );

  it.each([
    ["that was used", "patch", "deployments.apps/scale", ["get"]],
    ["that is implied by what was used", "list", "deployments.apps", ["watch"]],
    ["that was used and is implied as well", "create", "leases.coordination.k8s.io", ["get", "update"]],
  ])("git rule 29: leaves out of a role what somebody rejected %s", async (_, verb, resource, left) => {
    const folder = await fleet();
    const what = `system:serviceaccount:shop:checkout-operator:${verb} ${resource} in shop`;
    await mkdir(path.join(folder, ".github"));
    const entry = `  - reject: "${what}"\n    who: jane\n    why: people do it\n    on: 2026-03-01\n`;
    await writeFile(path.join(folder, ".github/netlearn-decisions.yaml"), `decisions:\n${entry}`);
    const { code, stdout, stderr } = await netlearn(["propose", ...WITH_ROLES, "--repo", folder, "-o", "patch"]);
    expect(code).toBe(0);
    expect(stderr).not.toContain("rejects a request");
    apply(folder, stdout);
    const file = path.join(folder, "apps/shop/overlays/prod/netlearn/netlearn-rbac-checkout-operator.yaml");
    const rules: readonly PolicyRule[] = parseAllDocuments(await readFile(file, "utf8")).flatMap(
      (document) => document.toJS().rules ?? [],
    );
    const name = resource.replace(/\.[^/]*/u, "");
    const verbs = rules.flatMap((rule) => (rule.resources?.includes(name) === true ? rule.verbs : []));
    expect(verbs).toEqual(left);
  });

  it("git rule 9: pushes branches to a plain remote, never to its base, and once", async () => {
    const clone = await fleet();
    const remote = await mkdtemp(path.join(tmpdir(), "netlearn-remote-"));
    made.push(remote);
    execFileSync("git", ["clone", "-q", "--bare", clone, remote]);
    const before = git(remote, "rev-parse", "main");
    const first = await propose(remote, "-o", "branch");
    expect(first.code).toBe(0);
    const refs = git(remote, "for-each-ref", "--format=%(refname)", "refs/heads/netlearn").trim().split("\n");
    expect(refs).toEqual(["ingress", "monitoring", "shop"].map((name) => `refs/heads/netlearn/shop/${name}/narrow`));
    expect(git(remote, "rev-parse", "main")).toBe(before);
    const heads = git(remote, "for-each-ref");
    expect((await propose(remote, "-o", "branch")).code).toBe(0);
    expect(git(remote, "for-each-ref")).toBe(heads);
  });

  it("places what nothing tells where a mapping says", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "netlearn-empty-"));
    made.push(folder);
    await writeFile(path.join(folder, "README.md"), "# empty\n");
    const lost = await propose(folder, "-o", "patch");
    expect(lost).toMatchObject({ code: 0, stdout: "" });
    expect(lost.stderr).toContain(".github/netlearn.yaml");
    await mkdir(path.join(folder, ".github"));
    await writeFile(
      path.join(folder, ".github/netlearn.yaml"),
      "mappings:\n  - namespace: shop\n    path: policies/shop\n",
    );
    const found = await propose(folder, "-o", "patch");
    expect(found.stdout.match(/^\+\+\+ b\/policies\/shop\/netlearn-[a-z]+\.yaml$/gmu)).toHaveLength(8);
  });

  it.each([
    [["--repo", "nowhere"], "there is no such directory", 3],
    [["--repo", "https://git.example/fleet.git", "--output", "dir"], "--repo names none", 2],
    [["--output", "mail"], "patch", 2],
  ])("says what is wrong with %j", async (args, message, code) => {
    const outcome = await netlearn(["propose", FLOWS, ...args]);
    expect(unwrapped(outcome.stderr)).toContain(message);
    expect(outcome.code).toBe(code);
  });

  it("refuses settings of the repository that can't be read, with their line", async () => {
    const folder = await fleet();
    await mkdir(path.join(folder, ".github"));
    await writeFile(path.join(folder, ".github/netlearn.yaml"), "limits:\n  openPullRequest: 3\n");
    const { code, stderr } = await propose(folder);
    expect(stderr).toContain(".github/netlearn.yaml:2");
    expect(code).toBe(2);
  });
});

it("goes where the live workload says that it was applied from", async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "netlearn-live-"));
  made.push(folder);
  await mkdir(path.join(folder, "a"), { recursive: true });
  await mkdir(path.join(folder, "b"), { recursive: true });
  const redis = await readFile(path.join(SHOP, "manifests/redis.yaml"), "utf8");
  // Two folders hold the same StatefulSet: only the tool's own mark tells which one is the live one's.
  await writeFile(path.join(folder, "a/redis.yaml"), redis);
  await writeFile(path.join(folder, "b/redis.yaml"), redis);
  const application = (name: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec:\n  source: {repoURL: "https://git.example/fleet", path: ${name}}\n  destination: {server: "https://kubernetes.default.svc", namespace: shop}\n`;
  await writeFile(path.join(folder, "apps.yaml"), `${application("a")}---\n${application("b")}`);
  const args = ["propose", FLOWS, "--repo", folder, "-n", "shop", "-o", "patch"];
  expect((await netlearn(args)).stdout).not.toContain("netlearn-redis.yaml");
  const live = path.join(folder, "../", `${path.basename(folder)}.yaml`);
  made.push(live);
  const id = "b:apps/StatefulSet:shop/redis";
  await writeFile(
    live,
    redis.replace("metadata:\n", `metadata:\n  annotations: {argocd.argoproj.io/tracking-id: "${id}"}\n`),
  );
  const { stdout } = await netlearn([...args, "--manifests", live]);
  expect(stdout).toContain("+++ b/b/netlearn-redis.yaml");
});
