import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSettings, settingsSchema } from "../../../src/gitops/manners/settings.ts";
import { type FoundPlace, settingsFile } from "../../../src/gitops/manners/settings-file.ts";

const by = { kind: "source", because: "it stands there" } as const;

function place(namespace: string, folder: string, workload?: string): FoundPlace {
  const named = workload === undefined ? undefined : { kind: "Deployment", name: workload };
  return { target: { cluster: "", namespace, workload: named }, placement: { kind: "plain", folder, by } };
}

/** As a person takes the # away: prose keeps it. */
function uncommented(text: string): string {
  return text.replaceAll(/^#(?=\w| {2})/gmu, "");
}

describe("the file of settings that is proposed", () => {
  it("git rule 31: says what no file says", () => {
    expect(parseSettings(settingsFile([]))).toEqual(parseSettings(undefined));
  });

  it("shows every setting with its default", () => {
    const schema = settingsSchema() as { readonly properties: Readonly<Record<string, unknown>> };
    const shown = uncommented(settingsFile([]));
    for (const key of Object.keys(schema.properties)) expect(shown).toMatch(new RegExp(`^${key}:`, "mu"));
    expect({ ...parseSettings(shown), mappings: [], units: {} }).toEqual(parseSettings(undefined));
  });

  it("has one entry for a namespace with one place, and one for each workload of others", () => {
    const places = [
      place("shop", "apps/shop", "cart"),
      place("shop", "apps/shop", "db"),
      place("ops", "ops/a", "a"),
      place("ops", "ops/b", "b"),
    ];
    const { mappings } = parseSettings(uncommented(settingsFile(places)));
    expect(mappings).toEqual([
      { namespace: "ops", workload: "a", path: "ops/a", layout: "plain" },
      { namespace: "ops", workload: "b", path: "ops/b", layout: "plain" },
      { namespace: "shop", path: "apps/shop", layout: "plain" },
    ]);
    expect(settingsFile(places.toReversed())).toBe(settingsFile(places));
  });

  it("names a kustomization's folder, and a chart with its values", () => {
    const target = { cluster: "prod", namespace: "", workload: undefined };
    const file = settingsFile([
      { target, placement: { kind: "kustomize", kustomization: "base/kustomization.yaml", by } },
      { target, placement: { kind: "kustomize", kustomization: "kustomization.yaml", by } },
      { target, placement: { kind: "helm", chart: "charts/shop", values: "charts/shop/values.yaml", by } },
    ]);
    expect(parseSettings(uncommented(file)).mappings).toEqual([
      { cluster: "prod", path: ".", layout: "kustomize" },
      { cluster: "prod", path: "base", layout: "kustomize" },
      { cluster: "prod", path: "charts/shop", layout: "helm", values: "charts/shop/values.yaml" },
    ]);
  });

  it("git rule 35: no name leaves its comment, and each reads as it was", () => {
    const name = fc.oneof(
      fc.string({ minLength: 1, unit: "binary" }),
      fc.constantFrom("a\nenabled: false", "} #", "\u2028x"),
    );
    fc.assert(
      fc.property(name, name, (namespace, path) => {
        const file = settingsFile([place(namespace, path)]);
        expect(parseSettings(file)).toEqual(parseSettings(undefined));
        expect(parseSettings(uncommented(file)).mappings).toEqual([{ namespace, path, layout: "plain" }]);
      }),
    );
  });

  it("stays short where many places were found", () => {
    const many = Array.from({ length: 60 }, (_, index) => place(`ns-${index}`, "apps"));
    expect(settingsFile(many)).toContain("without being written down, and 10 more:");
  });
});
