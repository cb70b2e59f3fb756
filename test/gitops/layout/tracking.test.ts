import { describe, expect, it } from "vitest";
import { find } from "./find.ts";
import { application, deployment, flux } from "./texts.ts";

const TWO = {
  "a.yaml": application("one", "path: one"),
  "b.yaml": application("two", "path: two"),
  "one/cart.yaml": deployment("cart"),
  "two/cart.yaml": deployment("cart"),
};

const ID = "argocd.argoproj.io/tracking-id";

function marked(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>> = {}) {
  return { tracking: { labels, annotations } };
}

describe("who applied a workload", () => {
  it.each(["argocd.argoproj.io/instance", "app.kubernetes.io/instance"])("is what the label %s says", (label) => {
    expect(find(TWO, marked({ [label]: "two" }))).toMatchObject({ folder: "two", by: { kind: "argocd" } });
    expect(find(TWO, marked({ [label]: "argocd_two" }))).toMatchObject({ folder: "two" });
    expect(find(TWO, marked({ [label]: "team-a_two" }))).toMatchObject({ reason: "ambiguous" });
    expect(find(TWO, marked({ [label]: "three" }))).toMatchObject({ reason: "ambiguous" });
  });

  it("is what the id says, whatever a chart wrote into the label", () => {
    const annotations = { [ID]: "argocd_two:apps/Deployment:shop/cart" };
    expect(find(TWO, marked({ "app.kubernetes.io/instance": "one" }, annotations))).toMatchObject({ folder: "two" });
  });

  it.each([
    ["workload", "two:apps/Deployment:shop/pay"],
    ["namespace", "two:apps/Deployment:test/cart"],
    ["kind", "two:apps/StatefulSet:shop/cart"],
    ["nothing", "two"],
  ])("is not said by an id that was copied from another %s", (_, id) => {
    expect(find(TWO, marked({ "argocd.argoproj.io/instance": "two" }, { [ID]: id }))).toMatchObject({
      reason: "ambiguous",
    });
  });

  it("a chart's label counts for nothing where the repository says otherwise", () => {
    const files = {
      "a.yaml": application("redis", "chart: redis", "namespace: shop", "https://charts.example"),
      "k/cart.yaml": deployment("cart", "shop"),
    };
    const labels = { "app.kubernetes.io/instance": "redis" };
    expect(find(files, marked(labels))).toMatchObject({ folder: "k" });
    expect(find(files, { ...marked(labels), workload: "redis-master" })).toMatchObject({ reason: "third-party" });
    expect(find(files, marked({ "argocd.argoproj.io/instance": "redis" }))).toMatchObject({ reason: "third-party" });
  });

  it("is the Kustomization that Flux's labels name", () => {
    const files = {
      "f/a.yaml": flux("one", "./one", "  targetNamespace: shop\n"),
      "f/b.yaml": flux("two", "./two", "  targetNamespace: shop\n"),
      "one/cart.yaml": deployment("cart"),
      "two/cart.yaml": deployment("cart", "other"),
    };
    const labels = {
      "kustomize.toolkit.fluxcd.io/name": "two",
      "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
    };
    expect(find(files)).toMatchObject({ reason: "ambiguous" });
    expect(find(files, marked(labels))).toMatchObject({ folder: "two", by: { kind: "flux" } });
  });
});
