import { describe, expect, it } from "vitest";
import { type AccessSign, SIGNS_KEPT } from "../../../src/model/access.ts";
import { attributesText } from "../../../src/model/access-attributes.ts";
import { IDIOMS } from "../../../src/synthesizer/access/idioms.ts";
import { INFERENCES } from "../../../src/synthesizer/access/inferences.ts";
import { can } from "./judge.ts";
import {
  account,
  admin,
  asked,
  binding,
  citing,
  evidence,
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
const ALL = stateOf(...admin(account("shop/web")));
const sign = (...signs: readonly AccessSign[]) => ({ signs });

function only(text: string, ...verbs: readonly string[]) {
  const attributes = asked(text);
  if (attributes.kind !== "resource") throw new Error(`${text} is no resource`);
  const { apiGroup, resource, subresource } = attributes;
  const rule = {
    apiGroups: [apiGroup],
    resources: [subresource === "" ? resource : `${resource}/${subresource}`],
    verbs,
  };
  return stateOf(role("few", rule), binding("few", "few", account("shop/web")));
}

describe("checks that leave no event", () => {
  it("rule 21: a patch that created an object needs create on it, and on no other", () => {
    const text = "patch configmaps in shop named settings";
    const set = suggest([use(WEB, text, { ...sign({ kind: "created" }), evidence: evidence({ codes: [201] }) })], ALL);
    expect(can(set, WEB, asked("create configmaps in shop named settings"))).toBe(true);
    expect(can(set, WEB, asked("create configmaps in shop"))).toBe(false);
    expect(linesOf(set)).toContain("create-on-patch: create configmaps in shop named settings");
  });

  it("rule 21: whoever applies may have to create again what it patches", () => {
    const set = suggest([use(WEB, "patch configmaps in shop named settings", sign({ kind: "applied" }))], ALL);
    expect(linesOf(set)).toContain("create-on-apply: create configmaps in shop named settings");
  });

  it("rule 21: an update that created proves create, where nobody knows the state; an apply does not", () => {
    const created = suggest([use(WEB, "update configmaps in shop named a", sign({ kind: "created" }))], undefined);
    expect(can(created, WEB, asked("create configmaps in shop named a"))).toBe(true);
    const applied = suggest([use(WEB, "patch configmaps in shop named a", sign({ kind: "applied" }))], undefined);
    expect(can(applied, WEB, asked("create configmaps in shop named a"))).toBe(false);
    expect(told(applied, "access-not-proved")).toHaveLength(1);
  });

  it("rule 21: no create where RBAC in force gives none", () => {
    const use_ = use(WEB, "patch configmaps in shop named a", sign({ kind: "applied" }));
    const set = suggest([use_], only("patch configmaps in shop", "patch"));
    expect(linesOf(set)).toEqual(["observed: patch configmaps in shop named a"]);
    expect(told(set, "access-not-proved")).toHaveLength(1);
  });

  it.each(["exec", "attach", "portforward"])("rule 22: pods/%s is opened with get or create: both", (sub) => {
    for (const verb of ["get", "create"]) {
      const set = suggest([use(WEB, `${verb} pods/${sub} in shop named main`)], ALL);
      expect(can(set, WEB, asked(`get pods/${sub} in shop named main`))).toBe(true);
      expect(can(set, WEB, asked(`create pods/${sub} in shop named main`))).toBe(true);
    }
  });

  it("rule 22: pods/proxy is no such stream", () => {
    expect(linesOf(suggest([use(WEB, "get pods/proxy in shop named main")], ALL))).toEqual([
      "observed: get pods/proxy in shop",
    ]);
  });

  it("rule 23: whoever acts as somebody needs impersonate on exactly that", () => {
    const impersonator = WEB;
    const jane = { username: "jane", groups: ["devs", "system:authenticated"] };
    const extras = sign(
      { kind: "impersonated-uid", uid: "u-1" },
      { kind: "impersonated-extra", key: "scopes", value: "view" },
    );
    const robot = {
      username: "system:serviceaccount:tools:bot",
      groups: ["system:serviceaccounts", "system:serviceaccounts:tools", "system:authenticated"],
    };
    const uses = [
      use(jane, "get pods in shop", { impersonator, ...extras, citations: [citing("Group", "devs")] }),
      use(robot, "get pods in shop", { impersonator }),
    ];
    const set = suggest(uses, stateOf(...admin(account("shop/web"), group("devs"))));
    expect(linesOf(set).filter((line) => line.startsWith("impersonate"))).toEqual([
      "impersonate-extra: impersonate userextras.authentication.k8s.io/scopes named view",
      "impersonate-group: impersonate groups named devs",
      "impersonate-uid: impersonate uids.authentication.k8s.io named u-1",
      "impersonate-user: impersonate serviceaccounts in tools named bot",
      "impersonate-user: impersonate users named jane",
    ]);
    expect(can(set, WEB, asked("impersonate users named root"))).toBe(false);
    expect(can(set, WEB, asked("get pods in shop"))).toBe(false);
  });

  it("rule 23: constrained impersonation is asked for by its mode and by the verb", () => {
    const mode = sign({ kind: "impersonation-mode", constraint: "impersonate:user-info" });
    const jane = { username: "jane", groups: ["system:authenticated"] };
    const set = suggest([use(jane, "get pods in shop", { impersonator: WEB, ...mode })], ALL);
    expect(can(set, WEB, asked("impersonate:user-info users.authentication.k8s.io named jane"))).toBe(true);
    expect(can(set, WEB, asked("impersonate-on:user-info:get pods in shop"))).toBe(true);
  });

  it("rule 23: an impersonator who is no account keeps what it has", () => {
    const impersonator = identityFor("proxy");
    const state = stateOf(...admin({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "proxy" }));
    const set = suggest([use(identityFor("jane"), "get pods in shop", { impersonator })], state);
    expect(set.roles).toEqual([]);
    expect(told(set, "access-not-bound")).toContainEqual(expect.stringContaining("proxy"));
  });

  const BOUND = sign({ kind: "role-bound", role: { kind: "ClusterRole", name: "view" } });

  it("rule 24: whoever bound a role needs bind on that role, where it is bound", () => {
    const set = suggest([use(WEB, "create rolebindings.rbac.authorization.k8s.io in shop", BOUND)], ALL);
    expect(can(set, WEB, asked("bind clusterroles.rbac.authorization.k8s.io in shop named view"))).toBe(true);
    expect(can(set, WEB, asked("bind clusterroles.rbac.authorization.k8s.io in shop named edit"))).toBe(false);
    expect(can(set, WEB, asked("bind clusterroles.rbac.authorization.k8s.io in tools named view"))).toBe(false);
  });

  it("rule 24: escalate is never inferred: who writes roles keeps what it has, and it is said", () => {
    for (const signs of [[{ kind: "role-written" }], [{ kind: "role-bound", role: undefined }]] as const) {
      const set = suggest([use(WEB, "create roles.rbac.authorization.k8s.io in shop", { signs })], ALL);
      expect(can(set, WEB, asked("escalate roles.rbac.authorization.k8s.io in shop"))).toBe(false);
      expect(set.replaced.map(({ keep }) => keep)).toEqual([expect.stringContaining("roles")]);
      expect(told(set, "access-role-content-unknown")).toHaveLength(1);
    }
  });

  it("rule 24: who binds by holding what the role holds keeps what it has", () => {
    const set = suggest(
      [use(WEB, "create rolebindings.rbac.authorization.k8s.io in shop", BOUND)],
      only("create rolebindings.rbac.authorization.k8s.io", "create"),
    );
    expect(set.replaced.map(({ keep }) => keep)).toEqual([expect.stringContaining("binds roles")]);
  });

  it("rule 24: a refused attempt to escalate needs nothing", () => {
    const refused = { signs: [{ kind: "role-written" }], evidence: evidence({ codes: [403] }) } as const;
    const set = suggest([use(WEB, "create roles.rbac.authorization.k8s.io in shop", refused)], ALL);
    expect(set.replaced.map(({ keep }) => keep)).toEqual([undefined]);
  });

  it("rule 25: an owner that waits for the object needs update on its finalizers", () => {
    const owner: AccessSign = { kind: "owner-blocked", apiGroup: "example.com", ownerKind: "Policy" };
    const set = suggest([use(WEB, "create configmaps in shop", sign(owner))], ALL);
    expect(can(set, WEB, asked("update policies.example.com/finalizers in shop named main"))).toBe(true);
    expect(told(set, "access-owner-change")).toEqual([]);
    const changing = suggest([use(WEB, "update configmaps in shop named a", sign(owner))], ALL);
    expect(told(changing, "access-owner-change")).toHaveLength(1);
    expect(can(changing, WEB, asked("delete configmaps in shop named a"))).toBe(false);
  });

  const finalizers = (...resources: readonly string[]) => ({
    apiGroups: ["example.com"],
    resources: resources.map((resource) => `${resource}/finalizers`),
    verbs: ["update"],
  });
  const creates = { apiGroups: [""], resources: ["configmaps"], verbs: ["create"] };
  const owned = (ownerKind: string) =>
    use(WEB, "create configmaps in shop", sign({ kind: "owner-blocked", apiGroup: "example.com", ownerKind }));

  it("rule 25: an owner of no namespace is asked for in none", () => {
    const state = stateOf(role("few", creates, finalizers("planets")), binding("few", "few", account("shop/web")));
    const set = suggest([owned("Planet")], state);
    expect(can(set, WEB, asked("update planets.example.com/finalizers named main"))).toBe(true);
    const seen = use(WEB, "get planets.example.com in shop named main");
    expect(linesOf(suggest([owned("Planet"), seen], state))).toContain(
      "owner-finalizers: update planets.example.com/finalizers in shop",
    );
  });

  it("rule 25: a plural that nobody guesses is found among what is in force", () => {
    const state = stateOf(role("few", creates, finalizers("mice", "cats")), binding("few", "few", account("shop/web")));
    const set = suggest([owned("Mouse")], state);
    expect(can(set, WEB, asked("update mice.example.com/finalizers in shop named main"))).toBe(true);
    expect(can(suggest([owned("Cat")], state), WEB, asked("update mice.example.com/finalizers in shop"))).toBe(false);
  });

  it("rule 25: where some owners are in force by name, these are kept and no others given", () => {
    const named = { ...finalizers("cats"), resourceNames: ["tom"] };
    const set = suggest(
      [owned("Cat")],
      stateOf(role("few", creates, named), binding("few", "few", account("shop/web"))),
    );
    expect(can(set, WEB, asked("update cats.example.com/finalizers in shop named tom"))).toBe(true);
    expect(can(set, WEB, asked("update cats.example.com/finalizers in shop named other"))).toBe(false);
  });

  it("rule 24: whoever bound more roles than are kept keeps what it has", () => {
    const signs = Array.from(
      { length: SIGNS_KEPT },
      (_, n): AccessSign => ({ kind: "role-bound", role: { kind: "ClusterRole", name: `team-${n}` } }),
    );
    const set = suggest([use(WEB, "create rolebindings.rbac.authorization.k8s.io in shop", { signs })], ALL);
    expect(set.replaced.map(({ keep }) => keep)).toEqual([expect.stringContaining("than are kept")]);
  });

  it("rule 23: values that differ from request to request are any value, if any value is in force", () => {
    const reasons = (count: number) =>
      Array.from(
        { length: count },
        (_, n): AccessSign => ({ kind: "impersonated-extra", key: "reason", value: `t${n}` }),
      );
    const jane = { username: "jane", groups: ["system:authenticated"] };
    const acting = (count: number) => use(jane, "get pods in shop", { impersonator: WEB, signs: reasons(count) });
    const reason = (name: string) => asked(`impersonate userextras.authentication.k8s.io/reason named ${name}`);
    expect(can(suggest([acting(3)], ALL), WEB, reason("another"))).toBe(true);
    expect(can(suggest([acting(2)], ALL), WEB, reason("another"))).toBe(false);
    expect(can(suggest([acting(3)], undefined), WEB, reason("another"))).toBe(false);
    const listed = { apiGroups: ["authentication.k8s.io"], resources: ["userextras/reason"], verbs: ["impersonate"] };
    const users = { apiGroups: [""], resources: ["users"], verbs: ["impersonate"] };
    const names = { ...listed, resourceNames: ["t0", "t1", "t2", "t3"] };
    const state = stateOf(role("few", users, names), binding("few", "few", account("shop/web")));
    const narrow = suggest([acting(3)], state);
    expect([can(narrow, WEB, reason("t2")), can(narrow, WEB, reason("t3"))]).toEqual([true, false]);
  });

  it.each([
    ["update certificatesigningrequests.certificates.k8s.io/approval named r", "approve"],
    ["update certificatesigningrequests.certificates.k8s.io/status named r", "sign"],
    ["create clustertrustbundles.certificates.k8s.io", "attest"],
  ])("rule 26: %s needs %s on the signer", (text, verb) => {
    const uses = [use(WEB, text, sign({ kind: "signer", name: "example.com/ca" }))];
    const set = suggest(uses, ALL);
    expect(can(set, WEB, asked(`${verb} signers.certificates.k8s.io named example.com/ca`))).toBe(true);
    expect(can(set, WEB, asked(`${verb} signers.certificates.k8s.io named example.com/other`))).toBe(false);
  });

  it("rule 26: who may sign for a domain still may, and for no more", () => {
    const rules = [
      { apiGroups: ["certificates.k8s.io"], resources: ["certificatesigningrequests/approval"], verbs: ["update"] },
      {
        apiGroups: ["certificates.k8s.io"],
        resources: ["signers"],
        resourceNames: ["example.com/*"],
        verbs: ["approve"],
      },
    ];
    const state = stateOf(role("signer", ...rules), binding("signer", "signer", account("shop/web")));
    const text = "update certificatesigningrequests.certificates.k8s.io/approval named r";
    const set = suggest([use(WEB, text, sign({ kind: "signer", name: "example.com/ca" }))], state);
    expect(linesOf(set)).toContain("sign-certificates: approve signers.certificates.k8s.io named example.com/*");
  });

  it("rule 27: who delegates authentication is told of the role that everybody knows for it", () => {
    const uses = [
      use(WEB, "create tokenreviews.authentication.k8s.io"),
      use(WEB, "create subjectaccessreviews.authorization.k8s.io"),
    ];
    const set = suggest(uses, ALL);
    expect(told(set, "access-delegated-auth")).toEqual([expect.stringContaining("system:auth-delegator")]);
    expect(told(suggest(uses.slice(1), ALL), "access-delegated-auth")).toEqual([]);
  });

  it("what a literal * was asked for implies nothing", () => {
    const wild = {
      kind: "resource",
      verb: "patch",
      apiGroup: "*",
      resource: "*",
      subresource: "",
      namespace: "shop",
      name: "a",
    } as const;
    const uses = [
      use(WEB, wild, sign({ kind: "created" }, { kind: "owner-blocked", apiGroup: "*", ownerKind: "*" })),
      use(WEB, { kind: "non-resource", verb: "get", path: "/*" }),
      use(WEB, { kind: "non-resource", verb: "*", path: "/metrics" }),
      use(identityFor("jane"), wild, {
        impersonator: WEB,
        ...sign({ kind: "impersonation-mode", constraint: "x" }, { kind: "impersonated-extra", key: "*", value: "*" }),
      }),
    ];
    const set = suggest(uses, ALL);
    expect(linesOf(set)).toEqual(["impersonate-user: impersonate:x users.authentication.k8s.io named jane"]);
    expect(set.leftOut.map(({ why }) => why)).toEqual(Array.from({ length: 4 }, () => "literal-wildcard"));
    expect(told(set, "access-literal-wildcard")).toHaveLength(2);
    expect(set.replaced.map(({ keep }) => keep)).toEqual([expect.stringContaining("literal *")]);
  });
});

describe("what such clients do sooner or later", () => {
  it("rule 28: who watches lists, as far as it watches", () => {
    const set = suggest([use(WEB, "watch pods in shop"), use(WEB, "watch configmaps in shop named a")], ALL);
    expect(can(set, WEB, asked("list pods in shop"))).toBe(true);
    expect(can(set, WEB, asked("list configmaps in shop named a"))).toBe(true);
    expect(can(set, WEB, asked("list configmaps in shop"))).toBe(false);
    expect(can(set, WEB, asked("list pods in tools"))).toBe(false);
  });

  it("rule 28: who keeps a lease gets, creates and updates it", () => {
    const set = suggest([use(WEB, "update leases.coordination.k8s.io in shop named leader")], ALL);
    expect(can(set, WEB, asked("get leases.coordination.k8s.io in shop named leader"))).toBe(true);
    expect(can(set, WEB, asked("create leases.coordination.k8s.io in shop"))).toBe(true);
    expect(can(set, WEB, asked("get leases.coordination.k8s.io in shop named other"))).toBe(false);
  });

  it("rule 28: who writes events creates and patches them, in either group", () => {
    const set = suggest([use(WEB, "create events in shop")], ALL);
    for (const resource of ["events", "events.events.k8s.io"]) {
      for (const verb of ["create", "patch"]) expect(can(set, WEB, asked(`${verb} ${resource} in shop`))).toBe(true);
    }
  });

  it("rule 28: idioms give nothing that is not in force, go by one switch, and are for accounts", () => {
    const watch = use(WEB, "watch pods in shop");
    expect(linesOf(suggest([watch], only("watch pods", "watch")))).toEqual(["observed: watch pods in shop"]);
    expect(linesOf(suggest([watch], undefined))).toEqual(["observed: watch pods in shop"]);
    expect(linesOf(suggest([watch], ALL, { idioms: false }))).toEqual(["observed: watch pods in shop"]);
    const jane = use(identityFor("jane", "devs"), "watch pods in shop", { citations: [citing("Group", "devs")] });
    expect(linesOf(suggest([jane], stateOf(...admin(group("devs")))))).toEqual(["observed: watch pods in shop"]);
  });

  it("are left out where somebody rejects them, of that subject alone; what was used itself is not", () => {
    const other = identityFor("shop/other");
    const uses = [use(WEB, "watch pods in shop"), use(WEB, "create events in shop"), use(other, "watch pods in shop")];
    const reject = ["list pods in shop", "create events in shop", "patch events.events.k8s.io in shop"].map(
      (what) => `system:serviceaccount:shop:web:${what}`,
    );
    const set = suggest(uses, stateOf(...admin(account("shop/web")), ...admin(account("shop/other"))), { reject });
    expect(can(set, WEB, asked("list pods in shop"))).toBe(false);
    expect(can(set, WEB, asked("patch events.events.k8s.io in shop"))).toBe(false);
    expect(can(set, WEB, asked("patch events in shop"))).toBe(true);
    expect(can(set, WEB, asked("create events in shop"))).toBe(true);
    expect(can(set, other, asked("list pods in shop"))).toBe(true);
    const rejected = set.leftOut.filter(({ why }) => why === "rejected");
    expect(rejected.map(({ attributes }) => attributesText(attributes)).toSorted()).toEqual([
      "list pods in shop",
      "patch events.events.k8s.io in shop",
    ]);
  });

  it("rule 29: verbs of others' making survive, with their names", () => {
    const texts = [
      "unsafe-delete-ignore-read-errors secrets in shop named broken",
      "use podsecuritypolicies.policy named restricted",
      "usurp widgets.example.com in shop named w",
    ];
    const set = suggest(
      texts.map((text) => use(WEB, text)),
      ALL,
    );
    for (const text of texts) expect(can(set, WEB, asked(text))).toBe(true);
    expect(can(set, WEB, asked("use podsecuritypolicies.policy named privileged"))).toBe(false);
  });

  it("there is a sentence for people about each inference and idiom", () => {
    for (const text of [...Object.values(INFERENCES), ...Object.values(IDIOMS)]) expect(text).toMatch(/^\S.+\S$/u);
  });
});
