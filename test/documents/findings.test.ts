import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { INPUT_FORMATS } from "../../src/collectors/formats/input-format.ts";
import { optionTable } from "../../src/config/option-table.ts";
import { SEVERITY_WORDS } from "../../src/report/wording.ts";
import { emittedFindings } from "./finding-codes.ts";

const root = path.resolve(import.meta.dirname, "../..");
const text = readFileSync(path.join(root, "docs/findings.md"), "utf8");
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split(/(?<!\\)\|/u).map((cell) => cell.trim()))
  .map(([, code = "", severity = "", meaning = "", choice = "", ...rest]) => {
    return { code: code.replaceAll("`", ""), severities: severity.split(", "), meaning, choice, rest };
  });
const emitted = emittedFindings();

/** Each code with every severity it may have, in the words of the reports. */
function severitiesByCode(): ReadonlyMap<string, ReadonlySet<string>> {
  const words: Readonly<Record<string, string>> = SEVERITY_WORDS;
  const byCode = new Map<string, Set<string>>();
  for (const { codes, severities } of emitted) {
    for (const code of codes) {
      byCode.set(code, new Set([...(byCode.get(code) ?? []), ...severities.map((severity) => words[severity] ?? "")]));
    }
  }
  return byCode;
}

describe("docs/findings.md", () => {
  it("has a row for each finding the sources can make, and no other", () => {
    const known = severitiesByCode();
    expect(known.size).toBeGreaterThan(20);
    expect(rows.map(({ code }) => code).toSorted()).toEqual([...known.keys()].toSorted());
  });

  it.each(rows)("says of $code how serious it is, what it means and what to do", (row) => {
    expect(new Set(row.severities)).toEqual(severitiesByCode().get(row.code));
    expect(row.meaning).toMatch(/\.$/u);
    expect(row.choice).toMatch(/\.$/u);
    expect(row.rest).toEqual([""]);
  });

  it("lists each group by code", () => {
    const groups = text.split("\n## ").slice(1);
    for (const group of groups) {
      const codes = [...group.matchAll(/^\| `([a-z-]+)`/gmu)].map(([, code = ""]) => code);
      expect(codes).toEqual(codes.toSorted());
    }
  });

  it("is about codes that are written the same way everywhere", () => {
    expect(emitted.flatMap(({ codes }) => codes).filter((code) => !/^[a-z]+(?:-[a-z]+)*$/u.test(code))).toEqual([]);
  });
});

it("a finding and its documentation send nobody to an option that there is not", () => {
  const options = optionTable(INPUT_FORMATS.map(({ name }) => name));
  const flags = new Set(options.flatMap(({ flag, aliases }) => [flag, ...aliases.map((alias) => alias.flag)]));
  const sources = globSync("src/{synthesizer,confidence,graph}/**/*.ts", { cwd: root });
  const texts = ["docs/findings.md", ...sources].map((file) => readFileSync(path.join(root, file), "utf8"));
  const mentioned = texts.flatMap((one) => [...one.matchAll(/(?<=[\s`"'])--([a-z]+(?:-[a-z]+)*)/gu)]);
  const names = mentioned.map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !flags.has(name))).toEqual([]);
});
