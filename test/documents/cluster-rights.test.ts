import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ACCESS_KINDS, LISTED_KINDS } from "../../src/inventory/cluster/listed-kinds.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const text = readFileSync(path.resolve(import.meta.dirname, "../../docs/cluster-rights.md"), "utf8");
const manifests = [...text.matchAll(/```yaml\n(.*?)```/gsu)].map(
  ([, yaml = ""]) => parse(yaml) as { kind: string; rules: Rule[] },
);
const [role] = manifests;

/** `group/resource`, one for each that may be listed. */
function rights(): readonly string[] {
  return (role?.rules ?? []).flatMap(({ apiGroups, resources }) =>
    apiGroups.flatMap((group) => resources.map((resource) => `${group}/${resource}`)),
  );
}

describe("docs/cluster-rights.md", () => {
  it("has the role and a binding", () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(["ClusterRole", "ClusterRoleBinding"]);
  });

  it("grants what is listed, each once, and nothing else", () => {
    const needed = [...LISTED_KINDS, ...ACCESS_KINDS].flatMap(({ groups, resource }) =>
      groups.map((group) => `${group}/${resource}`),
    );
    expect(needed.length).toBeGreaterThan(30);
    expect(rights().toSorted()).toEqual(needed.toSorted());
  });

  it("grants what access needs in a rule of its own, so that it can be left out", () => {
    const about = role?.rules.filter(({ apiGroups }) => apiGroups.includes("rbac.authorization.k8s.io")) ?? [];
    expect(about).toHaveLength(1);
    expect(about[0]?.apiGroups).toHaveLength(1);
    expect(about[0]?.resources.toSorted()).toEqual(ACCESS_KINDS.map(({ resource }) => resource).toSorted());
  });

  it("grants to list and to do nothing else", () => {
    expect(new Set(role?.rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["list"]));
    expect(rights().filter((right) => /secret|configmap|\*/u.test(right))).toEqual([]);
  });
});
