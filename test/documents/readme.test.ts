import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT_CODES } from "../../src/lib/errors.ts";

const readme = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");
const exitCodes = readme.slice(readme.indexOf("\n## Exit codes\n"), readme.indexOf("\n## Working on it\n"));

describe("README.md, on how a run ends", () => {
  it("names every error once, with its exit code", () => {
    const named = [...exitCodes.matchAll(/`(NETLEARN_[A-Z_]+)` \((\d)\)/gu)].map(([, name, exit]) => `${name} ${exit}`);
    expect(named).toEqual(
      Object.entries(EXIT_CODES)
        .map(([name, exit]) => `${name} ${exit}`)
        .toSorted(),
    );
  });

  it("has a row for 0 and for every exit code an error has", () => {
    const rows = [...exitCodes.matchAll(/^\| (\d+) \|/gmu)].map(([, exit]) => Number(exit));
    expect(rows).toHaveLength(new Set(rows).size);
    expect(new Set(rows)).toEqual(new Set([0, ...Object.values(EXIT_CODES)]));
  });

  it("names no error that there is not", () => {
    const [before = "", options = "", after = ""] = readme.split(/<!-- options:(?:start|end) -->/u);
    expect(options).toContain("NETLEARN_CONFIG");
    const named = `${before}${after}`.match(/NETLEARN_[A-Z_]+/gu) ?? [];
    expect(named.filter((name) => !Object.hasOwn(EXIT_CODES, name))).toEqual([]);
  });
});
