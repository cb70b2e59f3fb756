import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CHART_TEMPLATE } from "../../../src/gitops/place/chart.ts";
import { placeInChart } from "../../../src/gitops/place/helm.ts";
import type { Placed } from "../../../src/gitops/place/objects.ts";
import { byText } from "../../../src/lib/sort.ts";
import type { ProposedFile } from "../../../src/model/placement.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { CHARTS, type ChartCase } from "../../support/charts.ts";
import { randomManifest } from "../../support/random-manifests.ts";
import { repositoryOf } from "../../support/repository.ts";
import { changed, proposedFile } from "./repositories.ts";

const VALUES = "charts/shop/values.yaml";
const SCHEMA = "charts/shop/values.schema.json";
const CHART = "charts/shop/Chart.yaml";
const TEMPLATE = "charts/shop/templates/netlearn.yaml";
const { comments } = CHARTS;
if (comments === undefined) throw new Error("there is no such fixture");
const { placement, texts } = comments;

function place(repository: Repository, files: readonly ProposedFile[], to = placement): Placed {
  return placeInChart(repository, { placement: to, files });
}

function textOf(repository: Repository, path: string): string {
  return repository.files.get(path)?.text ?? "";
}

describe.each(Object.entries(CHARTS))("placeInChart with %s", (_, { placement: to, texts: given }: ChartCase) => {
  const repository = repositoryOf(given);
  const before = textOf(repository, to.values);
  const { changes, refused } = place(repository, [proposedFile("db"), proposedFile("cart")], to);
  const after = changed(repository, changes);

  it("git rule 23: writes a template and one block into the values file, and leaves every other byte", () => {
    expect(refused).toEqual([]);
    expect(changes.map(({ path }) => path)).toEqual([TEMPLATE, to.values].toSorted(byText));
    const owners = new Map(changes.map(({ path, owner }) => [path, owner]));
    expect(owners.get(TEMPLATE)).toBe("netlearn");
    expect(owners.get(to.values)).toBe("person");
    expect(textOf(after, TEMPLATE)).toBe(CHART_TEMPLATE);
    expect(textOf(after, to.values).slice(0, before.length)).toBe(before);
    expect(textOf(after, to.values).slice(before.length)).toMatch(/^(\r?\n)?netlearn:\r?\n/);
    if (before.includes("\r\n")) expect(textOf(after, to.values)).not.toMatch(/[^\r]\n/);
  });

  it("git rule 5: has the same bytes whatever the order, and nothing to do again", () => {
    const files = [proposedFile("cart"), proposedFile("db")];
    expect(place(repository, files, to).changes).toEqual(changes);
    expect(place(after, files, to)).toEqual({ changes: [], refused: [] });
  });

  it("changes its own block alone when something else is wanted, with lines of people behind it", () => {
    const own = textOf(after, to.values);
    const end = own.includes("\r\n") ? "\r\n" : "\n";
    const followed = changed(after, [
      { kind: "write", path: to.values, before: own, text: `${own}# more${end}more: 1${end}`, owner: "person" },
    ]);
    const next = changed(followed, place(followed, [proposedFile("cart")], to).changes);
    const alone = changed(repository, place(repository, [proposedFile("cart")], to).changes);
    expect(textOf(next, to.values)).toBe(`${textOf(alone, to.values)}# more${end}more: 1${end}`);
  });

  it("takes the key and the template out with the last object", () => {
    const removed = changed(after, place(after, [], to).changes);
    expect(removed.files.has(TEMPLATE)).toBe(false);
    const newline = before === "" || before.endsWith("\n") ? "" : "\n";
    expect(textOf(removed, to.values)).toBe(before + newline);
    expect(place(repository, [], to)).toEqual({ changes: [], refused: [] });
  });
});

