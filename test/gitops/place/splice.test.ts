import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { spliceResource } from "../../../src/gitops/place/splice.ts";
import { LAYOUTS } from "./repositories.ts";

const comment = fc.constantFrom("", "# note", "  # indented", "# - gone.yaml");
const entry = fc.constantFrom("a.yaml", "../base", '"q.yaml"', "'s.yaml'", "netlearning", "&x b.yaml");
const tail = fc.constantFrom("", " ", " # why", "\t# tab");

/** A block or flow list, or none, with comments between. */
const list = fc
  .record({
    style: fc.constantFrom("block", "flow", "none", "null"),
    entries: fc.uniqueArray(entry, { maxLength: 4 }),
    indent: fc.constantFrom("", "  ", "      "),
    between: comment,
    tail,
  })
  .map(({ style, entries, indent, between, tail: end }) => {
    if (style === "none") return [];
    if (style === "flow") return [`resources: [${entries.join(", ")}]${end}`];
    if (style === "null" || entries.length === 0) return [`resources:${end}`, between];
    return [`resources:${end}`, ...entries.flatMap((each) => [`${indent}- ${each}${end}`, between])];
  });

const kustomization = fc
  .record({
    head: fc.subarray(["# head", "kind: Kustomization", "namespace: shop", "", "labels:\n- pairs: {a: b}"]),
    list,
    rest: fc.subarray(["namePrefix: x-", "# rest", "", 'commonAnnotations:\n    t: "a\tb"', "x: |\n  text\n\n  - y"]),
    eol: fc.constantFrom("\n", "\r\n"),
    isEnded: fc.boolean(),
  })
  .map(({ head, list: lines, rest, eol, isEnded }) => {
    const text = [...head, ...lines, ...rest].join("\n") + (isEnded ? "\n" : "");
    return text.replaceAll("\n", eol);
  });

describe("git rule 23: one line of a person's kustomization", () => {
  it("law: takes nothing away, says the same and the one entry more, and is done once", () => {
    let spliced = 0;
    fc.assert(
      fc.property(kustomization, (text) => {
        const result = spliceResource(text, "netlearn");
        // A last block scalar without a newline would get one: refusing is right.
        if (result.kind !== "spliced") return text.endsWith("- y");
        spliced++;
        expect(withoutInserted(result.text, text)).toBe(text);
        const before = parse(text) ?? {};
        expect(parse(result.text)).toEqual({ ...before, resources: [...(before.resources ?? []), "netlearn"] });
        expect(spliceResource(result.text, "netlearn")).toEqual({ kind: "listed" });
        return true;
      }),
      { numRuns: 1000 },
    );
    expect(spliced).toBeGreaterThan(500);
  });

  it.each(Object.entries(LAYOUTS))("%s: what stood there stands there", (_, files) => {
    const text = files["app/kustomization.yaml"] ?? "";
    const result = spliceResource(text, "netlearn");
    expect(result.kind).toBe("spliced");
    const without = withoutInserted(result.kind === "spliced" ? result.text : "", text);
    expect(without).toBe(text.replace("resources: ~", "resources: "));
  });

  it.each(["netlearn", "./netlearn", "netlearn/", '"./netlearn/"'])("%s is listed already", (name) => {
    expect(spliceResource(`resources:\n- ${name}\n`, "netlearn")).toEqual({ kind: "listed" });
  });

  it.each([
    ["an alias", "x: &r [a.yaml]\nresources: *r\n"],
    ["a list that is used twice", "resources: &r\n- a.yaml\nbases: *r\n"],
    ["merged fields", "x: &m {resources: [a.yaml]}\n<<: *m\n"],
    ["several documents", "resources:\n- a.yaml\n---\nresources:\n- b.yaml\n"],
    ["broken YAML", "resources:\n- a.yaml\n b: c: d\n"],
    ["a template", "resources:\n{{- range .Files }}\n- x\n{{- end }}\n"],
    ["braces", "{resources: [a.yaml]}\n"],
    ["two lists", "resources: [a.yaml]\nresources: [b.yaml]\n"],
    ["a text", "resources: a.yaml\n"],
    ["no map", "- a.yaml\n"],
    ["an end of the document", "namespace: shop\n...\n"],
    ["an alias that leads nowhere", "resources:\n- *gone\n"],
  ])("%s is refused", (_, text) => {
    expect(spliceResource(text, "netlearn").kind).toBe("refused");
  });
});

/** The text without the stretch that was put in, wherever it stands. */
function withoutInserted(after: string, before: string): string {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  while (end < before.length - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  return after.slice(0, start) + after.slice(after.length - end);
}
