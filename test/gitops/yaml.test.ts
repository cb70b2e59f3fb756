import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { parseYaml } from "../../src/gitops/yaml.ts";

/** As the thorough reader alone has it. */
function thoroughly(text: string): readonly unknown[] {
  return [...parseAllDocuments(text, { merge: true })].map((document): unknown => document.toJS());
}

describe("parseYaml", () => {
  it.each([
    ["nothing", "", []],
    ["an empty document", "---\n", [null]],
    ["several documents", "a: 1\n---\nb: 2\n...\n---\n", [{ a: 1 }, { b: 2 }, null]],
    ["merged fields", "x: &m {a: 1, b: 2}\ny: {<<: *m, b: 3}\n", [{ x: { a: 1, b: 2 }, y: { a: 1, b: 3 } }]],
    ["flow style that ends where its key begins", "resources: [\n  a.yaml\n]\n", [{ resources: ["a.yaml"] }]],
    ["a key that is no field of objects", "__proto__: {a: 1}\n", [JSON.parse('{"__proto__": {"a": 1}}')]],
    ["windows' lines", "a: 1\r\nb:\r\n- c\r\n", [{ a: 1, b: ["c"] }]],
  ])("reads %s", (_, text, documents) => {
    expect(parseYaml(text)).toEqual(documents);
  });

  it.each([
    ["a: b: c\n", "nested mappings in one line"],
    ["a: 1\na: 2\n", "a key that is there twice"],
    ["a: *gone\n", "an alias that leads nowhere"],
    ["{{ if .Values.on }}\na: 1\n{{ end }}\n", "a template"],
    ["items: &i [*i]\n", "an alias that leads into itself"],
  ])("refuses %j: %s", (text) => {
    expect(() => parseYaml(text)).toThrow(Error);
  });

  it("refuses aliases that unfold to more than anybody can follow", () => {
    const lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"];
    for (let level = 1; level < 9; level++) {
      lines.push(`l${level}: &l${level} [${Array.from({ length: 10 }, () => `*l${level - 1}`).join(", ")}]`);
    }
    expect(() => parseYaml(lines.join("\n"))).toThrow("unfold");
  });

  it("takes a scalar for the same, whichever reader reads it", () => {
    const scalars = [
      "010",
      "0o17",
      "0x1F",
      "0b11",
      "1_000",
      "+1",
      "-0",
      "1e3",
      ".5",
      ".inf",
      "-.INF",
      ".nan",
      "~",
      "null",
    ];
    const others = [
      "Null",
      "yes",
      "on",
      "y",
      "True",
      "FALSE",
      "2024-01-01",
      "2024-01-01T00:00:00Z",
      "12:30:45",
      "=",
      "!!str 5",
    ];
    for (const scalar of [...scalars, ...others]) {
      expect(parseYaml(`a: ${scalar}\n`), scalar).toEqual(thoroughly(`a: ${scalar}\n`));
    }
  });

  it("reads what is written, whatever it is", () => {
    fc.assert(
      // As JSON has it, which knows no zero below zero; a key `<<` merges, however it is written.
      fc.property(
        fc
          .jsonValue()
          .filter((any) => !JSON.stringify(any).includes("<<"))
          .map((any): unknown => JSON.parse(JSON.stringify(any))),
        (value) => {
          const text = stringify({ value });
          expect(parseYaml(text)).toEqual([{ value }]);
          expect(parseYaml(text)).toEqual(thoroughly(text));
        },
      ),
    );
  });
});
