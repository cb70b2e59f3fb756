import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Suggestion } from "../../src/pipeline.ts";
import { NO_REVIEW, SHOP_USES, someAccessGraph, someRoles } from "../support/access-fixtures.ts";
import { NO_ACCESS, SOME_FACTS, someGraph, someReading, someSuggestion } from "../support/fixtures.ts";
import { type Run, type RunOptions, run } from "./world.ts";

let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "netlearn-access-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const NO_FLOWS = {
  graph: someGraph({ workloads: [], edges: [], denied: [], quarantine: [], facts: { ...SOME_FACTS, records: 0 } }),
  reading: someReading({ records: 0, used: 0, setAside: {}, rejected: [] }),
  files: [],
} as const;

function audited(over: Partial<Suggestion> = {}): Suggestion {
  return someSuggestion({ ...NO_FLOWS, access: someAccessGraph(), accessSuggestion: someRoles(), ...over });
}

async function netlearn(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  return await run(args, { suggestion: audited(), ...options, io: { cwd: directory, ...options.io } });
}

const oneLine = (text: string): string => text.replaceAll(/\s+/gu, " ");

describe("netlearn access", () => {
  it("prints who reached what, and a summary beside it", async () => {
    const { code, stdout, stderr } = await netlearn(["access", "audit.log"]);
    expect(code).toBe(0);
    expect(stdout).toContain("\nshop: 3 identities, 14 refused requests\n");
    expect(stderr).toContain("Audit       4,321 events");
    expect(stderr).not.toContain("Suggested");
  });

  it("without inputs says what to give", async () => {
    const { code, stdout, stderr, asked } = await netlearn(["access"]);
    expect({ code, stdout, asked }).toEqual({ code: 2, stdout: "", asked: [] });
    expect(oneLine(stderr)).toContain("audit events, for example: netlearn access audit.log");
  });

  it("reads what --audit names too", async () => {
    const { asked } = await netlearn(["access", "a.log", "--audit", "b.log", "--audit", "c/", "--rbac", "rbac.yaml"]);
    expect(asked[0]).toMatchObject({ inputs: ["a.log", "b.log", "c/"], options: { rbac: ["rbac.yaml"] } });
  });

  it("keeps to namespaces by name, and says so of the rest", async () => {
    const { stdout } = await netlearn(["access", "audit.log", "-n", "dev"]);
    expect(stdout).not.toContain("\nshop");
    expect(stdout).toContain("all namespaces, and what belongs to none");
  });

  it("keeps to namespaces by label", async () => {
    const review = {
      ...NO_REVIEW,
      namespaces: new Map([
        ["shop", { env: "prod" }],
        ["dev", { env: "dev" }],
      ]),
    };
    const args = ["access", "audit.log", "--manifests", "ns.yaml", "-l"];
    expect((await netlearn([...args, "env=prod"], { review })).stdout).toContain("\nshop: ");
    expect((await netlearn([...args, "env=dev"], { review })).stdout).not.toContain("\nshop: ");
    const none = await netlearn([...args, "env=test"], { review });
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(oneLine(none.stderr)).toContain("no known namespace has the labels that --selector asks for");
    expect(oneLine(none.stderr)).toContain("Namespaces whose labels are known: shop, dev.");
  });

  it("asks for namespaces before it looks for labels", async () => {
    const { code, stderr, asked } = await netlearn(["access", "audit.log", "-l", "env=prod"]);
    expect({ code, asked }).toEqual({ code: 2, asked: [] });
    expect(oneLine(stderr)).toContain("--selector asks for labels of namespaces, and nothing tells them");
  });

  it.each([
    ["json", '"format": "netlearn-access"'],
    ["markdown", "# Who used the API"],
  ])("prints %s, also to a file", async (format, expected) => {
    const printed = await netlearn(["access", "audit.log", "--format", format]);
    expect(printed.stdout).toContain(expected);
    const written = await netlearn(["access", "audit.log", "--format", format, "-o", "who.out"]);
    expect(written.stdout).toBe("");
    expect(await readFile(path.join(directory, "who.out"), "utf8")).toBe(printed.stdout);
  });

  it("counts what is unused from the end of the log, not from now", async () => {
    const late = { io: { cwd: directory, now: () => Date.UTC(2036, 0, 1) } };
    expect((await netlearn(["access", "audit.log", "--unused-for", "3d"], late)).stdout).not.toContain("RISK");
    const old = someAccessGraph({ window: { first: 0, last: Date.UTC(2026, 5, 1) } });
    const { stdout } = await netlearn(["access", "audit.log", "--unused-for", "90d"], {
      suggestion: audited({ access: old }),
    });
    expect(stdout).toContain("read-secrets");
  });

  it("colours a terminal alone, and never a file", async () => {
    await netlearn(["access", "audit.log", "--color", "always", "-o", "who.txt"]);
    expect(await readFile(path.join(directory, "who.txt"), "utf8")).not.toContain("\u001b");
    expect((await netlearn(["access", "audit.log", "--color", "always"])).stdout).toContain("\u001b[");
  });

  it("prints records for machines", async () => {
    const { stderr } = await netlearn(["access", "audit.log", "--log-format", "json"]);
    const records = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(records.find(({ event }) => event === "access")).toMatchObject({ events: 4321, identities: 3, denied: 1 });
  });
});

