import { describe, expect, it } from "vitest";
import { indexRepository } from "../../../src/gitops/layout/index-repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { find } from "./find.ts";
import { application, applicationSet, deployment, flux } from "./texts.ts";

const EAST = "server: 'https://east.example', namespace: shop";
const WEST = "server: 'https://west.example', namespace: shop";

describe("a folder that several clusters read", () => {
  const files = {
    "east.yaml": application("cart-east", "path: shop", EAST),
    "west.yaml": application("cart-west", "path: shop", WEST),
    "shop/cart.yaml": deployment("cart"),
  };

  it("is no place for what one of them shall get, and both readers are named", () => {
    for (const cluster of ["", "east"]) {
      const found = find(files, { cluster });
      expect(found, cluster).toMatchObject({ kind: "unplaced", reason: "ambiguous" });
      expect(found).toHaveProperty(
        "message",
        expect.stringMatching(/cart-east in east\.yaml.*cart-west in west\.yaml/u),
      );
    }
  });

  it("is the place where people say so", () => {
    expect(find(files, { mappings: [{ namespace: "shop", path: "shop" }] })).toMatchObject({
      kind: "plain",
      folder: "shop",
    });
  });

  it("is found though the other cluster puts it into another namespace", () => {
    const other = {
      ...files,
      "west.yaml": application("cart-west", "path: shop", WEST.replace("namespace: shop", "namespace: stage")),
    };
    expect(find(other)).toMatchObject({ reason: "ambiguous" });
  });

  it("is one where both Applications go to one cluster", () => {
    const same = { ...files, "west.yaml": application("cart-too", "path: shop", EAST) };
    expect(find(same)).toMatchObject({ folder: "shop" });
  });

  it("is one where globs of the other leave our files out", () => {
    const globs = { ...files, "west.yaml": application("cart-west", "path: shop, directory: {include: 'x*'}", WEST) };
    expect(find(globs)).toMatchObject({ folder: "shop" });
  });

  it("may be an overlay, read through another one or by itself", () => {
    const overlays = {
      "east.yaml": application("east", "path: overlays/east", EAST),
      "west.yaml": application("west", "path: overlays/west", WEST),
      "overlays/east/kustomization.yaml": "namespace: shop\nresources: [cart.yaml]\n",
      "overlays/east/cart.yaml": deployment("cart"),
      "overlays/west/kustomization.yaml": "resources: [../east]\n",
    };
    expect(find(overlays)).toMatchObject({ reason: "ambiguous" });
    const apart = { ...overlays, "overlays/west/kustomization.yaml": "resources: []\n" };
    expect(find(apart)).toMatchObject({ kustomization: "overlays/east/kustomization.yaml" });
  });

  it("may be a chart with the values of all, and is none with values of its own", () => {
    const chart = {
      "cart/Chart.yaml": "name: cart\n",
      "cart/values.yaml": "{}\n",
      "cart/east.yaml": "{}\n",
      "cart/templates/d.yaml": "kind: Deployment\n",
      "a.yaml": application("east", "path: cart", EAST),
      "b.yaml": application("west", "path: cart", WEST),
    };
    expect(find(chart)).toMatchObject({ reason: "ambiguous" });
    const own = {
      ...chart,
      "a.yaml": application("east", "path: cart, helm: {valueFiles: [east.yaml]}", "name: east, namespace: shop"),
      "b.yaml": application("west", "path: cart", "name: west, namespace: shop"),
    };
    expect(find(own, { cluster: "east" })).toMatchObject({ values: "cart/east.yaml" });
  });

  it("is one that Flux is told of in two clusters, or that it sends to another one by a kubeconfig", () => {
    const two = {
      "clusters/east/a.yaml": flux("a", "./shop", "  targetNamespace: shop\n"),
      "clusters/west/a.yaml": flux("a", "./shop", "  targetNamespace: shop\n"),
      "shop/cart.yaml": deployment("cart"),
    };
    expect(find(two, { cluster: "east" })).toMatchObject({ reason: "ambiguous" });
    const remote = (name: string) => `  targetNamespace: shop\n  kubeConfig: {secretRef: {name: ${name}}}\n`;
    const sent = {
      "clusters/hub/east.yaml": flux("east", "./shop", remote("east-kubeconfig")),
      "clusters/hub/west.yaml": flux("west", "./shop", remote("west-kubeconfig")),
      "shop/cart.yaml": deployment("cart"),
    };
    expect(find(sent, { cluster: "east" })).toMatchObject({ reason: "ambiguous" });
    const { "clusters/hub/west.yaml": _, ...one } = sent;
    expect(find(one, { cluster: "east" })).toMatchObject({ folder: "shop" });
    expect(find(one, { cluster: "hub" })).toMatchObject({ kind: "unplaced" });
  });
});

