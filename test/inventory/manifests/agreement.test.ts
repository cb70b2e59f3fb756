import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from "yaml";
import { parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";
import type { ManifestObject, ManifestPath } from "../../../src/model/manifest-object.ts";

/*
 * Two readers that share no code have to agree: ours, which takes texts apart and counts lines itself, and the library
 * `yaml`, which reads each as a whole and keeps a place for every node.
 */

function objectsIn(text: string): readonly ManifestObject[] {
  const { objects, problems } = parseDocuments(text, { file: "a.yaml", namespace: "default", isInChart: false });
  expect(problems).toEqual([]);
  return objects;
}

/** The line of a key or list item, by the other reader; undefined where it has none. */
function linesByYaml(text: string): (path: ManifestPath) => number | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  return (path) => {
    let node: Node | null | undefined = document.contents;
    let key: unknown = node;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
        key = pair?.key;
        node = pair?.value as Node | null | undefined;
      } else {
        key = isSeq(node) ? node.items[Number(step)] : undefined;
        node = key as Node | null | undefined;
      }
    }
    const offset = (key as Node | undefined)?.range?.[0];
    return offset === undefined ? undefined : lines.linePos(offset).line;
  };
}

function pathsIn(value: unknown, path: ManifestPath = []): readonly ManifestPath[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => [[...path, index], ...pathsIn(item, [...path, index])]);
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, field]) => [[...path, key], ...pathsIn(field, [...path, key])]);
}

// Texts that look like something else, text of several lines, and any other.
const text = fc.oneof(
  fc.constantFrom(
    "yes",
    "on",
    "0123",
    "1_000",
    "~",
    "null",
    "- a",
    "a: b",
    "#c",
    "'",
    '"',
    "{{ x }}",
    "---",
    "",
    " ",
    "é日本",
  ),
  fc.array(fc.constantFrom("a", "  b", "", "- c", "# d", "items:"), { maxLength: 5 }).map((lines) => lines.join("\n")),
  fc.string({ unit: "grapheme", maxLength: 12 }).filter((any) => any.isWellFormed()),
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
);
const key = fc
  .oneof(fc.constantFrom("app", "items", "yes", "a.b/c", "10", "__proto__", "metadata", "x y"), text)
  .filter((any) => any !== "<<");
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie("tree")), { maxLength: 4 }).map(Object.fromEntries<unknown>),
  ),
}));
const object = tree.map((spec) => ({ apiVersion: "v1", kind: "Pod", metadata: { name: "a", namespace: "b" }, spec }));
const list = fc
  .record({ items: fc.array(object, { minLength: 1, maxLength: 5 }), kind: fc.constantFrom("List", "PodList") })
  .map(({ items, kind }) => ({ apiVersion: "v1", items, kind, metadata: { resourceVersion: "" } }));

/** The same List in ways that people and programs write it. */
const writings: readonly (readonly [string, (value: unknown) => string])[] = [
  ["JSON on one line", (value) => JSON.stringify(value)],
  ["JSON indented", (value) => JSON.stringify(value, undefined, 4)],
  ["JSON with tabs", (value) => JSON.stringify(value, undefined, "\t")],
  ["YAML of kubectl", (value) => stringify(value, { version: "1.1", indentSeq: false, lineWidth: 0 })],
  ["YAML with indented items", (value) => stringify(value, { version: "1.1", lineWidth: 40 })],
  ["YAML in quotes", (value) => stringify(value, { version: "1.1", defaultStringType: "QUOTE_DOUBLE" })],
  [
    "YAML in flow style",
    (value) => stringify(value, { version: "1.1", collectionStyle: "flow", defaultStringType: "QUOTE_DOUBLE" }),
  ],
  ["YAML with a marker", (value) => `# a comment\n---\n${stringify(value, { version: "1.1" })}...\n`],
];

describe("a List", () => {
  it.each(writings)("in %s: its items are what was written", (_how, write) => {
    fc.assert(
      fc.property(list, (value) => {
        const expected = JSON.parse(JSON.stringify(value.items)) as unknown;
        expect(objectsIn(write(value)).map((found) => found.value)).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it.each(writings)("in %s: every part is on the line that another reader finds", (_how, write) => {
    fc.assert(
      fc.property(list, (value) => {
        const written = write(value);
        const lineOf = linesByYaml(written);
        for (const [index, found] of objectsIn(written).entries()) {
          for (const path of pathsIn(found.value)) {
            const line = lineOf(["items", index, ...path]);
            if (line !== undefined) expect([path, found.lineOf(path)]).toEqual([path, line]);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
