import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Run, run, Sink } from "./world.ts";

const DEPLOYMENT = (name: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec: {template: {metadata: {labels: {app: ${name}}}}}
`;

const MANIFESTS = `${DEPLOYMENT("cart")}---
${DEPLOYMENT("db")}---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress]
  ingress:
    - from: [{podSelector: {matchLabels: {app: cart}}}]
      ports: [{port: 5432}]
`;

let cwd = "";

beforeAll(async () => {
  cwd = await mkdtemp(path.join(tmpdir(), "netlearn-can-"));
  await writeFile(path.join(cwd, "shop.yaml"), MANIFESTS);
});

afterAll(async () => {
  await rm(cwd, { recursive: true });
});

async function can(args: readonly string[], stdin = ""): Promise<Run> {
  return await run(["can", ...args], { io: { cwd, stdin: Readable.from([Buffer.from(stdin)]) } });
}

const FROM = ["--manifests", "shop.yaml"];

describe("netlearn can", () => {
  it("says allowed, with the rule's file and line, and ends with 0", async () => {
    const { code, stdout, stderr } = await can(["shop/cart", "shop/db", "5432/TCP", ...FROM]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^allowed: shop\/cart -> shop\/db 5432\/TCP \(as cilium reads policies\)\n/u);
    expect(stdout).toContain("shop.yaml:18: shop/db, rule 1");
  });

  it("says denied, with the policy's file and line, and ends with 1", async () => {
    const { code, stdout } = await can(["shop/cart", "shop/db", "5432/UDP", ...FROM]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^denied: /u);
    expect(stdout).toContain("shop.yaml:14: shop/db\n");
  });

  it("answers in JSON, on one line, with rules counted as in spec.ingress[0]", async () => {
    const { stdout } = await can(["cart", "db", "5432", "--format", "json", "--profile", "upstream", ...FROM]);
    expect(stdout.match(/\n/gu)).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: "allowed",
      from: "cart",
      port: 5432,
      protocol: "TCP",
      profile: "upstream",
      egress: { verdict: "allowed", by: [] },
      ingress: { verdict: "allowed", by: [{ policy: "shop/db", rule: 0, file: "shop.yaml", line: 18 }] },
    });
  });

  it("fits a narrow terminal", async () => {
    const stdout = new Sink({ columns: 40 });
    await run(["can", "shop/cart", "shop/db", "80", ...FROM, "--color", "never"], { io: { cwd, stdout } });
    expect(stdout.text.split("\n").every((line) => line.length <= 40)).toBe(true);
  });

  it.each([
    [[], "nothing is asked"],
    [["shop/cart", "shop/db"], "a question has three parts, not 2"],
    [["a", "b", "80", "c", ...FROM], "a question has three parts, not 4"],
    [["shop/cart", "shop/db", "80"], "there is nothing to answer from"],
    [["shop/cart", "shop/db", "http", ...FROM], '"http" is no port'],
    [["shop/crat", "shop/db", "80", ...FROM], "Did you mean shop/cart?"],
    [["shop/cart", "1.2.3.4.5", "80", ...FROM], 'there is no pod, workload or address "1.2.3.4.5"'],
    [["shop/cart", "shop/db", "80", "--queries", "x", ...FROM], "there is a question beside --queries"],
    [["--queries", "-", "--manifests", "-"], "standard input can be read only once"],
    [["shop/cart", "shop/db", "80", "--profile", "ciliun", ...FROM], "cilium"],
  ])("refuses %j with 2 and a way out", async (args, message) => {
    const { code, stdout, stderr } = await can(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(message);
  });

  it("warns of a policy that no cluster would take, and answers without it", async () => {
    await writeFile(path.join(cwd, "bad.yaml"), MANIFESTS.replace("port: 5432", "port: 5432, endPort: 1"));
    const { code, stderr } = await can(["shop/cart", "shop/db", "1", "--manifests", "bad.yaml"]);
    expect(code).toBe(0);
    expect(stderr).toContain("the API server would refuse this policy");
  });

  it.each([
    ["kind: [\n", "this is no YAML"],
    ["kind: {{ .Values.kind }}\n", "this is a template"],
    ["a\u0000b", "binary"],
  ])("gives no answer when a manifest can't be read: %j", async (text, message) => {
    await writeFile(path.join(cwd, "unread.yaml"), text);
    const args = ["shop/cart", "shop/db", "5432", ...FROM, "--manifests", "unread.yaml"];
    const { code, stdout, stderr } = await can(args);
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr.replaceAll(/\s+/gu, " ")).toContain(message);
  });

  it("takes pods from flows where there are no manifests of them", async () => {
    const { code, asked } = await can(["shop/frontend", "shop/cart", "7070", "--flows", "x.jsonl"]);
    expect(code).toBe(0);
    expect(asked[0]?.inputs).toEqual(["x.jsonl"]);
  });
});

describe("netlearn can --queries", () => {
  it("answers every line in order, bad ones too, and ends with 1 if not all are allowed", async () => {
    const lines = [
      '{"from":"shop/cart","to":"shop/db","port":5432,"protocol":"TCP"}',
      '{"from":"shop/db","to":"shop/cart","port":1}',
      "",
      "nonsense",
      '{"from":"shop/cart","to":"shop/db","port":5432,"protocol":"UDP"}',
      '{"from":"shop/nobody","to":"shop/db","port":5432}',
      '{"from":"shop/cart","to":"shop/db","port":70000}',
      '{"from":"shop/cart","to":7,"port":5432}',
      "[]",
    ];
    const { code, stdout } = await can(["--queries", "-", ...FROM], `${lines.join("\n")}\n`);
    const answers = stdout
      .trimEnd()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
    expect(code).toBe(1);
    expect(answers).toMatchObject([
      { verdict: "allowed" },
      { verdict: "allowed" },
      { line: 4, error: expect.stringContaining("no JSON") },
      { verdict: "denied", protocol: "UDP" },
      { line: 6, error: expect.stringContaining("shop/nobody") },
      { line: 7, error: expect.stringContaining("port: 70000") },
      { line: 8, error: expect.stringContaining("to: 7") },
      { line: 9, error: expect.stringContaining("no JSON object") },
    ]);
  });

  it("ends with 0 when all are allowed", async () => {
    await writeFile(path.join(cwd, "q.jsonl"), '{"from":"shop/cart","to":"shop/db","port":5432}');
    expect((await can(["--queries", "q.jsonl", ...FROM])).code).toBe(0);
  });

  it.each(["gone.jsonl", "."])("says that %s can't be read", async (file) => {
    const { code, stderr } = await can(["--queries", file, ...FROM]);
    expect(code).toBe(3);
    expect(stderr).toContain("NETLEARN_INPUT_MISSING");
  });

  it("prints nothing of a question or a manifest raw", async () => {
    await writeFile(
      path.join(cwd, "evil.yaml"),
      MANIFESTS.replace("name: db, namespace", 'name: "d\\e[31m\\u202Eb", namespace'),
    );
    const question = '{"from":"\\u001b[31m","to":"\\u202e","port":1}\n';
    const many = await can(["--queries", "-", "--manifests", "evil.yaml"], question);
    const one = await can(["\u001b[31m", "shop/cart", "1", "--manifests", "evil.yaml"]);
    const last = await can(["shop/cart", "shop/db", "1", "--manifests", "evil.yaml"]);
    for (const { stdout, stderr } of [many, one, last]) {
      expect(["\u001b", "\u202e"].filter((character) => (stdout + stderr).includes(character))).toEqual([]);
    }
  });
});