describe("what an ApplicationSet makes", () => {
  const shop = { "shop/cart.yaml": deployment("cart") };

  it("of a list is one for each element", () => {
    const elements = "{list: {elements: [{env: prod, port: 1}, {env: test, port: 2}]}}";
    const set = applicationSet(
      elements,
      "path: 'env/{{env}}'",
      "name: '{{env}}', namespace: shop",
      "cart-{{.env}}-{{port}}",
    );
    const files = {
      "set.yaml": set,
      "env/prod/cart.yaml": deployment("cart"),
      "env/test/cart.yaml": deployment("cart"),
    };
    expect(find(files, { cluster: "prod" })).toMatchObject({ folder: "env/prod" });
    expect(find(files, { cluster: "test" })).toMatchObject({ folder: "env/test" });
    const annotations = { "argocd.argoproj.io/tracking-id": "cart-test-2:apps/Deployment:shop/cart" };
    expect(find(files, { tracking: { labels: {}, annotations } })).toMatchObject({
      folder: "env/test",
      by: { kind: "argocd" },
    });
  });

  it("of files is one for each that fits, with what it holds", () => {
    const set = applicationSet(
      "{git: {files: [{path: 'config/**/*.json'}]}}",
      "path: '{{app.folder}}'",
      "namespace: '{{path.basename}}'",
    );
    const files = {
      "set.yaml": set,
      "config/shop/c.json": '{"app": {"folder": "shop"}}',
      "config/x/broken.json": "{",
      ...shop,
    };
    expect(find(files)).toMatchObject({ folder: "shop" });
  });

  it("of clusters is one for each cluster, so that one folder for all is no place for one", () => {
    const set = applicationSet(
      "{clusters: {}}",
      "path: shop",
      "server: '{{server}}', namespace: shop",
      "{{name}}-cart",
    );
    expect(find({ "set.yaml": set, ...shop })).toMatchObject({
      reason: "ambiguous",
      message: expect.stringContaining("for each of several clusters"),
    });
  });

  it("of clusters and folders is each of the ones with each of the others", () => {
    const folders = "{git: {directories: [{path: apps/*}]}}";
    const matrix = (other: string) =>
      applicationSet(
        `{matrix: {generators: [${folders}, ${other}]}}`,
        "path: '{{path}}'",
        "name: '{{name}}', namespace: '{{path.basename}}'",
      );
    const files = (other: string) => ({ "set.yaml": matrix(other), "apps/shop/cart.yaml": deployment("cart") });
    expect(find(files("{clusters: {}}"), { cluster: "prod" })).toMatchObject({ reason: "ambiguous" });
    expect(find(files("{list: {elements: [{name: prod}]}}"), { cluster: "prod" })).toMatchObject({
      folder: "apps/shop",
    });
    expect(find(files("{list: {elements: [{name: prod}, {name: test}]}}"), { cluster: "prod" })).toMatchObject({
      reason: "ambiguous",
    });
  });

  it.each([
    ["a generator that asks others", "{scmProvider: {github: {}}}", "path: shop", "scmProvider"],
    ["a folder that a cluster's name says", "{clusters: {}}", "path: 'env/{{name}}'", "{{name}}"],
    ["a function in the template", "{list: {elements: [{a: SHOP}]}}", "path: '{{ .a | lower }}'", "{{ .a | lower }}"],
    [
      "a selector",
      "{list: {elements: [{a: shop}]}, selector: {matchLabels: {a: b}}}",
      "path: '{{a}}'",
      "list, selector",
    ],
    [
      "a template of the generator's own",
      "{list: {elements: [{a: x}], template: {spec: {source: {path: shop}}}}}",
      "path: '{{a}}'",
      "list",
    ],
    ["a matrix with such a one", "{matrix: {generators: [{clusters: {}}, {plugin: {}}]}}", "path: shop", "matrix"],
  ])("of %s is not known, which is said where nothing is found", (_, generator, source, reason) => {
    const found = find(
      { "set.yaml": applicationSet(generator, source, "namespace: shop"), ...shop },
      { workload: "pay" },
    );
    expect(found).toMatchObject({ reason: "unmapped" });
    expect(found).toHaveProperty(
      "message",
      expect.stringContaining(`set.yaml: what the ApplicationSet all makes is not known`),
    );
    expect(found).toHaveProperty("message", expect.stringContaining(`(${reason})`));
  });
});

