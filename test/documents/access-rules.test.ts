import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** How many rules a synthesizer of RBAC has to keep, by the numbers that tests are named by. */
const RULES = Array.from({ length: 54 }, (_, at) => at + 1);

function testedRules(): ReadonlySet<number> {
  const files = readdirSync(path.join(ROOT, "test"), { recursive: true, encoding: "utf8" });
  const texts = files
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => readFileSync(path.join(ROOT, "test", file), "utf8"));
  return new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/["'`]rules? ([\d, and]+):/gu)].flatMap(([, list = ""]) => numbers(list)),
    ),
  );
}

/** Lines of the README that begin with the number of a rule that is not kept yet, and say why. */
function excusedRules(): ReadonlySet<number> {
  const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");
  return new Set([...readme.matchAll(/^- Rule (?<number>\d+), .{20,}/gmu)].flatMap(([, list = ""]) => numbers(list)));
}

function numbers(list: string): number[] {
  return [...list.matchAll(/\d+/gu)].map(([number]) => Number(number));
}

describe("the rules of access control", () => {
  it.each(RULES)("rule %i has a test with its number, or a line in the README that says why not yet", (rule) => {
    expect(testedRules().has(rule) || excusedRules().has(rule)).toBe(true);
  });

  it("are excused only where there is no test", () => {
    const tested = testedRules();
    expect([...excusedRules()].filter((rule) => tested.has(rule))).toEqual([]);
  });
});