describe("placeInChart", () => {
  it("writes objects as they are, whatever is in their names", () => {
    fc.assert(
      fc.property(randomManifest, (manifest) => {
        fc.pre(!/\\ud[89a-f]/u.test(JSON.stringify(manifest)));
        const repository = repositoryOf(texts);
        const file = { name: "netlearn-a.yaml", manifests: [manifest], workload: undefined };
        const { changes, refused } = place(repository, [file]);
        expect(refused).toEqual([]);
        const after = changed(repository, changes);
        const { netlearn, ...rest } = parse(textOf(after, VALUES));
        expect(netlearn).toEqual({ enabled: true, policies: [manifest] });
        expect(rest).toEqual(parse(textOf(repository, VALUES)));
        expect(place(after, [file])).toEqual({ changes: [], refused: [] });
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the template while another values file needs it", () => {
    const prod = { ...placement, values: "env/prod.yaml" };
    const first = changed(repositoryOf(texts), place(repositoryOf(texts), [proposedFile("cart")]).changes);
    const both = changed(first, place(first, [proposedFile("db")], prod).changes);
    const one = changed(both, place(both, []).changes);
    expect(one.files.has(TEMPLATE)).toBe(true);
    expect(changed(one, place(one, [], prod).changes).files.has(TEMPLATE)).toBe(false);
  });

  it.each([
    ["braces", "{level: debug}\n", "braces"],
    ["empty braces", "{}\n", "braces"],
    ["a list", "- a\n", "no map"],
    ["broken YAML", "a: [1\nb: 2\n", "no YAML"],
    ["a template", "level: {{ .level }}\n", "template"],
    ["lines of a template", "{{- if .x }}\na: 1\n{{- end }}\n", "can't be edited safely"],
    ["two documents", "a: 1\n---\nb: 2\n", "several documents"],
    ["an end of the document", "a: 1\n...\n", "told apart"],
    ["an indented map", "  a: 1\n  b: 2\n", "told apart"],
    ["a literal that would grow", "a: |+\n  b", "part of that text"],
    ["a key of people", "netlearn:\n  enabled: false\n", "by hand"],
    ["a key that is quoted", "'netlearn': 1\n", "by hand"],
  ])("git rule 23: leaves a values file alone that has %s, and says what to write", (_, values, said) => {
    const { changes, refused } = place(repositoryOf({ ...texts, [VALUES]: values }), [proposedFile("cart")]);
    expect(changes).toEqual([]);
    expect(refused).toEqual([
      { path: VALUES, message: expect.stringContaining(said), patch: expect.stringContaining("netlearn-cart") },
    ]);
  });

  it("git rule 27: leaves a key and a template that were edited by hand", () => {
    const after = changed(repositoryOf(texts), place(repositoryOf(texts), [proposedFile("cart")]).changes);
    for (const [path, from, to] of [
      [VALUES, "enabled: true", "enabled: false"],
      [VALUES, "8080", "8081 # why"],
      [TEMPLATE, "toYaml", "tpl"],
    ] as const) {
      const text = textOf(after, path);
      const edited = changed(after, [
        { kind: "write", path, before: text, text: text.replace(from, to), owner: "person" },
      ]);
      for (const files of [[], [proposedFile("db")]]) {
        expect(place(edited, files)).toMatchObject({ changes: [], refused: [{ path }] });
      }
    }
  });

  it.each([
    ['{"additionalProperties": false}', "does not name"],
    ['{"properties": {"netlearn": {"type": "string"}}}', "says more"],
    ['{"allOf": [{"$ref": "#/definitions/a"}]}', "may not let"],
    ["{", "no JSON"],
  ])("refuses where the schema may forbid the key: %s", (schema, said) => {
    const { changes, refused } = place(repositoryOf({ ...texts, [SCHEMA]: schema }), [proposedFile("cart")]);
    expect(changes).toEqual([]);
    expect(refused).toEqual([
      { path: SCHEMA, message: expect.stringContaining(said), patch: expect.stringContaining("object") },
    ]);
  });

  it.each([
    ["type: library\n", "library"],
    ["dependencies: [{name: x, alias: netlearn}]\n", "dependency netlearn"],
    ["- a\n", "no YAML map"],
  ])("refuses a chart that can't take it: %s", (chart, said) => {
    const { changes, refused } = place(repositoryOf({ ...texts, [CHART]: chart }), [proposedFile("cart")]);
    expect(changes).toEqual([]);
    expect(refused).toMatchObject([{ path: CHART, message: expect.stringContaining(said) }]);
  });

  it.each([
    { ...placement, values: "../values.yaml" },
    { ...placement, values: "env/link/values.yaml" },
    { ...placement, chart: ".git" },
  ])("git rule 36: writes nothing to $chart with $values", (to) => {
    const { changes, refused } = place(repositoryOf(texts, ["env/link"]), [proposedFile("cart")], to);
    expect(changes).toEqual([]);
    expect(refused).toHaveLength(1);
  });
});
