import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, type Origin } from "../../../src/gitops/layout/origin.ts";
import { find } from "./find.ts";
import { application, applicationSet, deployment, flux, gitRepository } from "./texts.ts";

const FLEET: Origin = { addresses: ["git@git.example:acme/fleet.git"], branch: "main", defaultBranch: "main" };
const OTHER = "https://git.example/acme/other";

describe("addresses", () => {
  it.each([
    "https://git.example/acme/fleet",
    "https://git.example/acme/fleet.git",
    "https://git.example/acme/fleet.git/",
    "https://git.example:443/acme/fleet",
    "https://user:secret@git.example/acme/fleet",
    "HTTPS://Git.Example/Acme/Fleet.git",
    "git@git.example:acme/fleet.git",
    "git.example:/acme/fleet.git",
    "ssh://git@git.example/acme/fleet.git",
    "ssh://git@git.example:22/acme/fleet",
  ])("%s is the one repository", (address) => {
    expect(addressKey(address)).toBe("git.example/acme/fleet");
  });

  it("that differ in host, port or path are others, and what is filled in later is none", () => {
    for (const address of [
      "https://git.example/acme/fleet2",
      "https://git.example:8443/acme/fleet",
      "https://x/acme/fleet",
    ]) {
      expect(addressKey(address)).not.toBe("git.example/acme/fleet");
    }
    for (const address of ["", "{{repoURL}}", "https://git.example/${TEAM}/fleet", "a b"]) {
      expect(addressKey(address)).toBeUndefined();
    }
  });

  it("law: no password of an address comes through, whatever it is", () => {
    const word = fc.stringMatching(/^[a-z0-9]{8,12}$/u);
    fc.assert(
      fc.property(word, word, (user, password) => {
        expect(addressKey(`https://${user}:${password}@git.example/acme/fleet`)).toBe("git.example/acme/fleet");
      }),
    );
  });
});

