import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rbacManifests } from "../../../generators/rbac/rbac.ts";
import type { KnownBinding, KnownRole, RbacState } from "../../../src/model/rbac.ts";
import { account, admin, binding, citing, identityFor, role, stateOf, suggest, use } from "./world.ts";

const WEB = identityFor("shop/web");
const LIST = use(WEB, "list pods in shop");

function namesOf(set: ReturnType<typeof suggest>): string[] {
  return rbacManifests(set).map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
}

function withState(...objects: readonly (KnownRole | KnownBinding)[]): RbacState {
  return stateOf(...admin(account("shop/web")), ...objects);
}

describe("names of roles and bindings", () => {
  it("rule 38: a binding in force of that name to another role is left alone: the new one has another name", () => {
    const other = binding("shop/netlearn:web", "root", account("shop/api"));
    const state = withState(other);
    const set = suggest([LIST], state);
    const [first] = set.bindings;
    expect(first?.name).not.toBe("netlearn:web");
    expect(first?.role).toEqual({ kind: "Role", name: "netlearn:web" });
  });

  it("rule 38: the other name stays once it is there, and once the name would be free", () => {
    const taken = withState(binding("shop/netlearn:web", "root", account("shop/api")));
    const [first] = suggest([LIST], taken).bindings;
    const applied = withState(binding(`shop/${first?.name}`, "shop/netlearn:web", account("shop/web")));
    expect(suggest([LIST], applied).bindings.map(({ name }) => name)).toEqual([first?.name]);
  });

  it("rule 38: a binding in force of that name to that role keeps it", () => {
    const state = withState(binding("shop/netlearn:web", "shop/netlearn:web", account("shop/web")));
    expect(suggest([LIST], state).bindings.map(({ name }) => name)).toEqual(["netlearn:web"]);
    expect(suggest([LIST], state).replaced.map(({ name }) => name)).toEqual(["root"]);
  });

  it("a role of somebody else's is not written over", () => {
    const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
    const foreign = role("shop/netlearn:web", rule);
    const own = {
      ...foreign,
      metadata: { ...foreign.metadata, labels: { "app.kubernetes.io/managed-by": "netlearn" } },
    };
    expect(suggest([LIST], withState(foreign)).roles.map(({ name }) => name)).not.toContain("netlearn:web");
    expect(suggest([LIST], withState(own)).roles.map(({ name }) => name)).toEqual(["netlearn:web"]);
  });

  it("rule 40: accounts of one name in two namespaces never share an object, nor do groups and accounts", () => {
    const uses = [
      LIST,
      use(identityFor("tools/web"), "list pods in shop"),
      use(identityFor("group/web"), "list pods in shop"),
      use(identityFor("jane", "web"), "get pods in shop", { citations: [citing("Group", "web")] }),
    ];
    const names = namesOf(suggest(uses, undefined));
    expect(names).toEqual([...new Set(names)]);
    expect(names).toHaveLength(8);
  });

  it("rule 40: whatever groups are called, their roles have valid names, and no two the same", () => {
    const someName = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(
        "Dev",
        "dev",
        "DEV",
        "oidc:dev",
        "oidc-dev",
        "oidc/dev",
        "x".repeat(300),
        `${"x".repeat(300)}y`,
        "é",
        ".",
        "..",
        "%2e",
      ),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(
          someName.filter((name) => !name.startsWith("system:")),
          { minLength: 2, maxLength: 8 },
        ),
        (groups) => {
          const uses = groups.map((name) =>
            use(identityFor("jane", name), "get pods in shop", { citations: [citing("Group", name)] }),
          );
          const manifests = rbacManifests(suggest(uses, undefined));
          const names = manifests.filter(({ kind }) => kind === "Role").map(({ metadata }) => metadata.name);
          expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(groups.length);
          for (const name of names) expect(name).toMatch(/^netlearn-group:[a-z0-9.~-]{1,120}$/u);
          const subjects = manifests.map(({ metadata }) => metadata.annotations?.["netlearn/subject"]);
          expect(new Set(subjects)).toEqual(new Set(groups));
        },
      ),
      { numRuns: 200 },
    );
  });

  it("rule 40: a long account has a short name of its own", () => {
    const long = `${"a".repeat(120)}.${"b".repeat(100)}`;
    const uses = [
      use(identityFor(`shop/${long}`), "list pods in shop"),
      use(identityFor(`shop/${long}c`), "list pods in shop"),
    ];
    const names = suggest(uses, undefined).roles.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name.length).toBeLessThan(80);
  });
});
