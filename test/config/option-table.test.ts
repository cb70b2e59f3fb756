import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { INPUT_FORMATS } from "../../src/collectors/formats/input-format.ts";
import { parseConfig } from "../../src/config/config-file.ts";
import { configSchema } from "../../src/config/json-schema.ts";
import { OPTIONS_END, OPTIONS_START, renderOptionTables, replaceOptionTables } from "../../src/config/option-docs.ts";
import { flagsOf, optionsOf } from "../../src/config/option-spec.ts";
import { optionTable } from "../../src/config/option-table.ts";
import { COMMAND_NAMES } from "../../src/config/settings.ts";
import { checkGiven } from "../../src/config/value-syntax.ts";
import { closest } from "../../src/lib/closest.ts";

const options = optionTable(INPUT_FORMATS.map(({ name }) => name));

describe("the table", () => {
  it.each(COMMAND_NAMES)("gives no flag of %s two meanings", (command) => {
    const own = optionsOf(command, options);
    const flags = own.flatMap((option) => [
      ...flagsOf(option, command),
      ...(option.short === undefined ? [] : [option.short]),
    ]);
    expect(flags).toEqual([...new Set(flags)]);
  });

  it("gives no variable and no key two meanings", () => {
    const names = options.flatMap(({ name, env, key }) => [
      name,
      ...(env === undefined ? [] : [env]),
      `key:${key ?? name}`,
    ]);
    expect(names).toEqual([...new Set(names)]);
  });

  it("has defaults that its own checks accept", () => {
    for (const option of options) {
      const { fallback } = option;
      const value = typeof fallback === "string" ? (option.repeatable ? fallback.split(",") : [fallback]) : [];
      const check = (): void => checkGiven(option, { value, origin: { label: option.name, code: "NETLEARN_USAGE" } });
      expect(check, option.name).not.toThrow();
    }
  });
});

describe("the documentation made from it", () => {
  it("has a row for every option, with its variable and key", () => {
    const rows = renderOptionTables(options).split("\n");
    for (const { flag, env, key } of options) {
      const row = rows.find((line) => line.includes(`--${flag}`) || line.includes(`--no-${flag}`));
      expect(row, flag).toBeDefined();
      expect(
        rows.some((line) => env === undefined || line.includes(`\`${env}\``)),
        flag,
      ).toBe(true);
      expect(
        rows.some((line) => key === undefined || line.includes(`| \`${key}\` |`)),
        flag,
      ).toBe(true);
    }
  });

  it("has the same number of cells in every row", () => {
    const cells = renderOptionTables(options)
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .map((line) => line.split(/(?<!\\)\|/u).length);
    expect(new Set(cells)).toEqual(new Set([8]));
  });

  it("replaces what is between the markers and nothing else", () => {
    const readme = `before\n${OPTIONS_START}\nstale table\n${OPTIONS_END}\nafter\n`;
    const replaced = replaceOptionTables(readme, options);
    expect(replaced.startsWith(`before\n${OPTIONS_START}\n`)).toBe(true);
    expect(replaced.endsWith(`${OPTIONS_END}\nafter\n`)).toBe(true);
    expect(replaced).not.toContain("stale table");
    expect(replaceOptionTables(replaced, options)).toBe(replaced);
    expect(() => replaceOptionTables("no markers", options)).toThrow(/options:start/);
  });

  it("is what README.md says; if not, run `make options`", () => {
    const text = readFileSync(path.resolve(import.meta.dirname, "../../README.md"), "utf8");
    expect(text).toBe(replaceOptionTables(text, options));
  });

  it("has a JSON schema whose properties are the keys the config file takes", async () => {
    const schema = configSchema(options);
    const keys = Object.keys(schema.properties ?? {});
    expect(keys).toEqual(options.flatMap(({ key }) => key ?? []));
    expect(schema.additionalProperties).toBe(false);
    // Every default the schema announces is one the config file accepts.
    for (const key of keys) {
      const value = schema.properties?.[key]?.default;
      const text = value === undefined ? "" : `${key}: ${String(value)}\n`;
      expect(parse(text) === null || (await parseConfig(text, "x", options)).size === 1, key).toBe(true);
    }
  });
});

describe("what was probably meant", () => {
  it.each([
    ["frce", ["force", "prune", "report"], ["force"]],
    ["suggset", ["suggest", "graph"], ["suggest"]],
    ["cart", ["shop/cart", "bank/ledger"], ["shop/cart"]],
    ["xyz", ["force", "prune"], []],
  ])("%s among %j is %j", (word, known, expected) => {
    expect(closest(word, known)).toEqual(expected);
  });

  it("does not depend on the order of what is known, nor take long for long words", () => {
    const known = ["shop/cart-a", "shop/cart-b", "shop/cart-c", "shop/cart-d"];
    expect(closest("shop/cart", known)).toEqual(closest("shop/cart", known.toReversed()));
    expect(closest("x".repeat(1_000_000), known)).toEqual([]);
  });
});
