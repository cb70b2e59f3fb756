import { describe, expect, it } from "vitest";
import { printDocuments } from "../../../generators/index.ts";
import { type PlacedFiles, placeFiles } from "../../../src/gitops/place/place-files.ts";
import { renderKustomization } from "../../../src/gitops/render/kustomization.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { repositoryOf } from "../../support/repository.ts";
import { hasKubectl, isCi, keyOf, kubectlRenders, sorted } from "./kubectl.ts";
import { CART, CONFIG_MAP, changed, FILES, LAYOUTS, layout, textsOf } from "./repositories.ts";

const options = { keep: () => false, hasSelectorLabels: () => false };
const by = { kind: "mapping", because: "" } as const;
const OVERLAY: PlacedFiles = {
  placement: { kind: "kustomize", kustomization: "app/kustomization.yaml", by },
  files: FILES,
};
const PLAIN: PlacedFiles = { placement: { kind: "plain", folder: "app", by }, files: FILES };

describe("kustomize: every layout as people write it", () => {
  it.each(Object.keys(LAYOUTS))(
    "git rule 24: %s: what the change renders is what was there, and what was meant",
    (name) => {
      const { changes, refused, check } = placeFiles(layout(name), [OVERLAY], options);
      expect(refused).toEqual([]);
      expect(check.differences).toEqual([]);
      expect(check.unsure).toHaveLength(name === "generators" ? 1 : 0);
      expect(changes.map(({ path: file }) => file)).toEqual([
        "app/kustomization.yaml",
        "app/netlearn/kustomization.yaml",
        "app/netlearn/netlearn-cart.yaml",
        "app/netlearn/netlearn-rbac-deployer.yaml",
      ]);
    },
  );

  it.each(Object.keys(LAYOUTS))("git rule 6: %s: a second run changes nothing", (name) => {
    const repository = layout(name);
    const after = changed(repository, placeFiles(repository, [OVERLAY], options).changes);
    expect(placeFiles(after, [OVERLAY], options)).toMatchObject({ changes: [], refused: [] });
  });
});

it.runIf(isCi)("kubectl is there under CI", () => {
  expect(hasKubectl, "kubectl is not on PATH: install it, else nothing compares us with kustomize").toBe(true);
});

describe.skipIf(!hasKubectl)("against kubectl kustomize (skipped where kubectl is not on PATH)", () => {
  it.each(Object.keys(LAYOUTS))("git rule 24: %s: the tool's objects are those of the own reader", (name) => {
    const repository = layout(name);
    const after = changed(repository, placeFiles(repository, [OVERLAY], options).changes);
    const folder = name.startsWith("an ancestor") ? "all" : "app";
    const own = renderKustomization(after, `${folder}/kustomization.yaml`).objects.map(({ object }) => object);
    const real = kubectlRenders(after, folder).filter((object) => !keyOf(object).startsWith("ConfigMap//made"));
    expect(real).toEqual(sorted(own));
  });

  it("bindings follow roles and accounts that the same build renames and moves", () => {
    const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deployer, namespace: ci}\n";
    const repository = repositoryOf({
      "app/kustomization.yaml": "namePrefix: a-\nnamespace: shop\nresources: [account.yaml, rbac.yaml]\n",
      "app/account.yaml": account,
      "app/rbac.yaml": printDocuments(FILES[1]?.manifests ?? []),
    });
    const own = renderKustomization(repository, "app/kustomization.yaml").objects.map(({ object }) => object);
    expect(kubectlRenders(repository, "app")).toEqual(sorted(own));
  });
});

describe("peers below labels in selectors", () => {
  it("are expressions, which kustomize leaves alone, and the policy's own pods stay labels", () => {
    const { changes } = placeFiles(layout("labels in selectors"), [OVERLAY], options);
    const policy = changes.find(({ path: file }) => file.endsWith("netlearn-cart.yaml"));
    expect(policy?.kind === "write" && policy.text).toMatch(/key: app\n +operator: In/u);
    expect(policy?.kind === "write" && policy.text).toContain("matchLabels:\n      app: cart");
  });

  it("an ancestor that moves what was meant for another namespace is a difference", () => {
    const texts = textsOf(layout("labels in selectors"));
    const repository = repositoryOf({ ...texts, "up/kustomization.yaml": "namespace: other\nresources: [../app]\n" });
    const { check } = placeFiles(repository, [OVERLAY], options);
    expect(check.differences[0]).toMatch(/would come out with the namespace "other", not "shop"/u);
  });
});

