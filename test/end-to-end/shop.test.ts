import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { netlearn, type Outcome, ROOT } from "./command.ts";

const FLOWS = "examples/shop/flows.jsonl";
const GOLDEN = path.join(ROOT, "examples/shop");

describe("netlearn on the bundled shop", () => {
  let directory = "";
  let outcome: Outcome;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-shop-"));
    outcome = await netlearn([
      "suggest",
      FLOWS,
      "-o",
      path.join(directory, "policies"),
      "--report",
      path.join(directory, "report.md"),
    ]);
  });

  afterAll(() => rm(directory, { recursive: true }));

  it("ends well and says so", () => {
    expect(outcome.stderr).toContain("52 of 52 observed edges pass");
    expect(outcome.code).toBe(0);
  });

  it.each([
    "ingress/netlearn-ingress-nginx",
    "monitoring/netlearn-prometheus",
    "shop/netlearn-cart",
    "shop/netlearn-catalog",
    "shop/netlearn-checkout",
    "shop/netlearn-db",
    "shop/netlearn-frontend",
    "shop/netlearn-payments",
    "shop/netlearn-redis",
    "shop/netlearn-report",
  ])("writes %s as it is shown in the example", async (name) => {
    const written = await readFile(path.join(directory, `policies/${name}.yaml`), "utf8");
    await expect(written).toMatchFileSnapshot(path.join(GOLDEN, `policies/${name}.yaml`));
  });

  it("writes the report that is shown in the example", async () => {
    await expect(await readFile(path.join(directory, "report.md"), "utf8")).toMatchFileSnapshot(
      path.join(GOLDEN, "report.md"),
    );
  });

  it("gives the policies on standard output when no directory is named", async () => {
    const { stdout, code } = await netlearn(["suggest", FLOWS, "--quiet"]);
    expect(code).toBe(0);
    expect(stdout.split("---\n")).toHaveLength(10);
  });

  it("draws the graph that is shown in the example", async () => {
    const { stdout } = await netlearn(["graph", FLOWS, "--quiet"]);
    await expect(stdout).toMatchFileSnapshot(path.join(GOLDEN, "graph.mmd"));
  });

  it("explains why cart may be reached", async () => {
    const { stdout, code } = await netlearn(["explain", FLOWS, "--to", "shop/cart", "--quiet"]);
    expect(code).toBe(0);
    expect(stdout).toContain("shop/frontend -> shop/cart 8080/TCP: allowed");
    expect(stdout).toContain("monitoring/prometheus -> shop/cart 9090/TCP: allowed");
  });

  it("explains why an attempt is not allowed", async () => {
    const { stdout } = await netlearn(["explain", FLOWS, "--from", "default/debug", "--to", "shop/db", "--quiet"]);
    expect(stdout).toContain("POLICY_DENIED");
    expect(stdout).not.toContain(": allowed");
  });
});

describe("netlearn on the shop's audit log", () => {
  const AUDIT = ["--audit", "examples/shop/audit.jsonl", "--rbac", "examples/shop/rbac"];
  let directory = "";
  let outcome: Outcome;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "netlearn-shop-roles-"));
    const [output, report] = [path.join(directory, "roles"), path.join(directory, "roles.md")];
    outcome = await netlearn(["suggest", ...AUDIT, "-o", output, "--report", report]);
  });

  afterAll(() => rm(directory, { recursive: true }));

  it("ends well and says so", () => {
    expect(outcome.stderr).toMatch(/\d+ needs judged, none refused/u);
    expect(outcome.code).toBe(0);
  });

  it("writes the roles that are shown in the example, and no other", async () => {
    const shown = path.join(GOLDEN, "roles");
    const written = await readdir(path.join(directory, "roles"), { recursive: true });
    const files = written.filter((file) => file.endsWith(".yaml")).toSorted();
    for (const file of files) {
      const text = await readFile(path.join(directory, "roles", file), "utf8");
      await expect(text).toMatchFileSnapshot(path.join(shown, file));
    }
    const names = await readdir(shown, { recursive: true });
    expect(files).toEqual(names.filter((file) => file.endsWith(".yaml")).toSorted());
  });

  it("writes the report that is shown in the example", async () => {
    const report = await readFile(path.join(directory, "roles.md"), "utf8");
    await expect(report).toMatchFileSnapshot(path.join(GOLDEN, "roles.md"));
  });

  it("keeps the names of what stands in manifests", async () => {
    const scale = /deployments\/scale\n(?<names> +resourceNames:\n +- checkout\n)? +verbs:/u;
    const alone = await netlearn(["suggest", ...AUDIT, "--quiet"]);
    expect(scale.exec(alone.stdout)?.groups).toEqual({ names: undefined });
    const beside = await netlearn(["suggest", ...AUDIT, "--manifests", "examples/shop/manifests", "--quiet"]);
    expect(scale.exec(beside.stdout)?.groups?.["names"]).toContain("checkout");
  });

  it("grants nothing to who was refused", async () => {
    const { stdout } = await netlearn(["suggest", ...AUDIT, "--quiet"]);
    expect(stdout).not.toMatch(/frontend:|name: frontend$/mu);
    expect(stdout).not.toContain("secrets");
  });
});
