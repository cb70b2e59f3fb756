import { describe, expect, it } from "vitest";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { type Files, find } from "./find.ts";
import { application, deployment, flux } from "./texts.ts";

const MONOREPO: Files = {
  "clusters/prod/apps.yaml": flux("apps", "./apps/prod"),
  "clusters/staging/apps.yaml": flux("apps", "./apps/staging"),
  "apps/base/cart/kustomization.yaml": "resources: [cart.yaml]\n",
  "apps/base/cart/cart.yaml": deployment("cart"),
  "apps/prod/kustomization.yaml": "namespace: shop\nresources: [../base/cart]\npatches: [{path: patch.yaml}]\n",
  "apps/prod/patch.yaml": deployment("cart", "shop"),
  "apps/staging/kustomization.yaml": "namespace: shop\nresources: [../base/cart]\n",
};

describe("the place of a workload", () => {
  it("is the folder of its file", () => {
    expect(find({ "k8s/cart.yaml": deployment("cart", "shop") })).toMatchObject({ kind: "plain", folder: "k8s" });
  });

  it("is found beside broken YAML, which is a notice", () => {
    const files = { "k8s/a.yaml": "apiVersion: v1\nkind: [\n---\n" + deployment("cart", "shop") };
    expect(find(files)).toMatchObject({ kind: "plain", folder: "k8s" });
    expect(indexRepository(repositoryOf(files)).notices).toHaveLength(1);
  });

  it("is not guessed where nothing says its namespace", () => {
    const found = find({ "k8s/cart.yaml": deployment("cart") });
    expect(found).toMatchObject({ kind: "unplaced", reason: "unmapped" });
    expect(found).toHaveProperty("message", expect.stringContaining("k8s/cart.yaml"));
  });

  it("follows an app of apps to a directory and its destination's namespace", () => {
    const files = {
      "root.yaml": application("root", "path: argo", "namespace: argocd"),
      "argo/shop.yaml": application("shop", "path: shop"),
      "shop/cart.yaml": deployment("cart"),
    };
    expect(find(files)).toMatchObject({ kind: "plain", folder: "shop" });
  });

  it("is no folder below an Application that does not recurse, nor one whose globs leave our files out", () => {
    const below = { "a.yaml": application("shop", "path: shop"), "shop/cart/cart.yaml": deployment("cart") };
    expect(find(below)).toMatchObject({ kind: "unplaced" });
    const recursing = { ...below, "a.yaml": application("shop", "path: shop, directory: {recurse: true}") };
    expect(find(recursing)).toMatchObject({ kind: "plain", folder: "shop/cart" });
    const globs = {
      ...below,
      "a.yaml": application("shop", "path: shop, directory: {recurse: true, include: 'cart/{cart,b}*'}"),
    };
    expect(find(globs)).toMatchObject({ kind: "unplaced", reason: "unmapped" });
  });

  it("follows an ApplicationSet over directories", () => {
    const set = `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\nspec:\n  generators:\n  - git: {directories: [{path: apps/*}, {path: apps/old, exclude: true}]}\n  template:\n    metadata: {name: '{{path.basename}}'}\n    spec:\n      source: {path: '{{path}}'}\n      destination: {namespace: '{{path.basename}}'}\n`;
    const files = {
      "set.yaml": set,
      "apps/shop/cart.yaml": deployment("cart"),
      "apps/old/cart.yaml": deployment("cart"),
    };
    expect(find(files)).toMatchObject({ kind: "plain", folder: "apps/shop" });
  });

  it("is the overlay of the cluster, never the base that two clusters share, nor a patch", () => {
    for (const cluster of ["prod", "staging"]) {
      const kustomization = `apps/${cluster}/kustomization.yaml`;
      expect(find(MONOREPO, { cluster })).toMatchObject({ kind: "kustomize", kustomization });
    }
    expect(find(MONOREPO)).toMatchObject({ kind: "unplaced", reason: "ambiguous" });
    expect(find(MONOREPO, { cluster: "dev" })).toMatchObject({ kind: "unplaced", reason: "unmapped" });
  });

  it("counts prefixes, components and generators of an overlay in", () => {
    const files = {
      "o/kustomization.yaml":
        "namePrefix: eu-\nnamespace: shop\nresources: [../b]\ncomponents: [../c]\nconfigMapGenerator: [{name: x, literals: [a=b]}]\n",
      "b/kustomization.yaml": "resources: [cart.yaml]\n",
      "b/cart.yaml": deployment("cart"),
      "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [pay.yaml]\n",
      "c/pay.yaml": deployment("pay"),
    };
    for (const workload of ["eu-cart", "eu-pay"]) {
      expect(find(files, { workload })).toMatchObject({ kind: "kustomize", kustomization: "o/kustomization.yaml" });
    }
    expect(find(files)).toMatchObject({ kind: "unplaced" });
  });

  it("tells overlays of different namespaces apart", () => {
    const files = {
      "base/kustomization.yaml": "resources: [cart.yaml]\n",
      "base/cart.yaml": deployment("cart"),
      "a/kustomization.yaml": "namespace: shop\nresources: [../base]\n",
      "b/kustomization.yaml": "namespace: test\nresources: [../base]\n",
    };
    expect(find(files)).toMatchObject({ kustomization: "a/kustomization.yaml" });
    expect(find(files, { namespace: "test" })).toMatchObject({ kustomization: "b/kustomization.yaml" });
  });

  it("ends where kustomizations name each other", () => {
    const files = { "a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources: [../a]\n" };
    expect(find(files)).toMatchObject({ kind: "unplaced", reason: "unmapped" });
  });

  it("is the chart, with the values of the cluster", () => {
    const files = {
      "cart/Chart.yaml": "name: cart\nversion: 1.0.0\n",
      "cart/values.yaml": "{}\n",
      "cart/values-prod.yaml": "{}\n",
      "cart/values-test.yaml": "{}\n",
      "cart/templates/d.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n",
    };
    expect(find(files, { cluster: "prod" })).toMatchObject({ kind: "helm", values: "cart/values-prod.yaml" });
    expect(find(files)).toMatchObject({ kind: "unplaced", reason: "ambiguous" });
    const argo = { ...files, "a.yaml": application("cart", "path: cart, helm: {valueFiles: [values-test.yaml]}") };
    expect(find(argo)).toMatchObject({ kind: "helm", chart: "cart", values: "cart/values-test.yaml" });
  });

  it("is the umbrella that brings the chart along", () => {
    const files = {
      "shop/Chart.yaml": "name: shop\n",
      "shop/values.yaml": "{}\n",
      "shop/charts/cart/Chart.yaml": "name: cart\n",
      "shop/charts/cart/values.yaml": "{}\n",
      "shop/charts/cart/templates/d.yaml": "kind: Deployment\n",
    };
    expect(find(files)).toMatchObject({ kind: "helm", chart: "shop", values: "shop/values.yaml" });
  });

  it("is beside the HelmRelease of a chart that somebody else makes", () => {
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: redis, namespace: shop}\nspec:\n  chart: {spec: {chart: redis, sourceRef: {kind: HelmRepository, name: bitnami}}}\n`;
    const labels = { "helm.toolkit.fluxcd.io/name": "redis", "helm.toolkit.fluxcd.io/namespace": "shop" };
    const asked = { workload: "redis-master", tracking: { labels, annotations: {} } };
    expect(find({ "infra/redis.yaml": release }, asked)).toMatchObject({
      kind: "plain",
      folder: "infra",
      by: { kind: "flux" },
    });
  });

  it("is the module that declares it", () => {
    const module = `resource "kubernetes_deployment_v1" "x" {\n  metadata {\n    name      = "cart"\n    namespace = "shop"\n  }\n}\n`;
    expect(find({ "tf/main.tf": module })).toMatchObject({ kind: "terraform", folder: "tf" });
  });

  it("is what Argo CD's own mark says, unless the mark was copied from another object", () => {
    const files = {
      "a.yaml": application("one", "path: one"),
      "b.yaml": application("two", "path: two"),
      "one/cart.yaml": deployment("cart"),
      "two/cart.yaml": deployment("cart"),
    };
    const marked = (id: string) => ({
      tracking: { labels: {}, annotations: { "argocd.argoproj.io/tracking-id": id } },
    });
    expect(find(files, marked("two:apps/Deployment:shop/cart"))).toMatchObject({
      folder: "two",
      by: { kind: "argocd" },
    });
    expect(find(files, marked("two:apps/Deployment:shop/pay"))).toMatchObject({ reason: "ambiguous" });
  });
});

describe("the place of a namespace", () => {
  it("is what all its workloads share, else where the Namespace is declared", () => {
    const files = { "k/a.yaml": deployment("a", "shop"), "k/b.yaml": deployment("b", "shop") };
    expect(find(files, { workload: undefined })).toMatchObject({ folder: "k", by: { kind: "namespace" } });
    const apart = { ...files, "l/c.yaml": deployment("c", "shop") };
    expect(find(apart, { workload: undefined })).toMatchObject({ reason: "ambiguous" });
    const declared = { ...apart, "ns/shop.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n" };
    expect(find(declared, { workload: undefined })).toMatchObject({ folder: "ns" });
  });
});

describe("mappings", () => {
  it("git rule 36: have the last word, and lead nowhere that may not be written to", () => {
    const files = { "k8s/cart.yaml": deployment("cart", "shop"), "other/x.txt": "x" };
    const at = (path: string) => find(files, { mappings: [{ namespace: "shop", path }], links: ["link"] });
    expect(at("other")).toMatchObject({ kind: "plain", folder: "other", by: { kind: "mapping" } });
    for (const path of [
      "../x",
      "/etc",
      "a/../../b",
      ".github/workflows",
      ".GIT/hooks",
      "x/.git",
      "link",
      "link/a",
      "a\\b",
      "k8s/cart.yaml",
    ]) {
      expect(at(path), path).toMatchObject({ kind: "unplaced", reason: "outside" });
    }
  });

  it.each([
    ["plain", "app", { kind: "plain", folder: "app" }],
    ["terraform", "app", { kind: "terraform", folder: "app" }],
    ["kustomize", "app", { kind: "kustomize", kustomization: "app/kustomization.yml" }],
    ["helm", "chart", { kind: "helm", chart: "chart", values: "chart/values.yaml" }],
    [undefined, "app", { kind: "kustomize" }],
    [undefined, "chart", { kind: "helm" }],
    [undefined, "tf", { kind: "terraform" }],
    [undefined, "new/folder", { kind: "plain", folder: "new/folder" }],
    ["kustomize", "tf", { kind: "unplaced", reason: "unreadable" }],
    ["helm", "tf", { kind: "unplaced", reason: "unreadable" }],
  ] as const)("that say %s of %s are followed where the folder is one", (layout, path, expected) => {
    const files = {
      "app/kustomization.yml": "resources: []\n",
      "chart/Chart.yaml": "name: cart\n",
      "chart/values.yaml": "{}\n",
      "tf/main.tf": "",
    };
    const mapping = layout === undefined ? { path } : { path, layout };
    expect(find(files, { mappings: [mapping] })).toMatchObject(expected);
  });

  it("name the values of a chart, which have to be a file that is there", () => {
    const files = { "chart/Chart.yaml": "name: cart\n", "env/prod.yaml": "{}\n" };
    const mapped = (values: string) => find(files, { mappings: [{ path: "chart", values }] });
    expect(mapped("env/prod.yaml")).toMatchObject({ kind: "helm", values: "env/prod.yaml" });
    for (const values of ["env/test.yaml", "../x.yaml", ".github/x.yaml"]) {
      expect(mapped(values), values).toMatchObject({ kind: "unplaced", reason: "unreadable" });
    }
  });

  it("that are closer win; equally close ones that differ are no answer", () => {
    const files = { "a/x.txt": "", "b/x.txt": "" };
    const near = { namespace: "shop", workload: "cart", path: "a" };
    expect(find(files, { mappings: [{ path: "b" }, near] })).toMatchObject({ folder: "a" });
    expect(find(files, { mappings: [{ path: "b" }, { path: "a" }] })).toMatchObject({ reason: "ambiguous" });
  });
});

describe("a hostile repository", () => {
  it("leads nobody out of it, and quotes names in snippets", () => {
    const files = {
      "a.yaml": application("evil", "path: ../../etc"),
      "k/kustomization.yaml": "resources: [../../x, 'https://evil.example/y']\n",
      ".github/workflows/cart.yaml": deployment("cart", "shop"),
    };
    const found = find(files, { workload: "x\n  path: evil" });
    expect(found).toMatchObject({ kind: "unplaced" });
    expect(found).toHaveProperty("snippet", expect.stringContaining(String.raw`workload: "x\n  path: evil"`));
    expect(find(files)).toMatchObject({ kind: "unplaced" });
    expect(indexRepository(repositoryOf(files)).notices).toHaveLength(3);
  });
});