describe("an Application of another repository", () => {
  const files = {
    "a.yaml": application("shop", "path: shop", "namespace: shop", OTHER),
    "shop/cart.yaml": deployment("cart"),
  };

  it("is not taken for this one where its folder happens to be here too", () => {
    expect(find(files, { origin: FLEET })).toMatchObject({ kind: "unplaced", reason: "unmapped" });
    expect(find({ ...files, "a.yaml": application("shop", "path: shop") }, { origin: FLEET })).toMatchObject({
      folder: "shop",
    });
  });

  it("is said to be outside where the workload says that it applied it, without what an address hides", () => {
    const secret = {
      ...files,
      "a.yaml": application("shop", "path: shop", "namespace: shop", "https://u:hunter2@git.example/acme/other"),
    };
    const annotations = { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/cart" };
    const found = find(secret, { origin: FLEET, tracking: { labels: {}, annotations } });
    expect(found).toMatchObject({
      reason: "third-party",
      message: expect.stringContaining("(git.example/acme/other)"),
    });
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  it("is not listed by a generator that reads another repository's folders", () => {
    const set = applicationSet(
      `{git: {repoURL: '${OTHER}', directories: [{path: '*'}]}}`,
      "path: '{{path}}'",
      "namespace: shop",
    );
    expect(find({ "set.yaml": set, "shop/cart.yaml": deployment("cart") }, { origin: FLEET })).toMatchObject({
      kind: "unplaced",
    });
    const own = set.replace(OTHER, "ssh://git@git.example/acme/fleet");
    expect(find({ "set.yaml": own, "shop/cart.yaml": deployment("cart") }, { origin: FLEET })).toMatchObject({
      folder: "shop",
    });
  });
});

describe("values that an Application takes from another of its sources", () => {
  const chart = {
    "cart/Chart.yaml": "name: cart\n",
    "cart/values.yaml": "{}\n",
    "env/prod.yaml": "{}\n",
    "cart/templates/d.yaml": "kind: Deployment\n",
  };
  const withValues = (url: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: cart}\nspec:\n  sources:\n  - {repoURL: 'https://git.example/acme/fleet', path: cart, helm: {valueFiles: [$values/env/prod.yaml]}}\n  - {repoURL: '${url}', ref: values}\n  destination: {namespace: shop}\n`;

  it("are this repository's where that source is", () => {
    expect(find({ ...chart, "a.yaml": withValues("git@git.example:acme/fleet") }, { origin: FLEET })).toMatchObject({
      kind: "helm",
      chart: "cart",
      values: "env/prod.yaml",
    });
  });

  it("are no file of this one where that source is another", () => {
    expect(find({ ...chart, "a.yaml": withValues(OTHER) }, { origin: FLEET })).toMatchObject({
      values: "cart/values.yaml",
    });
  });
});

describe("a branch that is not the one that is proposed to", () => {
  const reading = (revision: string) => ({
    "a.yaml": application("shop", `path: shop, targetRevision: ${revision}`),
    "shop/cart.yaml": deployment("cart", "shop"),
  });

  it.each(["HEAD", "main", "refs/heads/main", "''"])("%s is main", (revision) => {
    expect(find(reading(revision), { origin: FLEET })).toMatchObject({ kind: "plain", folder: "shop" });
  });

  it.each(["production", "v1.2.3", "1.*", "'>=1.0.0'", "0123456789abcdef0123456789abcdef01234567"])(
    "%s is not",
    (revision) => {
      const found = find(reading(revision), { origin: FLEET });
      expect(found).toMatchObject({
        reason: "unmapped",
        message: expect.stringContaining("where Application shop in a.yaml reads"),
      });
    },
  );

  it("is told by its name before it is told by its looks", () => {
    const origin = { ...FLEET, branch: "2026.1" };
    expect(find(reading("'2026.1'"), { origin })).toMatchObject({ folder: "shop" });
    expect(find(reading("'2026.2'"), { origin })).toMatchObject({ reason: "unmapped" });
  });

  it("HEAD is not where another branch than the default one is proposed to", () => {
    const origin = { ...FLEET, branch: "production" };
    expect(find(reading("HEAD"), { origin })).toMatchObject({
      reason: "unmapped",
      message: expect.stringContaining('"main"'),
    });
    expect(find(reading("production"), { origin })).toMatchObject({ folder: "shop" });
  });

  it("of Flux is master where nothing is said, and a tag is no branch at all", () => {
    const withRef = (ref: string) => ({
      "f.yaml": flux("apps", "./shop", "  targetNamespace: shop\n"),
      "g.yaml": gitRepository("flux-system", "ssh://git@git.example/acme/fleet", ref),
      "shop/cart.yaml": deployment("cart"),
    });
    expect(find(withRef("branch: main"), { origin: FLEET })).toMatchObject({ folder: "shop" });
    expect(find(withRef("tag: main"), { origin: FLEET })).toMatchObject({ reason: "unmapped" });
    expect(find(withRef("semver: '>=1.0.0'"), { origin: FLEET })).toMatchObject({ reason: "unmapped" });
    expect(find(withRef(""), { origin: FLEET })).toMatchObject({
      reason: "unmapped",
      message: expect.stringContaining('"master"'),
    });
  });
});

describe("where the repository's own address is not known", () => {
  const own = { "a.yaml": application("shop", "path: shop"), "shop/cart.yaml": deployment("cart") };

  it("the only one that is named is taken for it, which is said", () => {
    expect(find(own)).toMatchObject({
      folder: "shop",
      by: { because: expect.stringContaining("git.example/acme/fleet is taken for it") },
    });
  });

  it("so is the only one whose folders are here", () => {
    const files = { ...own, "b.yaml": application("theirs", "path: charts/x", "namespace: x", OTHER) };
    expect(find(files)).toMatchObject({ folder: "shop" });
  });

  it("none is where the folders of several are here, and each place is then ambiguous", () => {
    const files = {
      ...own,
      "b.yaml": application("theirs", "path: pay", "namespace: pay", OTHER),
      "pay/p.yaml": deployment("p"),
    };
    const both = "git.example/acme/fleet, git.example/acme/other";
    expect(find(files)).toMatchObject({ reason: "ambiguous", message: expect.stringContaining(both) });
    expect(find(files, { origin: FLEET })).toMatchObject({ folder: "shop" });
  });

  it("several branches leave open which one is proposed to; a tag never is", () => {
    const branches = {
      ...own,
      "b.yaml": application("live", "path: live, targetRevision: live"),
      "live/x.yaml": deployment("x"),
    };
    expect(find(branches)).toMatchObject({ reason: "ambiguous", message: expect.stringContaining("HEAD, live") });
    const tags = { ...branches, "b.yaml": application("live", "path: live, targetRevision: v1.0.0") };
    expect(find(tags)).toMatchObject({ folder: "shop" });
    expect(find(tags, { workload: "x" })).toMatchObject({
      reason: "unmapped",
      message: expect.stringContaining('"v1.0.0"'),
    });
  });

  it("a GitRepository that is declared nowhere is taken for it, which is said", () => {
    const files = {
      "f.yaml": flux("apps", "./shop", "  targetNamespace: shop\n"),
      "shop/cart.yaml": deployment("cart"),
    };
    expect(find(files, { origin: FLEET })).toMatchObject({
      folder: "shop",
      by: { because: expect.stringContaining("is not said here") },
    });
  });

  it("each cluster's own GitRepository counts where several are called the same", () => {
    const files = {
      "clusters/prod/apps.yaml": flux("apps", "./prod", "  targetNamespace: shop\n"),
      "clusters/prod/source.yaml": gitRepository("flux-system", "https://git.example/acme/fleet", "branch: main"),
      "clusters/test/apps.yaml": flux("apps", "./test", "  targetNamespace: shop\n"),
      "clusters/test/source.yaml": gitRepository("flux-system", "https://git.example/acme/fleet", "branch: test"),
      "prod/cart.yaml": deployment("cart"),
      "test/cart.yaml": deployment("cart"),
    };
    expect(find(files, { cluster: "prod", origin: FLEET })).toMatchObject({ folder: "prod" });
    expect(find(files, { cluster: "test", origin: FLEET })).toMatchObject({ reason: "unmapped" });
  });
});