describe("files of our own", () => {
  const written = changed(repositoryOf({ "app/old.yaml": CONFIG_MAP }), [
    ...placeFiles(repositoryOf({ "app/old.yaml": CONFIG_MAP }), [PLAIN], options).changes,
  ]);
  const cart = "app/netlearn-cart.yaml";

  it("plain files stand side by side, and the check reads them back", () => {
    expect([...written.files.keys()]).toEqual([
      "app/netlearn-cart.yaml",
      "app/netlearn-rbac-deployer.yaml",
      "app/old.yaml",
    ]);
    expect(placeFiles(written, [PLAIN], options)).toEqual({
      changes: [],
      refused: [],
      check: { by: ["netlearn"], differences: [], unsure: [] },
    });
  });

  it("git rule 27: what is no longer wanted goes, unless this run did not judge it", () => {
    const fewer = { ...PLAIN, files: FILES.slice(1) };
    expect(placeFiles(written, [fewer], options).changes).toMatchObject([{ kind: "delete", path: cart }]);
    expect(placeFiles(written, [fewer], { ...options, keep: () => true }).changes).toEqual([]);
  });

  it("git rule 27: a file that somebody edited is left alone, wanted or not", () => {
    const text = `# mine now\n${printDocuments([CART])}`;
    const repository = repositoryOf({ ...textsOf(written), [cart]: text });
    for (const files of [
      [],
      [{ name: "netlearn-cart.yaml", manifests: [{ ...CART, spec: {} }], workload: undefined }],
    ]) {
      const { changes, refused } = placeFiles(repository, [{ ...PLAIN, files }], options);
      expect(changes.filter(({ path: file }) => file === cart)).toEqual([]);
      expect(refused).toMatchObject([{ path: cart, message: expect.stringContaining("not as netlearn wrote it") }]);
    }
  });

  it("git rule 36: nothing is written behind a link, into .git or .github, or out of the folder", () => {
    const link = { path: "app", kind: "symlink", size: 1, text: undefined } as const;
    const linked: Repository = { commit: undefined, files: new Map([["app", link]]) };
    expect(placeFiles(linked, [PLAIN], options)).toMatchObject({ changes: [], refused: [{}, {}] });
    for (const folder of [".github/workflows", ".git/hooks", "a/../../b", "a/.GIT"]) {
      const placement = { kind: "plain", folder, by } as const;
      expect(placeFiles(written, [{ placement, files: FILES }], options)).toMatchObject({
        changes: [],
        refused: [{}, {}],
      });
    }
    const hostile = [{ name: "../netlearn-cart.yaml", manifests: [CART], workload: undefined }];
    expect(placeFiles(written, [{ ...PLAIN, files: hostile }], { ...options, keep: () => true }).changes).toEqual([]);
  });

  it("two files of one name at one place are refused, and neither hides the other", () => {
    const other = { name: "netlearn-cart.yaml", manifests: [{ ...CART, spec: {} }], workload: undefined };
    const { changes, refused } = placeFiles(repositoryOf({}), [PLAIN, { ...PLAIN, files: [other] }], options);
    expect(changes.map(({ path: file }) => file)).toEqual([
      "app/netlearn-cart.yaml",
      "app/netlearn-rbac-deployer.yaml",
    ]);
    expect(refused).toMatchObject([{ path: cart, message: expect.stringContaining("two files of one name") }]);
  });

  it.each([
    ["theirs.yaml", printDocuments([CART])],
    ["theirs.json", JSON.stringify(CART, null, "\t")],
  ])("an object that somebody else has under the same name in %s is a difference", (name, text) => {
    const repository = repositoryOf({ [`app/${name}`]: text });
    expect(placeFiles(repository, [PLAIN], options).check).toMatchObject({
      differences: ["NetworkPolicy shop/netlearn-cart (networking.k8s.io) would be there twice."],
      unsure: [],
    });
  });

  it("the last file of a kustomize folder is for a person to take out", () => {
    const repository = layout("CRLF");
    const after = changed(repository, placeFiles(repository, [OVERLAY], options).changes);
    const { changes, refused } = placeFiles(after, [{ ...OVERLAY, files: [] }], options);
    expect(changes).toEqual([]);
    expect(refused).toMatchObject([{ path: "app/kustomization.yaml" }]);
  });
});
