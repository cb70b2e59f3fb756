import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as pipeline from "../../src/pipeline.ts";
import { run, Sink } from "./world.ts";

const SHOP = path.resolve(import.meta.dirname, "../../examples/shop");
let cwd = "";

beforeEach(() => {
  cwd = mkdtempSync(path.join(tmpdir(), "netlearn-check-"));
});

afterEach(() => rmSync(cwd, { recursive: true }));

function write(file: string, text: string | Buffer): void {
  const absolute = path.join(cwd, file);
  mkdirSync(path.dirname(absolute), { recursive: true });
  writeFileSync(absolute, text);
}

async function check(...argv: readonly string[]): ReturnType<typeof run> {
  return run(["check", ...argv], { io: { cwd, loadPipeline: async () => pipeline } });
}

interface Report {
  readonly findings: readonly {
    code: string;
    severity: string;
    about: string;
    file?: string;
    line?: number;
    message: string;
  }[];
  readonly skipped: Record<string, number>;
}

async function findings(...argv: readonly string[]): Promise<Report["findings"]> {
  const { stdout } = await check(...argv, "--format", "json");
  return (JSON.parse(stdout) as Report).findings;
}

function codes(found: Report["findings"]): readonly string[] {
  return found.map(({ code, file, line }) => `${code} ${file}:${line}`);
}

const DENY =
  "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n";

describe("the shop of the examples", () => {
  it("has nothing to find in the policies that netlearn wrote for it, by its own flows", async () => {
    const { code, stdout } = await check(`${SHOP}/policies`, `${SHOP}/manifests`, "--flows", `${SHOP}/flows.jsonl`);
    expect(code).toBe(0);
    expect(stdout).toContain("Findings    2 notes");
    expect(stdout).not.toContain("\u001b");
  });

  it("with one label renamed names the connections that are cut, and fails", async () => {
    for (const side of ["base", "head"]) {
      for (const part of ["policies", "manifests"])
        cpSync(path.join(SHOP, part), path.join(cwd, side, part), { recursive: true });
    }
    const file = "head/manifests/cart.yaml";
    const text = readFileSync(path.join(cwd, file), "utf8");
    // The label in the template, not the Service's selector: it is the only one so deep.
    write(file, text.replace("        app.kubernetes.io/name: cart\n", "        app.kubernetes.io/name: basket\n"));
    const change = ["--base", "base", "--head", "head", "--flows", `${SHOP}/flows.jsonl`];
    const found = await findings(...change);
    expect(found.filter(({ code }) => code === "connection-cut").map(({ about }) => about)).toEqual([
      "monitoring/prometheus -> shop/cart 9090/TCP",
      "shop/checkout -> shop/cart 8080/TCP",
      "shop/frontend -> shop/cart 8080/TCP",
      "shop/cart -> shop/redis 6379/TCP",
    ]);
    expect(codes(found)[0]).toBe("template-labels-changed head/manifests/cart.yaml:13");
    const sarif = await check(...change, "--format", "sarif");
    expect(sarif.code).toBe(1);
    expect(JSON.parse(sarif.stdout)).toMatchObject({ version: "2.1.0", runs: [{ results: { length: found.length } }] });
    const annotations = await check(...change, "--format", "github");
    expect(annotations.stdout).toMatch(
      /^::error file=head\/manifests\/cart\.yaml,line=13,title=netlearn template-labels-changed::/u,
    );
  });
});

