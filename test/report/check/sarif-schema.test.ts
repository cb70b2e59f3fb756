import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CheckFinding, CheckReport } from "../../../src/model/check-finding.ts";
import * as pipeline from "../../../src/pipeline.ts";
import { CHECK_CODES } from "../../../src/report/check/codes.ts";
import { MOST_RESULTS, renderCheckSarif } from "../../../src/report/check/sarif.ts";
import { run } from "../../cli/world.ts";
import { sarifFaults } from "./sarif-schema.ts";

const HOSTILE = 'shop/\u001b[31m\u202e\ud800\u0000 ::error::x%\n[a](http://x){0}<>|\\^`"é日本';

function finding(more: Partial<CheckFinding> = {}): CheckFinding {
  return {
    code: "connection-cut",
    severity: "error",
    about: "shop/a -> shop/b",
    message: "shop/a -> shop/b 80/TCP was seen and would be cut",
    choice: "Allow it",
    place: { file: "deploy/cart.yaml", line: 7 },
    related: [],
    details: [],
    evidence: undefined,
    identity: "a",
    ...more,
  };
}

function sarif(findings: readonly CheckFinding[], version = "1.2.3"): string {
  const report: CheckReport = {
    findings,
    known: 0,
    uncompared: [],
    files: 1,
    policies: 1,
    workloads: 2,
    replayed: undefined,
    skipped: new Map([[HOSTILE, 2]]),
    profile: "cilium",
  };
  return renderCheckSarif(report, version);
}

describe("SARIF is what the schema of OASIS asks for", () => {
  it.each<[string, readonly CheckFinding[]]>([
    ["no finding", []],
    ["a finding with a place", [finding()]],
    ["a finding without a place", [finding({ place: undefined })]],
    [
      "every severity",
      (["error", "warning", "info"] as const).map((severity) => finding({ severity, identity: severity })),
    ],
    ["every code", CHECK_CODES.map(({ code }) => finding({ code, identity: code }))],
    [
      "related places",
      [
        finding({
          related: [
            { place: { file: "/tmp/base/x.yaml", line: 2 }, text: "the other" },
            { place: { file: "C:/base/x y.yaml", line: 3 }, text: HOSTILE },
          ],
        }),
      ],
    ],
    ["two equal findings", [finding(), finding()]],
    ["details and an excerpt", [finding({ details: ["a", "b"], message: "no YAML\n  a: [1\n     ^" })]],
    [
      "hostile text",
      [
        finding({
          message: HOSTILE,
          about: HOSTILE,
          choice: HOSTILE,
          identity: HOSTILE,
          place: { file: HOSTILE, line: 1 },
          related: [{ place: { file: `../${HOSTILE}`, line: 1 }, text: HOSTILE }],
        }),
      ],
    ],
    ["standard input", [finding({ place: { file: "<stdin>", line: 1 } })]],
    [
      "more findings than are shown",
      Array.from({ length: MOST_RESULTS + 1 }, (_, index) => finding({ identity: `${index}` })),
    ],
  ])("%s", (_what, findings) => {
    expect(sarifFaults(sarif(findings))).toEqual([]);
  });

  it.each<[string, (log: string) => string]>([
    ["a level there is not", (log) => log.replace('"level": "error"', '"level": "fatal"')],
    ["a line that counts from 0", (log) => log.replace('"startLine": 7', '"startLine": 0')],
    ["a field there is not", (log) => log.replace('"ruleId":', '"rule":')],
    ["a message without text", (log) => log.replace('"message": {', '"message": {}, "x": {')],
    ["a file that is no URI", (log) => log.replace("deploy/cart.yaml", "deploy/a b.yaml")],
    ["another version", (log) => log.replace('"version": "2.1.0"', '"version": "2.2.0"')],
  ])("and the schema notices %s", (_what, spoil) => {
    const log = sarif([finding()]);
    expect(spoil(log)).not.toBe(log);
    expect(sarifFaults(spoil(log))).not.toEqual([]);
  });
});

describe("netlearn check --format sarif", () => {
  let cwd = "";
  beforeAll(() => {
    cwd = mkdtempSync(path.join(tmpdir(), "netlearn-sarif-"));
  });
  afterAll(() => rmSync(cwd, { recursive: true }));

  const policy = (name: string, spec: string): string =>
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;

  it.each([
    ["nothing to find", policy("a", "{podSelector: {}, policyTypes: [Ingress]}"), 0],
    ["a refused policy", policy("a", "{podSelector: {matchLabels: {app: yes}}}"), 1],
    ["a policy that is there twice", `${policy("a", "{}")}---\n${policy("a", "{egress: []}")}`, 1],
    ["no YAML", "a: [1\nb: }\n", 1],
    [
      "hostile names",
      `${policy('"a\\u001b\\u202e"', "{}")}---\n${policy("b", '{podSelector: {matchLabels: {"\\u0085": "%{0}"}}}')}`,
      1,
    ],
  ])("is valid for %s", async (_what, text, expected) => {
    writeFileSync(path.join(cwd, "a b%.yaml"), text);
    const io = { cwd, loadPipeline: async () => pipeline };
    const { code, stdout } = await run(["check", "a b%.yaml", "--format", "sarif"], { io });
    expect(sarifFaults(stdout)).toEqual([]);
    expect(code).toBe(expected);
  });
});
