import { describe, expect, it } from "vitest";
import { kustomizeFiles } from "../../../src/gitops/tools/kustomize-files.ts";
import { repositoryOf } from "../../support/repository.ts";

const ROOT = "app/kustomization.yaml";

function filesOf(texts: Readonly<Record<string, string>>, links: readonly string[] = []): unknown {
  const given = kustomizeFiles(repositoryOf(texts, links), ROOT);
  return given.kind === "files" ? given.files.map(({ path }) => path) : given.because;
}

describe("what kustomize is given", () => {
  it("is everything below the folders that are reached, and no more", () => {
    const texts = {
      [ROOT]: "resources: [../base, a.yaml]\ncomponents: [../common]\n",
      "app/a.yaml": "a: b\n",
      "app/patches/p.yaml": "a: b\n",
      "apple/a.yaml": "a: b\n",
      "base/kustomization.yaml": "resources: [deep/er]\n",
      "base/deep/er/Kustomization": "resources: []\n",
      "common/kustomization.yml": "kind: Component\n",
      "other/kustomization.yaml": "resources: []\n",
      "other/secret.yaml": "a: b\n",
      "secret.yaml": "a: b\n",
    };
    const expected = Object.keys(texts).filter((path) => !/^(?:other|apple)\/|^secret/u.test(path));
    expect(filesOf(texts, ["app/link.yaml"])).toEqual(expected.toSorted());
  });

  it("ends where kustomizations build upon each other in a ring", () => {
    const texts = { [ROOT]: "resources: [../base]\n", "base/kustomization.yaml": "resources: [../app]\n" };
    expect(filesOf(texts)).toEqual(Object.keys(texts).toSorted());
  });

  it("is what says its images, notes and literals with addresses in them", () => {
    const text =
      "commonAnnotations: {home: 'https://example.org/x.git'}\n" +
      "images: [{name: cart, newName: 'ghcr.io:443/shop/cart'}]\n" +
      "configMapGenerator: [{name: c, literals: ['url=https://example.org']}]\n" +
      "patches: [{patch: '[{op: add, path: /a, value: https://example.org}]', target: {kind: Deployment}}]\n" +
      "patchesStrategicMerge:\n- |\n  kind: Deployment\n  image: a:b\n";
    expect(filesOf({ [ROOT]: text })).toEqual([ROOT]);
  });

  it.each([
    ["resources: ['https://example.org/base']\n", "https://example.org/base"],
    ["resources: ['github.com/org/repo/base?ref=v1']\n", "github.com/org/repo/base?ref=v1"],
    ["resources: [GitHub.com/org/repo]\n", "GitHub.com/org/repo"],
    ["resources: ['git@example.org:org/repo']\n", "git@example.org:org/repo"],
    ["resources: ['git::https://example.org/x']\n", "git::https://example.org/x"],
    ["bases: [example.org/repo.git/base]\n", "example.org/repo.git/base"],
    ["components: [example.org/repo//base]\n", "example.org/repo//base"],
    ["patches: [{path: 'http://127.0.0.1:8080/p.yaml'}]\n", "http://127.0.0.1:8080/p.yaml"],
    ["crds: ['https://example.org/crd']\n", "https://example.org/crd"],
    ["openapi: {path: 'https://example.org/schema'}\n", "https://example.org/schema"],
    ["configMapGenerator: [{name: a, files: ['k=https://example.org/f']}]\n", "k=https://example.org/f"],
    ["replacements: [{path: 'https://example.org/r'}]\n", "https://example.org/r"],
  ])("is nothing where an address is named: %s", (text, address) => {
    expect(filesOf({ [ROOT]: text })).toBe(`${ROOT} names ${JSON.stringify(address)}, which might be fetched`);
  });

  it("is nothing where an address is named by what it builds upon", () => {
    const texts = { [ROOT]: "resources: [../base]\n", "base/kustomization.yaml": "resources: ['https://x/y']\n" };
    expect(filesOf(texts)).toBe('base/kustomization.yaml names "https://x/y", which might be fetched');
  });

  it.each(["generators", "transformers", "validators", "helmCharts", "Resources", "RESOURCES", "unheardOf"])(
    "is nothing where `%s` might run or fetch something",
    (field) => {
      const text = `${field}: ['https://example.org']\n`;
      expect(filesOf({ [ROOT]: text })).toBe(`${ROOT} has \`${field}\`, which might run or fetch something`);
    },
  );

  it.each(["a: [\n", "- a\n", "a: b\n---\nc: d\n", "", "resources: []\nresources: ['https://x']\n"])(
    "is nothing where a kustomization can't be read: %j",
    (text) => {
      expect(filesOf({ [ROOT]: text })).toBe(`${ROOT} can't be read as one kustomization`);
    },
  );
});