describe("exit codes", () => {
  it.each([
    ["never", 0],
    ["error", 0],
    ["warning", 1],
    ["info", 1],
  ])("--fail-on %s with a warning gives %d", async (failOn, expected) => {
    write("a.yaml", DENY.replace("policyTypes: [Ingress]", "egress: []"));
    expect((await check("a.yaml", "--fail-on", failOn)).code).toBe(expected);
  });

  it("a warning fails unless something else is said", async () => {
    write("a.yaml", DENY.replace("policyTypes: [Ingress]", "egress: []"));
    expect((await check("a.yaml")).code).toBe(1);
    write("a.yaml", DENY);
    expect((await check("a.yaml")).code).toBe(0);
  });

  it.each([
    [[], "there is nothing to check"],
    [["--base", "a"], "nothing where it ends"],
    [["--head", "a"], "nothing where it begins"],
    [["x", "--base", "a", "--head", "b"], "both with --head and without it"],
    [["-", "--flows", "-"], "standard input can be read only once"],
    [["x", "--profile", "cillium"], "Did you mean cilium?"],
    [["x", "--format", "xml"], "text, json, sarif, github"],
  ])("%j is a usage error", async (argv, said) => {
    const { code, stderr } = await check(...argv);
    expect(code).toBe(2);
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(said);
  });
});

describe("bad input is a finding, and what lies beside it still counts", () => {
  it.each([
    ["no YAML", "a: [1\nb: }\n", "manifest-unparsable bad.yaml:2"],
    ["a binary file", Buffer.from([0x7f, 0x45, 0, 1]), "manifest-unreadable bad.yaml:1"],
    ["no UTF-8", Buffer.from([0x61, 0xff, 0xfe]), "manifest-unreadable bad.yaml:1"],
    ["a very large file", Buffer.alloc(100 * 1024 * 1024, "#"), "manifest-unreadable bad.yaml:1"],
    [
      "a Helm template",
      "kind: Deployment\nmetadata:\n  name: {{ .Values.name }}\n{{- if .x }}\n",
      "template-not-rendered bad.yaml:3",
    ],
    [
      "an alias bomb",
      `a: &a [1]\n${["b", "c", "d", "e", "f"].map((key, index) => `${key}: &${key} [${`*${"abcdef"[index]}, `.repeat(12)}]`).join("\n")}\n`,
      "manifest-unparsable bad.yaml:1",
    ],
    ["a hundred thousand brackets", "[".repeat(100_000), "manifest-unparsable bad.yaml:1"],
    [
      "a block that is none",
      DENY.replace("policyTypes: [Ingress]", "ingress: [{from: [{ipBlock: {cidr: 10.0.0.300/8}}]}]").replace(
        "deny",
        "b",
      ),
      "policy-refused bad.yaml:4",
    ],
    [
      "a policy of another shape",
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: 7\nspec: [x]\n",
      "policy-refused bad.yaml:3",
    ],
    [
      "a label that kubectl takes for a boolean",
      DENY.replace("podSelector: {}", "podSelector: {matchLabels:\n  {app: yes}}").replace("deny", "b"),
      "policy-refused bad.yaml:5",
    ],
    [
      "a port that kubectl takes for another",
      DENY.replace("policyTypes: [Ingress]", "policyTypes: [Ingress], ingress: [{ports: [\n  {port: 0443}]}]").replace(
        "deny",
        "b",
      ),
      "value-misread bad.yaml:5",
    ],
    [
      "an item of a List",
      "apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  kind: Pod\n",
      "manifest-unparsable bad.yaml:5",
    ],
    ["the same name again", DENY.replace("[Ingress]", "[Egress]"), "duplicate-object bad.yaml:3"],
    [
      "a workload without a template",
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n",
      "workload-incomplete bad.yaml:1",
    ],
    [
      "another engine's policy",
      "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: x}\n",
      "other-engine bad.yaml:1",
    ],
  ])(
    "%s",
    async (_name, text, expected) => {
      write("bad.yaml", text);
      write("good.yaml", DENY.replace("policyTypes: [Ingress]", "egress: []"));
      const found = codes(await findings("."));
      expect(found).toContain(expected);
      expect(found.some((code) => code.startsWith("policy-types-missing good.yaml"))).toBe(true);
    },
    20_000,
  );

  it("a label that kubectl takes for a boolean comes with what is written and the way out", async () => {
    write("bad.yaml", DENY.replace("podSelector: {}", "podSelector: {matchLabels: {app: yes}}"));
    const [found] = await findings("bad.yaml");
    expect(found?.message).toBe(
      'the API server would refuse this policy: spec.podSelector.matchLabels["app"]: true must be text; put it in quotes (it is written yes, and kubectl, which reads YAML 1.1, takes that for true)',
    );
    write("bad.yaml", DENY.replace("podSelector: {}", 'podSelector: {matchLabels: {app: "yes"}}'));
    expect(codes(await findings("bad.yaml"))).not.toContain("policy-refused bad.yaml:4");
  });

  it("shows the line with a caret", async () => {
    write("bad.yaml", "kind: x\na: [1\nb: }\n");
    expect((await check("bad.yaml")).stdout).toMatch(/\n {4}b: \}\n {4} *\^\n/u);
  });

  it("a link that leads back is followed once", async () => {
    write("deploy/good.yaml", DENY);
    symlinkSync("..", path.join(cwd, "deploy/up"));
    expect(codes(await findings("."))).toContain("directory-loop deploy/up:1");
  });

  it("an empty directory is an error that says what to give", async () => {
    mkdirSync(path.join(cwd, "empty"));
    const { code, stderr } = await check("empty");
    expect(code).toBe(1);
    expect(stderr).toContain("NETLEARN_INPUT_EMPTY");
    expect((await check("missing")).code).toBe(3);
  });

  it("unknown kinds are counted, and listed when asked", async () => {
    write("a.yaml", `${DENY}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n---\nreplicas: 3\n`);
    expect((await check("a.yaml")).stdout).toContain("2 objects of 2 kinds");
    expect((await check("a.yaml", "--verbose")).stdout.replaceAll(/\s+/gu, " ")).toContain(
      "ConfigMap (1), no Kubernetes object (1)",
    );
  });
});

