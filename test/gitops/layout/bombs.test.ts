import { describe, expect, it } from "vitest";
import { fitsFolder } from "../../../src/gitops/layout/globs.ts";
import { find } from "./find.ts";
import { applicationSet, deployment } from "./texts.ts";

/** Few lines that unfold to 10^12 fields. */
function unfolding(last: string): string {
  const keys = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
  const level = (name: string, inner: string) =>
    `${name}: &${name} {${keys.map((key) => `${key}: ${inner}`).join(", ")}}\n`;
  let text = level("l0", "x");
  for (let depth = 1; depth <= 12; depth++) text += level(`l${depth}`, `*l${depth - 1}`);
  return `${text}${last}: *l12\n`;
}

const SHOP = { "shop/cart.yaml": deployment("cart", "shop") };
const FILES = "{git: {files: [{path: 'config/*.yaml'}]}}";

// Without limits none of these would ever end.
describe("texts that unfold without end", () => {
  it("are said not to be read, in manifests, kustomizations and charts, and good ones beside them count", () => {
    const head = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: x}\n";
    const files = {
      ...SHOP,
      "a.yaml": head + unfolding("spec"),
      "b/kustomization.yaml": unfolding("configurations"),
      "c/Chart.yaml": unfolding("dependencies"),
      "d.yaml": "apiVersion: v1\nkind: List\nitems: &i [*i]\n",
    };
    expect(find(files)).toMatchObject({ folder: "shop" });
    const message = find(files, { workload: "pay" });
    for (const path of ["a.yaml", "b/kustomization.yaml", "c/Chart.yaml"]) {
      expect(message).toHaveProperty("message", expect.stringContaining(`${path}: a document of it can't be read`));
    }
  });

  it("give no parameters to an ApplicationSet", () => {
    const set = applicationSet(FILES, "path: '{{x}}'", "namespace: shop");
    expect(find({ ...SHOP, "set.yaml": set, "config/a.yaml": unfolding("x") })).toMatchObject({ folder: "shop" });
  });

  it("are no product of generators", () => {
    const list = `{list: {elements: [${"{a: b}, ".repeat(200)}]}}`;
    const set = applicationSet(
      `{matrix: {generators: [${Array.from({ length: 8 }, () => list).join(", ")}]}}`,
      "path: shop",
      "namespace: shop",
    );
    expect(find({ ...SHOP, "set.yaml": set }, { workload: "pay" })).toHaveProperty(
      "message",
      expect.stringContaining("(matrix)"),
    );
  });

  it("are no pattern of folders", () => {
    const folder = "a/".repeat(60);
    expect(fitsFolder(`${folder}b`, `${"**/a/".repeat(30)}c`)).toBe(false);
    expect(fitsFolder(`${folder}b`, `${"**/a/".repeat(30)}b`)).toBe(true);
  });
});

describe("patterns of folders", () => {
  it.each([
    ["apps/*", "apps/a", true],
    ["apps/*", "apps/a/b", false],
    ["apps/*", "apps", false],
    ["apps/**", "apps/a/b", true],
    ["**/prod", "prod", true],
    ["**/prod", "a/b/prod", true],
    ["**/prod", "a/prod/b", false],
    ["a/**/c", "a/c", true],
    ["a/**/c", "a/b/b/c", true],
    ["*", "a", true],
    ["a-?", "a-b", true],
  ])("%s and %s: %s", (pattern, folder, fits) => {
    expect(fitsFolder(folder, pattern)).toBe(fits);
  });
});
