import { describe, expect, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { covers } from "../../../src/evaluator/access/rules.ts";
import type { AccessAttributes, Identity } from "../../../src/model/access.ts";
import { DEFAULT_BINDINGS, DEFAULT_ROLES } from "../../../src/model/default-rbac.ts";
import type { PolicyRule, RbacManifest } from "../../../src/model/rbac.ts";
import { account, ask, askPath, binding, group, identity, pathRule, role, rule, user } from "./objects.ts";

const web = identity("shop/web");

function allows(objects: readonly RbacManifest[], who: Identity, asked: AccessAttributes): boolean {
  const authorizer = new Authorizer(objects);
  expect(authorizer.decide(who, asked).isAllowed).toBe(authorizer.allows(who, asked));
  return authorizer.allows(who, asked);
}

/** Whether a rule lets `shop/web` do something, in its namespace or by a ClusterRoleBinding. */
function byRole(rules: readonly PolicyRule[], asked: AccessAttributes): boolean {
  return allows([role("shop/r", ...rules), binding("shop/b", "Role r", account("web"))], web, asked);
}
function byClusterRole(rules: readonly PolicyRule[], asked: AccessAttributes): boolean {
  return allows([role("r", ...rules), binding("b", "ClusterRole r", account("shop/web"))], web, asked);
}

describe("a rule about resources", () => {
  it("needs the verb, the group and the resource, letter by letter", () => {
    const rules = [rule("get,list pods")];
    expect(byRole(rules, ask("get pods in shop"))).toBe(true);
    expect(byRole(rules, ask("list pods in shop named web"))).toBe(true);
    expect(byRole(rules, ask("watch pods in shop"))).toBe(false);
    expect(byRole(rules, ask("Get pods in shop"))).toBe(false);
    expect(byRole(rules, ask("get services in shop"))).toBe(false);
    expect(byRole(rules, ask("get pods.apps in shop"))).toBe(false);
    expect(byRole([rule("get deployments", "apps")], ask("get deployments.apps in shop"))).toBe(true);
  });

  it("takes * for any verb, group and resource", () => {
    expect(byRole([rule("* pods")], ask("frobnicate pods in shop"))).toBe(true);
    expect(byRole([rule("get pods", "*")], ask("get pods.metrics.k8s.io in shop"))).toBe(true);
    expect(byRole([rule("get *")], ask("get secrets in shop"))).toBe(true);
    expect(byRole([rule("get *")], ask("get pods/log in shop"))).toBe(true);
    expect(byRole([rule("get *")], ask("get deployments.apps in shop"))).toBe(false);
  });

  it("rule 34: has subresources only where it says so; pods/* is none, */log is any log", () => {
    expect(byRole([rule("get pods")], ask("get pods/log in shop"))).toBe(false);
    expect(byRole([rule("get pods/log")], ask("get pods/log in shop"))).toBe(true);
    expect(byRole([rule("get pods/log")], ask("get pods in shop"))).toBe(false);
    expect(byRole([rule("get pods/*")], ask("get pods/log in shop"))).toBe(false);
    expect(byRole([rule("get */log")], ask("get pods/log in shop"))).toBe(true);
    expect(byRole([rule("get */log")], ask("get pods/status in shop"))).toBe(false);
    expect(byRole([rule("get */log")], ask("get pods in shop"))).toBe(false);
  });

  it("rule 33: with names is only about requests that carry one: never a plain create, list or deletecollection", () => {
    const rules = [rule("create,get,list,deletecollection configmaps named app,more")];
    expect(byRole(rules, ask("get configmaps in shop named app"))).toBe(true);
    expect(byRole(rules, ask("list configmaps in shop named more"))).toBe(true);
    // Asked by patch, which knows the name.
    expect(byRole(rules, ask("create configmaps in shop named app"))).toBe(true);
    expect(byRole(rules, ask("get configmaps in shop named other"))).toBe(false);
    for (const verb of ["create", "list", "deletecollection"]) {
      expect(byRole(rules, ask(`${verb} configmaps in shop`))).toBe(false);
    }
  });

  it("with the empty name is about requests without one, and is not one about any", () => {
    const objects = [
      role("shop/r", { ...rule("create configmaps"), resourceNames: [""] }),
      binding("shop/b", "Role r", account("web")),
    ];
    const authorizer = new Authorizer(objects);
    expect(authorizer.allows(web, ask("create configmaps in shop"))).toBe(true);
    expect(authorizer.allows(web, ask("create configmaps in shop named a"))).toBe(false);
    expect(authorizer.holds(web, ask("create configmaps in shop"))).toBe(false);
  });

  it("has no paths, and one about paths no resources", () => {
    expect(byClusterRole([rule("* *", "*")], askPath("get /metrics"))).toBe(false);
    expect(byClusterRole([pathRule("* *")], ask("get pods in shop"))).toBe(false);
  });
});

describe("a rule about paths", () => {
  it("is exact, or what stands before a * at its end, or everything", () => {
    expect(byClusterRole([pathRule("get /metrics")], askPath("get /metrics"))).toBe(true);
    expect(byClusterRole([pathRule("get /metrics")], askPath("post /metrics"))).toBe(false);
    expect(byClusterRole([pathRule("get /metrics")], askPath("get /metrics/cadvisor"))).toBe(false);
    expect(byClusterRole([pathRule("get /metrics?format=text")], askPath("get /metrics"))).toBe(false);
    expect(byClusterRole([pathRule("get /apis/*")], askPath("get /apis/apps"))).toBe(true);
    expect(byClusterRole([pathRule("get /apis/**")], askPath("get /apis/apps"))).toBe(true);
    expect(byClusterRole([pathRule("get /apis/*")], askPath("get /apis"))).toBe(false);
    expect(byClusterRole([pathRule("get *")], askPath("get /anything"))).toBe(true);
    expect(byClusterRole([pathRule("* /metrics")], askPath("head /metrics"))).toBe(true);
  });
});

describe("scope", () => {
  it("rule 30: a Role grants what is in its namespace: no other, nothing cluster-wide, no paths", () => {
    const rules = [rule("get,list nodes,pods"), pathRule("get /metrics")];
    expect(byRole(rules, ask("get pods in shop"))).toBe(true);
    expect(byRole(rules, ask("get pods in till"))).toBe(false);
    expect(byRole(rules, ask("list pods"))).toBe(false);
    expect(byRole(rules, ask("get nodes named n1"))).toBe(false);
    expect(byRole(rules, askPath("get /metrics"))).toBe(false);
  });

  it("rule 30: neither does a ClusterRole that a RoleBinding is of", () => {
    const objects = [
      role("r", rule("get,list nodes,pods"), pathRule("get /metrics")),
      binding("shop/b", "ClusterRole r", account("web")),
    ];
    expect(allows(objects, web, ask("get pods in shop"))).toBe(true);
    for (const asked of [
      ask("get nodes named n1"),
      ask("list pods"),
      ask("get pods in till"),
      askPath("get /metrics"),
    ]) {
      expect(allows(objects, web, asked)).toBe(false);
    }
  });

  it("is everything by a ClusterRoleBinding", () => {
    const rules = [rule("get,list nodes,pods"), pathRule("get /metrics")];
    for (const asked of [
      ask("get pods in till"),
      ask("list pods"),
      ask("get nodes named n1"),
      askPath("get /metrics"),
    ]) {
      expect(byClusterRole(rules, asked)).toBe(true);
    }
  });

  it("of a namespace as an object is that namespace", () => {
    expect(byRole([rule("get namespaces")], ask("get namespaces in shop named shop"))).toBe(true);
    expect(byRole([rule("get namespaces")], ask("list namespaces"))).toBe(false);
  });

  it("of a RoleBinding without a namespace is none", () => {
    const nowhere = { ...binding("shop/b", "ClusterRole r", account("shop/web")), metadata: { name: "b" } };
    expect(allows([role("r", rule("get pods")), nowhere], web, ask("get pods in shop"))).toBe(false);
    expect(allows([role("r", rule("get pods")), nowhere], web, ask("get pods"))).toBe(false);
  });
});

describe("rule 41: who a binding is for", () => {
  const objects = (...subjects: Parameters<typeof binding>[2][]): readonly RbacManifest[] => [
    role("r", rule("get pods")),
    role("shop/r", rule("get pods")),
    binding("shop/b", "Role r", ...subjects),
  ];
  const asked = ask("get pods in shop");

  it("rule 41: a ServiceAccount is meant by namespace and name, its own or the binding's", () => {
    expect(allows(objects(account("shop/web")), web, asked)).toBe(true);
    expect(allows(objects(account("web")), web, asked)).toBe(true);
    expect(allows(objects({ ...account("web"), namespace: "" }), web, asked)).toBe(true);
    expect(allows(objects(account("till/web")), web, asked)).toBe(false);
    expect(allows(objects(account("till/web")), identity("till/web"), asked)).toBe(true);
    expect(allows(objects(account("shop/we")), web, asked)).toBe(false);
    // In a ClusterRoleBinding there is no namespace to take.
    const nobody = { username: "system:serviceaccount::web", groups: [] };
    expect(allows([role("r", rule("get pods")), binding("b", "ClusterRole r", account("web"))], nobody, asked)).toBe(
      false,
    );
    expect(allows([...objects(), binding("b", "ClusterRole r", account("web"))], web, asked)).toBe(false);
  });

  it("rule 41: a user is meant by name, a ServiceAccount's username too, and never a group", () => {
    expect(allows(objects(user("alice")), identity("alice"), asked)).toBe(true);
    expect(allows(objects(user("alice")), identity("bob", "alice"), asked)).toBe(false);
    expect(allows(objects(user("system:serviceaccount:shop:web")), web, asked)).toBe(true);
    expect(allows(objects(user("web")), web, asked)).toBe(false);
  });

  it("rule 41: a group is everybody in it, and never a user of that name", () => {
    expect(allows(objects(group("dev")), identity("alice", "dev"), asked)).toBe(true);
    expect(allows(objects(group("dev")), identity("dev"), asked)).toBe(false);
    expect(allows(objects(group("system:serviceaccounts:shop")), web, asked)).toBe(true);
    expect(allows(objects(group("system:serviceaccounts:shop")), identity("till/web"), asked)).toBe(false);
  });

  it("one of several is enough", () => {
    expect(allows(objects(user("bob"), group("dev"), account("web")), web, asked)).toBe(true);
  });
});

describe("a binding", () => {
  it("is of a role in its own namespace, or of a ClusterRole; one that does not exist stops nothing else", () => {
    const objects = [
      role("till/r", rule("get pods")),
      binding("shop/a", "Role r", account("web")),
      binding("shop/b", "ClusterRole r", account("web")),
    ];
    expect(allows(objects, web, ask("get pods in shop"))).toBe(false);
    expect(allows([...objects, role("r", rule("get pods"))], web, ask("get pods in shop"))).toBe(true);
  });

  it("of no namespace, and a ClusterRole, are of none whatever is written", () => {
    const written = { namespace: "till" };
    const wide = role("r", rule("get pods"));
    const bound = binding("b", "ClusterRole r", account("shop/web"));
    const asked = ask("get pods in shop");
    expect(allows([{ ...wide, metadata: { name: "r", ...written } }, bound], web, asked)).toBe(true);
    expect(allows([wide, { ...bound, metadata: { name: "b", ...written } }], web, asked)).toBe(true);
  });

  it("is named with all others that allow the same, ClusterRoleBindings first, each once", () => {
    const objects = [
      role("shop/r", rule("get pods"), rule("get *")),
      role("r", rule("* *", "*")),
      binding("shop/b", "Role r", account("web"), group("system:authenticated"), account("web")),
      binding("shop/a", "ClusterRole r", account("web")),
      binding("z", "ClusterRole r", account("shop/web")),
      binding("shop/other", "ClusterRole r", account("other")),
    ];
    const { by } = new Authorizer(objects).decide(web, ask("get pods in shop"));
    expect(by.map(({ metadata: { name } }) => name)).toEqual(["z", "a", "b"]);
  });
});

describe("what somebody holds", () => {
  const objects = [
    role("shop/r", rule("get pods"), rule("list pods")),
    role("r", rule("get nodes")),
    binding("shop/b", "Role r", account("web"), group("system:serviceaccounts")),
    binding("b", "ClusterRole r", account("shop/web")),
    binding("till/b", "ClusterRole r", group("system:authenticated")),
  ];
  const authorizer = new Authorizer(objects);

  it("is each rule of each binding once, with its scope, binding and role", () => {
    const grants = authorizer.grantsOf(web).map(({ rule: { verbs, resources }, namespace, binding: by, role: of }) => {
      return `${verbs.join()} ${resources?.join() ?? ""} in ${namespace} by ${by.metadata.name} of ${of.kind}`;
    });
    expect(grants).toEqual([
      "get nodes in  by b of ClusterRole",
      "get pods in shop by b of Role",
      "list pods in shop by b of Role",
      "get nodes in till by b of ClusterRole",
    ]);
    expect(authorizer.grantsOf(identity("nobody")).map(({ namespace }) => namespace)).toEqual(["till"]);
  });

  it("counts in a namespace as far as it is of that, or of all", () => {
    expect(authorizer.rulesFor(web, "shop")).toHaveLength(3);
    expect(authorizer.rulesFor(web, "till")).toHaveLength(2);
    expect(authorizer.rulesFor(web, "")).toEqual([rule("get nodes")]);
  });
});

it("a resource begins where it is written, even if nothing stands before its slash", () => {
  expect(covers([rule("get */x")], [rule("get /x")])).toBe(true);
  expect(covers([rule("get */x")], [rule("get x")])).toBe(false);
});

describe("rule 10: what every cluster gives everybody", () => {
  const defaults = [...DEFAULT_ROLES, ...DEFAULT_BINDINGS];
  const reviews = ask("create selfsubjectaccessreviews.authorization.k8s.io");

  it.each([
    ["a user", identity("alice"), { discovery: true, issuer: false }],
    ["a ServiceAccount", web, { discovery: true, issuer: true }],
    ["nobody in particular", identity("system:anonymous"), { discovery: false, issuer: false }],
  ])("rule 10: %s", (_, who, { discovery, issuer }) => {
    expect(allows(defaults, who, askPath("get /version"))).toBe(true);
    expect(allows(defaults, who, askPath("get /livez"))).toBe(true);
    expect(allows(defaults, who, askPath("get /livez/ping"))).toBe(false);
    expect(allows(defaults, who, askPath("get /apis/apps/v1"))).toBe(discovery);
    expect(allows(defaults, who, reviews)).toBe(discovery);
    expect(allows(defaults, who, askPath("get /openid/v1/jwks"))).toBe(issuer);
    expect(allows(defaults, who, ask("get pods in shop"))).toBe(false);
  });

  it("rule 10: is everything for system:masters", () => {
    const admin = identity("admin", "system:masters");
    expect(allows(defaults, admin, ask("delete secrets in shop named x"))).toBe(true);
    expect(allows(defaults, admin, askPath("post /anything"))).toBe(true);
  });
});