describe("what could not be read", () => {
  it("is said as well where nothing says the namespace of what is there", () => {
    const files = {
      "set.yaml": applicationSet("{plugin: {}}", "path: shop", "namespace: shop"),
      "shop/c.yaml": deployment("cart"),
    };
    expect(find(files)).toHaveProperty(
      "message",
      expect.stringMatching(/shop\/c\.yaml may hold .*, and nothing says .*ApplicationSet all/u),
    );
  });

  it("is said where nothing is found, at most three of it and how many more", () => {
    const broken = Object.fromEntries(
      ["e", "d", "c", "b", "a"].map((name) => [`${name}.yaml`, "apiVersion: v1\nkind: [\n"]),
    );
    const found = find(broken);
    expect(found).toHaveProperty(
      "message",
      expect.stringMatching(/\(a\.yaml: .*; b\.yaml: .*; c\.yaml: .*; and 2 more\)$/u),
    );
    expect(indexRepository(repositoryOf(broken)).notices).toHaveLength(5);
  });

  it("is not mentioned where all of it is outside, or where something is found", () => {
    expect(find({ "a.yaml": application("x", "path: x, chart: y") })).toHaveProperty(
      "message",
      "nothing in the repository holds Deployment cart in shop",
    );
    expect(find({ "a.yaml": "apiVersion: v1\nkind: [\n", "k/c.yaml": deployment("cart", "shop") })).toMatchObject({
      folder: "k",
    });
  });
});

describe("a folder that goes into several namespaces of one cluster", () => {
  it("is no place for what one of them shall get", () => {
    const tenants = {
      "f/a.yaml": flux("a", "./app", "  targetNamespace: shop\n"),
      "f/b.yaml": flux("b", "./app", "  targetNamespace: test\n"),
      "app/cart.yaml": deployment("cart"),
    };
    expect(find(tenants)).toMatchObject({
      reason: "ambiguous",
      message: expect.stringMatching(/into shop.*into test/u),
    });
    const applications = {
      "a.yaml": application("a", "path: app"),
      "b.yaml": application("b", "path: app", "namespace: test"),
      "app/cart.yaml": deployment("cart"),
    };
    expect(find(applications)).toMatchObject({ reason: "ambiguous" });
  });
});

it.each(["\u2028", "\u2029"])("no document ends at a separator of Unicode (%j)", (separator) => {
  const annotated = deployment("cart").replace("metadata:", `metadata:\n  annotations: {a: "x${separator}--- y"}`);
  expect(annotated).toContain(separator);
  expect(find({ "shop/cart.yaml": annotated, "cart.yaml": application("cart", "path: shop", EAST) })).toMatchObject({
    kind: "plain",
    folder: "shop",
  });
});
