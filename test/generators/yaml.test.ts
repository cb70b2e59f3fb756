import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { printManifest } from "../../generators/yaml.ts";

const VERSIONS = ["1.1", "1.2"] as const;

/** Strings that some reader takes for something else when they stand bare, or that a careless layout breaks. */
const TREACHEROUS: readonly string[] = [
  ["true", "True", "false", "y", "Y", "n", "yes", "no", "NO", "on", "off", "Off"],
  ["", "~", "null", "Null", "NULL", "=", "<<"],
  ["0", "-0", "+1", "017", "0o17", "0O17", "0x1f", "0X1F", "0b11", "0B11", "1_000", "0_9", "12345678901234567890"],
  ["1.0", "1.", ".5", "-.5", "1e3", "1E3", "1e1_0", ".inf", "-.INF", ".nan", "12:30", "1:2:3", "190:20:30.15"],
  ["2001-01-01", "2001-1-1T1:1:1Z", "2001-01-01 00:00:00"],
  ["-", "- a", "--", "---", "--- a", "---a", "...", "... a", "?", "? a", ":", ": a", "a:", "a: b", ":a", "a:b"],
  ["#", "#a", "a #b", "a#b", "key: |\n  x", "# c\n- x"],
  ["[", "]", "[a]", "{", "}", "{a}", ",", "a, b", "&a", "*a", "!a", "!!str a", "|", ">", "|-", "%a", "%YAML 1.2", "@a"],
  ["`a", "'", "'a'", '"', '"a"', 'a "b" c', "it's", "\\", "a\\nb"],
  [" ", "  ", " a", "a ", "\t", "a\tb", "a\t", "\n", "a\n", "\na", "a\nb", "a\n\n", "\r", "a\r\nb", "  \n x\n\ny"],
  ["a\u00a0", "\u00a0a", "a\u2003", "a\u0085b", "a\u2028b", "\u2029", "\ufeff", "a\ufeff", "\u3000a"],
  ["\u0000", "\u0007", "\u001b[31m", "\u007f", "a\u009fb", "\u202edesrever", "\u{e0041}", "\ud83d\ude00", "é", "日本"],
  ["__proto__", "constructor", "toString", "a".repeat(3000), `${"x".repeat(60)}\n${"y".repeat(60)}`, "ab ".repeat(500)],
].flat();

/** Where a scalar can stand: below a key, in a list, as a key, as the first and the second key of a list's item. */
const PLACES: readonly (readonly [string, (text: string) => object])[] = [
  ["a value", (text) => ({ a: { b: text, c: text } })],
  ["an item", (text) => ({ a: [text, "z", text] })],
  [
    "a key",
    (text) => ({
      a: Object.fromEntries([
        [text, "v"],
        ["z z", text],
      ]),
    }),
  ],
  ["a key with something below it", (text) => ({ a: Object.fromEntries([[text, { b: ["c", text] }]]) })],
  [
    "the first key of an item",
    (text) => ({
      a: [
        Object.fromEntries([
          [text, { b: "c" }],
          ["z z", "1"],
        ]),
        text,
      ],
    }),
  ],
  [
    "the second key of an item",
    (text) => ({
      a: [
        Object.fromEntries([
          ["z z", "1"],
          [text, ["c"]],
        ]),
      ],
    }),
  ],
  ["the first key of all", (text) => Object.fromEntries([[text, text]])],
];

/** What a reader of each version takes a text for, own keys compared as such: `__proto__` is one. */
function expectReadBack(manifest: object): void {
  const text = printManifest(manifest);
  for (const version of VERSIONS) {
    const read: unknown = parse(text, { version });
    expect(own(read), `YAML ${version}:\n${text.slice(0, 500)}`).toEqual(own(manifest));
  }
}

/** Objects as lists of entries, in order. */
function own(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(own);
  if (typeof value !== "object" || value === null) return value;
  return { entries: Object.entries(value).map(([key, item]) => [key, own(item)]) };
}

describe("a printed manifest", () => {
  it.each(PLACES)("keeps every treacherous string as %s, for readers of YAML 1.1 and 1.2", (_, place) => {
    for (const text of TREACHEROUS) expectReadBack(place(text));
  });

  const MARKS = "-?:,[]{}#&*!|>'\"%@` \n\t\r0179.eExX_+~=<yno\u00a0\u2028".split("");
  const text = fc.oneof(
    fc.constantFrom(...TREACHEROUS),
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(...MARKS), maxLength: 12 }),
    fc.string({ unit: "grapheme", maxLength: 20 }),
  );
  const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      text,
      fc.integer(),
      fc.boolean(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(text, tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const manifest = fc.dictionary(text, value, { minKeys: 1, maxKeys: 5 });

  it("reads back as what it was, whatever it is, in YAML 1.1 and 1.2", () => {
    fc.assert(
      fc.property(manifest, (made) => expectReadBack(made)),
      { numRuns: 600 },
    );
  });

  it("is one document that ends with one newline, so that several make a stream", () => {
    fc.assert(
      fc.property(fc.array(manifest, { minLength: 1, maxLength: 4 }), (several) => {
        const texts = several.map((one) => printManifest(one));
        for (const one of texts) expect(one).toMatch(/[^\n]\n$/);
        const documents = parseAllDocuments(texts.join("---\n"));
        expect([...documents].map((one) => own(one.toJS()))).toEqual(several.map(own));
      }),
      { numRuns: 150 },
    );
  });

  it("shows no character that YAML forbids or an editor hides", () => {
    fc.assert(
      fc.property(manifest, (made) => {
        expect(printManifest(made).replaceAll("\n", "")).not.toMatch(/(?! )[\p{Cc}\p{Cf}\p{Z}]/u);
      }),
      { numRuns: 300 },
    );
  });

  it("quotes what YAML 1.1 takes for something else, and leaves names, addresses and label keys bare", () => {
    const bare = [
      "cart",
      "shop-1",
      "v1.2.3",
      "10.0.0.0/8",
      "2001:db8::/32",
      "app.kubernetes.io/name",
      "node",
      "yellow",
    ];
    expect(printManifest({ bare })).toBe(`bare:\n${bare.map((one) => `  - ${one}\n`).join("")}`);
    const misread = ["true", "y", "on", "no", "1e3", "12:30", "0x1f", "0X1F", "", "~", "null", "=", "<<", "2001-01-01"];
    expect(printManifest({ misread })).toBe(`misread:\n${misread.map((one) => `  - "${one}"\n`).join("")}`);
  });

  it("never lets an empty list look like none: `from:` without anything lets everybody in", () => {
    expect(printManifest({ from: [], to: {}, more: [[], {}, [["x"]]] })).toBe(
      "from: []\nto: {}\nmore:\n  - []\n  - {}\n  - - - x\n",
    );
  });

  it("writes numbers and booleans as such", () => {
    expect(printManifest({ port: 53, open: true, share: 0.5 })).toBe("port: 53\nopen: true\nshare: 0.5\n");
  });

  it("is the same the second time, when its scalars are remembered", () => {
    const made = { a: TREACHEROUS };
    expect(printManifest(made)).toBe(printManifest(structuredClone(made)));
  });
});
