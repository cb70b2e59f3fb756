import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { LISTED_KINDS } from "../../src/inventory/cluster/listed-kinds.ts";

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
    const needed = LISTED_KINDS.flatMap(({ groups, resource }) => groups.map((group) => `${group}/${resource}`));
    expect(needed.length).toBeGreaterThan(30);
    expect(rights().toSorted()).toEqual(needed.toSorted());
  });

  it("grants to list and to do nothing else", () => {
    expect(new Set(role?.rules.flatMap(({ verbs }) => verbs))).toEqual(new Set(["list"]));
    expect(rights().filter((right) => /secret|configmap|\*/u.test(right))).toEqual([]);
  });
});
