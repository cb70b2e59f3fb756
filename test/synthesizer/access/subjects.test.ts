import { describe, expect, it } from "vitest";
import { rbacManifests } from "../../../generators/rbac/rbac.ts";
import { can } from "./judge.ts";
import {
  account,
  admin,
  asked,
  binding,
  citing,
  graphOf,
  group,
  identityFor,
  linesOf,
  role,
  stateOf,
  suggest,
  told,
  use,
} from "./world.ts";

const WEB = identityFor("shop/web");
const JANE = identityFor("jane", "devs", "system:authenticated");

describe("who gets a role", () => {
  it("rule 9: nobody of the system is ever bound, whatever it used", () => {
    const system = [
      "system:anonymous",
      "system:apiserver",
      "system:node:worker-1",
      "system:kube-scheduler",
      "system:admin",
      "",
    ].map((username) => use({ username, groups: ["system:masters", "system:authenticated"] }, "get pods in shop"));
    const everybody = admin(group("system:authenticated"), group("system:masters"), group("system:unauthenticated"));
    const set = suggest(system, stateOf(...everybody));
    expect(set.roles).toEqual([]);
    expect(set.subjects).toEqual([]);
    expect(told(set, "access-system-left-out")).toHaveLength(1);
  });

  it("rule 9: no role is for a group of the system, even where the log cites one", () => {
    const uses = ["system:masters", "system:authenticated", "system:unauthenticated", "system:bootstrappers"].map(
      (name) => use(identityFor(`member of ${name}`, name), "get pods in shop", { citations: [citing("Group", name)] }),
    );
    const set = suggest(uses, stateOf(...admin(group("system:authenticated"), group("system:masters"))));
    expect(set.bindings).toEqual([]);
    expect(set.leftOut.map(({ why }) => why)).toEqual(uses.map(() => "not-bound"));
  });

  it("rule 9: accounts of kube-system only where they are asked for", () => {
    const part = use(identityFor("kube-system/part"), "get pods in shop");
    const state = stateOf(...admin(account("kube-system/part")));
    expect(suggest([part], state).roles).toEqual([]);
    expect(suggest([part], state).replaced).toEqual([]);
    expect(suggest([part], state, { systemNamespaces: true }).roles).toHaveLength(1);
    expect(suggest([part], state, { namespaces: ["kube-system"] }).roles).toHaveLength(1);
  });

  it("rule 8: what another authorizer let pass gives no role", () => {
    const uses = [
      use(WEB, "get pods in shop", { citations: [{ kind: "other", reason: "EKS Access Policy: allowed by ..." }] }),
      use(JANE, "get pods in shop", { citations: [{ kind: "other", reason: "" }] }),
    ];
    const set = suggest(uses, stateOf(...admin(account("shop/web"), group("devs"))));
    expect(set.roles).toEqual([]);
    expect(told(set, "access-other-authorizer")).toHaveLength(2);
  });

  it("rule 10: what everybody may do by Kubernetes' own bindings is in no role", () => {
    const uses = [
      use(WEB, "get /apis/apps/v1"),
      use(WEB, "create selfsubjectaccessreviews.authorization.k8s.io"),
      use(WEB, "get /openid/v1/jwks"),
      use(WEB, "get pods in shop"),
    ];
    for (const state of [undefined, stateOf(...admin(account("shop/web")))]) {
      const set = suggest(uses, state);
      expect(set.leftOut.map(({ why }) => why)).toEqual(["default-grant", "default-grant", "default-grant"]);
      expect(can(set, WEB, asked("get pods in shop"))).toBe(true);
      expect(can(set, WEB, asked("get /apis/apps/v1"))).toBe(false);
    }
  });

  it("rule 10: what an administrator took from everybody is in the role of who uses it", () => {
    const { roles, bindings } = stateOf(...admin(account("shop/web")));
    const state = { roles, bindings: bindings.filter(({ metadata }) => metadata.name !== "system:discovery") };
    expect(can(suggest([use(WEB, "get /apis/apps/v1")], state), WEB, asked("get /apis/apps/v1"))).toBe(true);
  });

  it("rule 41: an account is a ServiceAccount, never a user; a group has its API group", () => {
    const uses = [
      use(WEB, "get pods in shop"),
      use(JANE, "list pods in shop", { citations: [citing("Group", "devs")] }),
    ];
    const bound = rbacManifests(suggest(uses, undefined)).flatMap((one) => ("subjects" in one ? one.subjects : []));
    expect(bound).toEqual(
      [
        { kind: "ServiceAccount", name: "web", namespace: "shop" },
        { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "devs" },
      ].toReversed(),
    );
  });

  it("people get what they used by the group that let them in, all members together", () => {
    const cites = { citations: [citing("Group", "devs")] };
    const bob = identityFor("bob", "devs", "ops");
    const uses = [use(JANE, "list pods in shop", cites), use(bob, "delete pods in shop", cites)];
    const set = suggest(uses, stateOf(...admin(group("devs"), group("ops"))));
    expect(set.subjects.map(({ subject, members }) => [subject.name, members])).toEqual([["devs", ["bob", "jane"]]]);
    expect(can(set, identityFor("somebody", "devs"), asked("delete pods in shop"))).toBe(true);
    expect(can(set, identityFor("somebody", "ops"), asked("delete pods in shop"))).toBe(false);
  });

  it("a person bound by name, or by nobody knows what, is reported and not bound", () => {
    const uses = [
      use(identityFor("eve"), "get pods in shop", { citations: [citing("User", "eve")] }),
      use(identityFor("bob", "devs"), "get pods in shop"),
    ];
    const set = suggest(uses, undefined);
    expect(set.roles).toEqual([]);
    expect(told(set, "access-not-bound")).toHaveLength(2);
  });

  it("whoever is let in as a ServiceAccount by a group of its own choice has that right by the group", () => {
    const state = stateOf(...admin(group("breakers")));
    const guest = { ...WEB, groups: ["breakers"] };
    const set = suggest([use(guest, "get pods in shop", { citations: [citing("Group", "breakers")] })], state);
    expect(set.subjects.map(({ subject }) => subject.name)).toEqual(["breakers"]);
  });

  it("a use that is not allowed any more is in no role", () => {
    const set = suggest([use(WEB, "get pods in shop")], stateOf());
    expect(set.roles).toEqual([]);
    expect(set.leftOut.map(({ why }) => why)).toEqual(["revoked"]);
    expect(told(set, "access-revoked")).toHaveLength(1);
  });

  it("a RoleBinding gives what is in its own namespace, and nothing of the cluster", () => {
    const rule = { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["list"] };
    const state = stateOf(role("pods", rule), binding("shop/pods", "pods", account("shop/web")));
    const uses = ["list pods in shop", "list pods in tools", "list pods", "list nodes"].map((text) => use(WEB, text));
    expect(linesOf(suggest(uses, state))).toEqual(["observed: list pods in shop"]);
  });

  it("a default account, and one that several workloads use, is said to be so", () => {
    const names = ["web-7d4b9c8f6d-x2k4j", "web-7d4b9c8f6d-bbbbb", "worker-0", "worker-1"];
    const callerOf = (username: string, pods: readonly string[]) => ({
      username,
      pods: pods.map((name) => ({ namespace: "shop", name })),
      hasMorePods: false,
      usesLegacyToken: false,
      usesStaleToken: false,
    });
    const fallback = identityFor("shop/default");
    const graph = {
      ...graphOf(use(WEB, "get pods in shop"), use(fallback, "get pods in shop")),
      callers: [callerOf(WEB.username, names), callerOf(fallback.username, names.slice(0, 2))],
    };
    const set = suggest(graph, undefined);
    expect(told(set, "access-account-shared")).toEqual([
      "ServiceAccount shop/web is used by several workloads (shop/web, shop/worker): each has the rights of all.",
    ]);
    expect(told(set, "access-default-account")).toHaveLength(1);
  });

  it("uses that nobody decided on count, where nothing of the log tells decisions", () => {
    const set = suggest([use(WEB, "get pods in shop", { outcome: "presumed" })], undefined);
    expect(can(set, WEB, asked("get pods in shop"))).toBe(true);
  });

  it("subjects of other namespaces, and other namespaces' roles, are left alone where some are asked for", () => {
    const uses = [
      use(WEB, "get pods in shop"),
      use(WEB, "get pods in tools"),
      use(identityFor("tools/bot"), "get pods in shop"),
      use(identityFor("tools/bot"), "get pods in tools"),
    ];
    const state = stateOf(...admin(account("shop/web"), account("tools/bot")));
    const set = suggest(uses, state, { namespaces: ["shop"] });
    expect(set.roles.map(({ namespace, name }) => `${namespace} ${name}`)).toEqual([
      "shop netlearn:tools:bot",
      "shop netlearn:web",
      "tools netlearn:shop:web",
    ]);
    expect(set.replaced.map(({ keptSubjects }) => keptSubjects)).toEqual([[account("tools/bot")]]);
  });
});
