import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { CheckFinding, CheckReport } from "../../../src/model/check-finding.ts";
import { CHECK_CODES } from "../../../src/report/check/codes.ts";
import { renderCheckGithub } from "../../../src/report/check/github.ts";
import { renderCheckJson } from "../../../src/report/check/json.ts";
import { orderedFindings } from "../../../src/report/check/order.ts";
import { MOST_RESULTS, renderCheckSarif } from "../../../src/report/check/sarif.ts";
import { renderCheckText } from "../../../src/report/check/text.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");

/** What netlearn writes of SARIF 2.1.0 and nothing else; sarif-schema.test.ts asks the schema of the standard. */
const Uri = z.string().regex(/^[A-Za-z0-9\-._~%/:]+$/u);
const Message = z.strictObject({ text: z.string().min(1) });
const Location = z.strictObject({
  id: z.int().nonnegative().optional(),
  message: Message.optional(),
  physicalLocation: z.strictObject({
    artifactLocation: z.strictObject({ uri: Uri, uriBaseId: z.literal("%SRCROOT%").optional() }),
    region: z.strictObject({ startLine: z.int().positive() }),
  }),
});
const Result = z.strictObject({
  ruleId: z.string(),
  ruleIndex: z.int().nonnegative(),
  level: z.enum(["none", "note", "warning", "error"]),
  message: Message,
  locations: z.array(Location).min(1).optional(),
  relatedLocations: z.array(Location).optional(),
  partialFingerprints: z.record(z.string(), z.string()),
});
const Rule = z.strictObject({ id: z.string(), shortDescription: Message });
const Sarif = z.strictObject({
  $schema: z.url(),
  version: z.literal("2.1.0"),
  runs: z.tuple([
    z.strictObject({
      tool: z.strictObject({ driver: z.strictObject({ name: z.string(), version: z.string(), rules: z.array(Rule) }) }),
      originalUriBaseIds: z.record(z.string(), z.strictObject({ description: Message })),
      columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]),
      invocations: z.array(
        z.strictObject({
          executionSuccessful: z.boolean(),
          toolExecutionNotifications: z.array(z.strictObject({ level: z.string(), message: Message })),
        }),
      ),
      results: z.array(Result).max(5000),
    }),
  ]),
});

/** Everything that a terminal would obey or hide, line breaks excepted. */
const RAW = new RegExp(String.raw`[^\P{Cc}\n]|\p{Cf}`, "u");
const HOSTILE = "shop/\u001b[31mcart\u202e,::error::x%\n::warning::[a](http://x){0}";

function finding(more: Partial<CheckFinding> = {}): CheckFinding {
  return {
    code: "connection-cut",
    severity: "error",
    about: "shop/a -> shop/b",
    message: "shop/a -> shop/b 80/TCP was seen and would be cut",
    choice: "Allow it",
    place: { file: "deploy/a b,c:%/cart.yaml", line: 7 },
    related: [],
    details: [],
    evidence: undefined,
    identity: "a",
    ...more,
  };
}

function report(findings: readonly CheckFinding[]): CheckReport {
  return {
    findings,
    known: 0,
    uncompared: [],
    files: 1,
    policies: 1,
    workloads: 2,
    replayed: 3,
    skipped: new Map([[HOSTILE, 2]]),
    profile: "cilium",
  };
}

function sarifOf(findings: readonly CheckFinding[]): z.infer<typeof Sarif>["runs"][0] {
  return Sarif.parse(JSON.parse(renderCheckSarif(report(findings), "1.2.3"))).runs[0];
}

describe("SARIF", () => {
  it("has what the standard and code scanning ask for", () => {
    const run = sarifOf([finding({ related: [{ place: { file: "/tmp/base/x.yaml", line: 2 }, text: "the other" }] })]);
    const [result] = run.results;
    expect(run.tool.driver.rules[result?.ruleIndex ?? -1]?.id).toBe("connection-cut");
    expect(result?.locations?.[0]?.physicalLocation).toEqual({
      artifactLocation: { uri: "deploy/a%20b%2Cc%3A%25/cart.yaml", uriBaseId: "%SRCROOT%" },
      region: { startLine: 7 },
    });
    expect(result?.relatedLocations?.[0]?.physicalLocation.artifactLocation).toEqual({
      uri: "file:///tmp/base/x.yaml",
    });
  });

  it("makes nothing of hostile text a link, a placeholder or an escape sequence", () => {
    const text = renderCheckSarif(report([finding({ message: HOSTILE, place: { file: HOSTILE, line: 1 } })]), "1");
    expect(text).not.toMatch(RAW);
    const [result] = sarifOf([finding({ message: `[a](http://x) {0} \u001b` })]).results;
    expect(result?.message.text).toContain("\\[a\\](http://x) {{0}}");
  });

  it("shows the gravest of very many findings and says that there are more", () => {
    const many = Array.from({ length: MOST_RESULTS + 3 }, (_, index) => finding({ identity: String(index) }));
    const run = sarifOf(many);
    expect(run.results).toHaveLength(MOST_RESULTS);
    expect(run.invocations[0]?.toolExecutionNotifications[0]?.message.text).toContain("3 more");
  });

  it("has fingerprints that survive moved lines and differ between findings", () => {
    const print = (found: readonly CheckFinding[]) =>
      sarifOf(found).results.map((result) => result.partialFingerprints);
    const moved = finding({ place: { file: "deploy/a b,c:%/cart.yaml", line: 99 }, message: "other words" });
    expect(print([moved])).toEqual(print([finding()]));
    const two = print([finding(), finding({ identity: "b" }), finding()]);
    expect(new Set(two.map((one) => JSON.stringify(one))).size).toBe(3);
  });
});

