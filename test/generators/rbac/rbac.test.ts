import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { generateAccess, printDocuments, rbacDeletions, rbacEdits } from "../../../generators/index.ts";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import type { RbacManifest } from "../../../src/model/rbac.ts";
import {
  account,
  admin,
  asked,
  binding,
  citing,
  group,
  identityFor,
  role,
  stateOf,
  suggest,
  use,
} from "../../synthesizer/access/world.ts";

const WEB = identityFor("shop/web");
const DEVS = { citations: [citing("Group", "devs")] };
const JANE = identityFor("jane", "devs");

describe("roles and bindings as files", () => {
  const set = suggest(
    [
      use(WEB, "get configmaps in shop named a"),
      use(WEB, "list nodes"),
      use(WEB, "get secrets in tools named x"),
      use(JANE, "list pods in shop", DEVS),
      ...["a", "b", "c"].map((namespace) => use(identityFor("tools/bot"), `list pods in ${namespace}`)),
    ],
    undefined,
  );
  const files = generateAccess(set);

  it("are one for each subject and namespace", () => {
    expect(files.map(({ path }) => path)).toEqual([
      "a/rbac-tools_bot.yaml",
      "b/rbac-tools_bot.yaml",
      "c/rbac-tools_bot.yaml",
      "cluster/cluster-rbac-shop_web.yaml",
      "cluster/cluster-rbac-tools_bot.yaml",
      "shop/rbac-group__devs.yaml",
      "shop/rbac-web.yaml",
      "tools/rbac-shop_web.yaml",
    ]);
  });

  it("hold each object once, a role before its bindings, as the text says too", () => {
    for (const { manifests, yaml } of files) {
      expect(parseAllDocuments(yaml).map((document) => document.toJS() as unknown)).toEqual(manifests);
      const kinds = manifests.map(({ kind }) => kind);
      expect(kinds.toSorted((a, b) => Number(a.endsWith("Binding")) - Number(b.endsWith("Binding")))).toEqual(kinds);
    }
    const all = files
      .flatMap(({ manifests }) => manifests)
      .map(({ kind, metadata }) => JSON.stringify([kind, metadata]));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toHaveLength(set.roles.length + set.bindings.length);
  });

  it("let pass what the set says, and nothing else", () => {
    const authorizer = new Authorizer(files.flatMap(({ manifests }) => manifests));
    expect(authorizer.allows(WEB, asked("get secrets in tools named x"))).toBe(true);
    expect(authorizer.allows(WEB, asked("get secrets in shop named x"))).toBe(false);
    expect(authorizer.allows(identityFor("tools/bot"), asked("list pods in b"))).toBe(true);
    expect(authorizer.allows(identityFor("tools/bot"), asked("list pods"))).toBe(false);
    expect(authorizer.allows(JANE, asked("list pods in shop"))).toBe(true);
  });

  it("rule 37: bear whose they are and whom they are for, and no time or count", () => {
    for (const { metadata } of files.flatMap(({ manifests }): readonly RbacManifest[] => manifests)) {
      expect(metadata.labels).toEqual({ "app.kubernetes.io/managed-by": "netlearn" });
      expect(Object.keys(metadata.annotations ?? {})).toEqual(["netlearn/subject"]);
    }
  });

  it("never share a path, though a namespace is called cluster, and subjects like one another", () => {
    const uses = [
      use(identityFor("cluster/web"), "list nodes"),
      use(identityFor("cluster/web"), "list pods in cluster"),
      use(identityFor("cluster/cluster-rbac-cluster_web"), "list pods in cluster"),
      use(identityFor("web/web"), "list nodes"),
      use(identityFor("web/web"), "list pods in cluster"),
      use(identityFor("web/web"), "list pods in web"),
      use(identityFor("jane", "web"), "list pods in web", { citations: [citing("Group", "web")] }),
    ];
    const paths = generateAccess(suggest(uses, undefined)).map(({ path }) => path);
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(6);
  });

  it("stay below the output directory, whatever a group is called", () => {
    const names = ["../../etc/passwd", "a/b", "..", "x\ny: z", "- a", "*", "&a", "!!str", "null"];
    const uses = names.map((name) =>
      use(identityFor("jane", name), "list pods in shop", { citations: [citing("Group", name)] }),
    );
    const written = generateAccess(suggest(uses, undefined));
    for (const { path, yaml, manifests } of written) {
      expect(path).toMatch(/^shop\/rbac-group__[a-z0-9.~-]+\.yaml$/u);
      expect(parseAllDocuments(yaml).map((document) => document.toJS() as unknown)).toEqual(manifests);
    }
    const subjects = written.flatMap(({ manifests }) =>
      manifests.flatMap((one) => ("subjects" in one ? one.subjects : [])),
    );
    expect(subjects.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  });
});

describe("what they replace", () => {
  const pods = role("pods", { apiGroups: [""], resources: ["pods"], verbs: ["*"] });
  const state = stateOf(
    pods,
    ...admin(account("shop/web")),
    binding("shop/pods", "pods", account("shop/web"), account("shop/api"), group("devs")),
    { ...binding("helm", "pods", account("shop/web")), keeper: "Helm release shop" },
  );
  const set = suggest([use(WEB, "list pods in shop")], state);

  it("is deleted by name where nobody else has it", () => {
    expect(rbacDeletions(set)).toEqual([
      { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", metadata: { name: "root" } },
    ]);
    expect(printDocuments(rbacDeletions(set))).toContain("kind: ClusterRoleBinding");
  });

  it("keeps its other subjects, and its role", () => {
    expect(rbacEdits(set)).toEqual([
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "RoleBinding",
        metadata: { name: "pods", namespace: "shop" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "pods" },
        subjects: [account("shop/api"), group("devs")],
      },
    ]);
  });

  it("is nothing while it waits", () => {
    const careful = suggest([use(WEB, "list pods in shop")], state, { minDays: 100 });
    expect(rbacDeletions(careful)).toEqual([]);
    expect(rbacEdits(careful)).toEqual([]);
  });
});