describe("what objects beside the policies promise", () => {
  const objects = [
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\nspec: {template: {metadata: {labels: {app: cart}}, spec: {containers: [{name: m}]}}}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {selector: {app: cart}, ports: [{port: 443, targetPort: 8443}]}\n",
    "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.shop.example}\nspec: {service: {namespace: shop, name: cart}}\n",
  ];

  it("is a warning where a policy refuses it, with the places of both", async () => {
    write("deny.yaml", DENY);
    write("objects.yaml", objects.join("---\n"));
    const found = await findings("deny.yaml", "objects.yaml");
    expect(codes(found)).toEqual(["promised-traffic-cut deny.yaml:4"]);
    const { stdout, code } = await check("deny.yaml", "objects.yaml");
    expect(stdout).toContain("see objects.yaml:11: APIService/v1.shop.example promises it");
    expect(stdout).not.toContain("Skipped");
    expect(code).toBe(1);
  });
});

describe("a change of workloads", () => {
  it("says which workloads only one side has", async () => {
    const job = (name: string): string =>
      `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec: {template: {metadata: {labels: {app: x}}}}\n`;
    write("base.yaml", DENY + job("old"));
    write("head.yaml", DENY + job("new"));
    const { stdout } = await check("--base", "base.yaml", "--head", "head.yaml");
    expect(stdout).toContain("2 workloads that only one side of the change has: shop/new,");
  });
});

describe("input as it comes", () => {
  it("is read from a pipe, Lists and JSON included, into the namespace that is said", async () => {
    const policy = {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "x" },
      spec: { egress: [] },
    };
    const stdin = new PassThrough();
    stdin.end(JSON.stringify({ apiVersion: "v1", kind: "List", items: [policy] }, undefined, 2));
    const { stdout } = await run(["check", "-", "-n", "bank", "--format", "json"], { io: { cwd, stdin } });
    const [finding] = (JSON.parse(stdout) as Report).findings;
    expect(finding).toMatchObject({ code: "policy-types-missing", about: "bank/x", file: "<stdin>", line: 11 });
  });

  it("keeps to 40 columns and draws colours on a terminal", async () => {
    write("a.yaml", DENY.replace("policyTypes: [Ingress]", "egress: []"));
    const stdout = new Sink({ columns: 40 });
    await run(["check", "a.yaml"], { io: { cwd, stdout } });
    expect(stdout.text).toContain("\u001b[");
    const lines = stripVTControlCharacters(stdout.text).split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });
});