describe("GitHub annotations", () => {
  it("name file, line and title, escaped as the runner unescapes them", () => {
    const [line] = renderCheckGithub(report([finding()])).split("\n");
    expect(line).toMatch(
      /^::error file=deploy\/a b%2Cc%3A%25\/cart\.yaml,line=7,title=netlearn connection-cut::shop\/a -> shop\/b 80\/TCP was seen/u,
    );
  });

  it("let no text of a manifest begin a command or a line", () => {
    const text = renderCheckGithub(
      report([finding({ message: HOSTILE, choice: HOSTILE, place: { file: HOSTILE, line: 1 } })]),
    );
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines.filter((line) => line.startsWith("::"))).toHaveLength(1);
    expect(text).not.toMatch(RAW);
  });

  it.each([
    ["error", "error"],
    ["warning", "warning"],
    ["info", "notice"],
  ] as const)("%s is a %s", (severity, command) => {
    expect(renderCheckGithub(report([finding({ severity })]))).toMatch(new RegExp(`^::${command} `, "u"));
  });
});

describe("text and JSON", () => {
  it("print nothing of a manifest raw", () => {
    const hostile = finding({
      message: HOSTILE,
      about: HOSTILE,
      choice: HOSTILE,
      details: [HOSTILE],
      place: { file: HOSTILE, line: 1 },
    });
    const style = { width: 80, colour: false, verbose: true };
    expect(renderCheckText(report([hostile]), style)).not.toMatch(RAW);
    expect(renderCheckJson(report([hostile]))).not.toMatch(RAW);
  });

  it("keep to a narrow terminal, long words excepted, and draw colours only when asked", () => {
    const text = renderCheckText(report([finding({ place: { file: "a.yaml", line: 1 } })]), {
      width: 40,
      colour: false,
      verbose: false,
    });
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(text).not.toContain("\u001b");
  });

  it("keep an excerpt with its caret as it is", () => {
    const text = renderCheckText(report([finding({ message: "no YAML\n  a: [1\n     ^" })]), {
      width: 80,
      colour: false,
      verbose: false,
    });
    expect(text).toContain("\n      a: [1\n         ^\n");
  });

  it("are the same whatever the order of the findings, and name equal ones once", () => {
    const some = [finding({ severity: "info" }), finding(), finding(), finding({ identity: "b", place: undefined })];
    expect(orderedFindings(some.toReversed())).toEqual(orderedFindings(some));
    expect(orderedFindings(some)).toHaveLength(3);
  });

  it("have a description for every code, in README.md as well", () => {
    for (const { description } of CHECK_CODES) expect(description).toMatch(/^[A-Z].*[^.]$/u);
    const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
    const rows = CHECK_CODES.map(({ code, description }) => `| \`${code}\` | ${description} |`);
    expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
  });

  it("know every code that the sources report", () => {
    const folders = ["src/evaluator/review", "src/cli/check", "src/inventory/manifests"];
    const files = folders.flatMap((folder) =>
      readdirSync(path.join(ROOT, folder)).map((file) => path.join(ROOT, folder, file)),
    );
    const texts = files.map((file) => readFileSync(file, "utf8")).join("\n");
    const used = [...texts.matchAll(/code: (?:\w+ \? )?"([a-z-]+)"(?: : "([a-z-]+)")?/gu)].flatMap(([, a, b]) => [
      a,
      b,
    ]);
    const known = new Set(CHECK_CODES.map(({ code }) => code));
    expect(used.filter((code) => code !== undefined && !known.has(code))).toEqual([]);
    expect(used.length).toBeGreaterThan(15);
  });
});