describe("an input that shows no use of the API", () => {
  const facts = { events: 5, withDecision: 0, setAside: { "request-received": 5 }, origins: [] };

  it.each([
    [
      "nothing at all",
      { access: NO_ACCESS, reading: someReading({ records: 0, bytes: 12 }) },
      "no audit event was found in audit.log",
    ],
    [
      "flows alone",
      { access: NO_ACCESS, reading: someReading({ records: 7 }) },
      "there is no audit event among the inputs, only 7 flow records",
    ],
    ["RequestReceived alone", { access: { ...NO_ACCESS, facts } }, "most are of the stage RequestReceived"],
  ])("with %s is said so", async (_name, over, message) => {
    const { code, stdout, stderr } = await netlearn(["access", "audit.log"], { suggestion: audited(over) });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(oneLine(stderr)).toContain(message);
  });

  it("is shown where everything was refused, and suggests nothing", async () => {
    const refused = audited({
      access: someAccessGraph({ uses: [SHOP_USES.malloryRefused] }),
      accessSuggestion: someRoles({ policies: { ...someRoles().policies, roles: [] }, files: [] }),
    });
    expect((await netlearn(["access", "audit.log"], { suggestion: refused })).stdout).toContain("refused");
    const { code, stdout, stderr } = await netlearn(["suggest", "audit.log"], { suggestion: refused });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(oneLine(stderr)).toContain("shows a request that was let through: all were refused");
  });

  it.each([["graph"], ["explain", "--to", "shop/cart"]])(
    "netlearn %s on audit logs alone points elsewhere",
    async (command, ...flags) => {
      const { code, stdout, stderr } = await netlearn([command ?? "", "audit.log", ...flags]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(oneLine(stderr)).toContain("only 4,321 audit events, and this command is about flows");
      expect(oneLine(stderr)).toContain("netlearn access shows who used the API");
    },
  );
});

describe("netlearn suggest with audit logs", () => {
  it("prints roles and bindings, and no policies where there are no flows", async () => {
    const { code, stdout, stderr, asked } = await netlearn([
      "suggest",
      "--audit",
      "audit.log",
      "--grant",
      "a:get x",
      "--min-days",
      "0",
      "--no-idioms",
      "--applier",
      "argocd/app",
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(someRoles().files[0]?.yaml);
    expect(stderr).toContain("Roles       1 role with 2 rules");
    expect(asked[0]).toMatchObject({
      inputs: ["audit.log"],
      options: { grant: ["a:get x"], minDays: 0, idioms: false, applier: "argocd/app" },
    });
  });

  it("prints both where there are both, as one stream", async () => {
    const both = someSuggestion({ access: someAccessGraph(), accessSuggestion: someRoles() });
    const { stdout } = await netlearn(["suggest", "flows.jsonl", "--audit", "audit.log"], { suggestion: both });
    expect(stdout.match(/^kind: .*$/gmu)).toEqual([
      "kind: NetworkPolicy",
      "kind: NetworkPolicy",
      "kind: NetworkPolicy",
      "kind: Role",
    ]);
    expect(stdout.split("\n---\n")).toHaveLength(4);
  });

  it("writes nothing when the proof of the roles failed", async () => {
    const proof = {
      ...someRoles().proof,
      newPower: [{ subject: { kind: "Group" as const, name: "ops" }, attributes: SHOP_USES.cartReads.attributes }],
    };
    const broken = audited({ accessSuggestion: someRoles({ proof }) });
    const result = await netlearn(
      ["suggest", "audit.log", "-o", "out", "--report", "r.md", "--remove-replaced", "old.yaml"],
      { suggestion: broken },
    );
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toContain("NETLEARN_PROOF_BROKEN");
    expect(await readdir(directory)).toEqual([]);
  });

  it("leaves files of the other half alone when it prunes", async () => {
    const both = someSuggestion({ access: someAccessGraph(), accessSuggestion: someRoles() });
    await netlearn(["suggest", "x", "-o", "out"], { suggestion: both });
    await netlearn(["suggest", "audit.log", "-o", "out", "--prune"], { suggestion: audited() });
    expect((await readdir(path.join(directory, "out/shop"))).toSorted()).toEqual([
      "cart.yaml",
      "frontend.yaml",
      "payments.yaml",
      "rbac-cart.yaml",
    ]);
    await netlearn(["suggest", "flows.jsonl", "-o", "out", "--prune"], { suggestion: someSuggestion() });
    expect(await readdir(path.join(directory, "out/shop"))).toContain("rbac-cart.yaml");
    const noRoles = someRoles({ files: [] });
    await netlearn(["suggest", "audit.log", "-o", "out", "--prune"], {
      suggestion: audited({ accessSuggestion: noRoles }),
    });
    expect(await readdir(path.join(directory, "out/shop"))).not.toContain("rbac-cart.yaml");
  });

  it("writes what may be removed, and what only loses subjects, to files of their own", async () => {
    const replaced = someRoles({ removals: "kind: RoleBinding\n", edits: "kind: ClusterRoleBinding\n" });
    const { stderr } = await netlearn(["suggest", "audit.log", "--remove-replaced", "old.yaml"], {
      suggestion: audited({ accessSuggestion: replaced }),
    });
    expect(await readFile(path.join(directory, "old.yaml"), "utf8")).toBe("kind: RoleBinding\n");
    expect(await readFile(path.join(directory, "old-kept-subjects.yaml"), "utf8")).toBe("kind: ClusterRoleBinding\n");
    expect(oneLine(stderr)).toContain("bindings that keep some subjects, for kubectl apply -f");
  });

  it("says in the file that nothing may be removed yet", async () => {
    await netlearn(["suggest", "audit.log", "--remove-replaced", "old.yaml"]);
    expect(await readFile(path.join(directory, "old.yaml"), "utf8")).toMatch(/^# No binding in force/u);
  });

  it("prints records for machines", async () => {
    const { stderr } = await netlearn(["suggest", "audit.log", "--log-format", "json"]);
    const records = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(records.find(({ event }) => event === "roles")).toMatchObject({
      roles: 1,
      rules: 2,
      bindings: 1,
      risks: { "read-secrets": 1 },
    });
    expect(records.find(({ event }) => event === "roles-proof")).toMatchObject({ judged: 4, cut: 0, newPower: 0 });
  });
});
