import fc from "fast-check";
import { expect, it } from "vitest";
import { printDocuments } from "../../../generators/index.ts";
import type { Fields } from "../../../src/gitops/fields.ts";
import { baseName } from "../../../src/gitops/paths.ts";
import { CHART_TEMPLATE } from "../../../src/gitops/place/chart.ts";
import { valuesBlock } from "../../../src/gitops/place/values-block.ts";
import { changed } from "../place/repositories.ts";
import { planOf, REPOSITORY, wantedFiles } from "./worlds.ts";

const ANYTHING = fc.constantFrom<unknown>(null, 5, true, "x", [], {}, [null], [5], ["x"], [{}], { x: null });

/** Somebody says something else somewhere in it. */
function garbled(value: unknown, path: readonly number[], by: unknown): unknown {
  const [step = 0, ...more] = path;
  if (Array.isArray(value) && value.length > 0) {
    return value.map((each, index) => (index === step % value.length ? garbled(each, more, by) : each));
  }
  if (typeof value !== "object" || value === null || path.length === 0) return by;
  const entries = Object.entries(value);
  const at = step % Math.max(entries.length, 1);
  return Object.fromEntries(
    entries.map(([key, each], index) => [
      key,
      index === at && !(key === "labels" || key === "kind") ? garbled(each, more, by) : each,
    ]),
  );
}

const wanted = wantedFiles.filter((files) => files.length > 0);
/** Mostly in the rules, at any depth. */
const path = fc
  .tuple(fc.constantFrom(2, 3, 3, 3), fc.integer({ min: 0, max: 4 }))
  .chain(([first, length]) =>
    fc.array(fc.nat({ max: 3 }), { minLength: length, maxLength: length }).map((rest) => [first, ...rest]),
  );

it("law: goes on beside objects of ours of which somebody made anything, in files and in values", () => {
  fc.assert(
    fc.property(wanted, path, ANYTHING, (files, steps, by) => {
      const [first] = files;
      if (first === undefined) throw new Error("no file");
      const documents = first.file.manifests.map((manifest) => garbled(manifest, steps, by));
      const text = printDocuments(documents.filter(isObject));
      const repository = changed(REPOSITORY, [
        write(`plain/one/${baseName(first.file.name)}`, text),
        write("charts/app/templates/netlearn.yaml", CHART_TEMPLATE),
        write("charts/app/values.yaml", `level: debug\n${valuesBlock(documents)}`),
      ]);
      for (const place of [{ path: "plain/one" }, { path: "charts/app", values: "charts/app/values.yaml" }]) {
        const mappings = [{ ...place, namespace: first.namespace }];
        expect(() => planOf({ mappings, repository, wanted: files })).not.toThrow();
      }
    }),
    { numRuns: 200 },
  );
});

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function write(file: string, text: string) {
  return { kind: "write", path: file, text, before: undefined, owner: "person" } as const;
}
