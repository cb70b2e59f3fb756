import { describe, expect, it } from "vitest";
import type { AccessProof } from "../../../src/model/access-policy.ts";
import { citedGroup, line, proofOf, replace, stateOf, suggest, use } from "./claims.ts";
import { account, ask, askPath, binding, group, identity, pathRule, role, rule, user } from "./objects.ts";

const web = identity("shop/web");
const getPod = ask("get pods in shop named a");
const listPods = ask("list pods in shop");
const webAccount = account("shop/web");

const LISTS = ["cut", "newPower", "unneeded", "lossy", "unappliable", "revoked", "granted", "notJudged"] as const;

/** The lists of a proof that are not empty. */
function faultsOf(proof: AccessProof): Partial<AccessProof> {
  return Object.fromEntries(LISTS.filter((list) => proof[list].length > 0).map((list) => [list, proof[list]]));
}

const broad = role("broad", rule("* *", "*"), pathRule("* *"));
const broadBinding = binding("web-broad", "ClusterRole broad", webAccount);
const inForce = stateOf([broad, broadBinding]);

describe("a narrow role in place of a broad one", () => {
  const suggestions = [suggest("shop/web", webAccount, [line(getPod), line(listPods)])];
  const uses = [use(web, getPod), use(web, listPods)];

  it("is proved", () => {
    const proof = proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] });
    expect(faultsOf(proof)).toEqual({});
    expect(proof.judged).toBe(2);
  });

  it("is proved whatever denied uses there are", () => {
    const denied = [
      use(web, ask("get secrets in shop"), { outcome: "denied" }),
      use(identity("x"), listPods, { outcome: "denied" }),
    ];
    const proof = proofOf({ inForce, uses: [...uses, ...denied], suggestions, replaced: [replace(broadBinding)] });
    expect(faultsOf(proof)).toEqual({});
  });

  it("is told the same whatever the order", () => {
    const all = [...uses, use(web, ask("get services in shop")), use(web, ask("get secrets in shop named x"))];
    const one = proofOf({ inForce, uses: all, suggestions, replaced: [replace(broadBinding)] });
    const other = proofOf({
      inForce: stateOf([broadBinding, broad]),
      uses: all.toReversed(),
      suggestions,
      replaced: [replace(broadBinding)],
    });
    expect(one.cut).toHaveLength(2);
    expect(other).toEqual(one);
  });
});

describe("(a) what was used stays allowed", () => {
  it("and what is not is named, as the user would find it", () => {
    const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
    const uses = [use(web, getPod), use(web, listPods)];
    expect(proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] }).cut).toEqual([
      { username: web.username, attributes: getPod },
    ]);
  });

  it("rule 44: a binding that others need too can't go, and neither can a subject of it", () => {
    const shared = binding("shared", "ClusterRole broad", webAccount, account("shop/job"), group("dev"));
    const [job, dev] = [identity("shop/job"), identity("alice", "dev")];
    const uses = [use(web, listPods), use(job, getPod), use(dev, ask("get nodes named n1"))];
    const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
    const state = stateOf([broad, shared]);
    const cutBy = (...kept: Parameters<typeof binding>[2][]): readonly string[] =>
      proofOf({ inForce: state, uses, suggestions, replaced: [replace(shared, { keptSubjects: kept })] }).cut.map(
        ({ username }) => username,
      );
    expect(cutBy()).toEqual(["alice", job.username]);
    expect(cutBy(account("shop/job"))).toEqual(["alice"]);
    expect(cutBy(account("shop/job"), group("dev"))).toEqual([]);
  });

  it("rule 44: a role counts through all of its bindings", () => {
    const other = binding("shop/more", "ClusterRole broad", webAccount);
    const proof = proofOf({
      inForce: stateOf([broad, broadBinding, other]),
      uses: [use(web, listPods)],
      replaced: [replace(broadBinding)],
    });
    expect(proof.cut).toEqual([]);
    const both = [replace(broadBinding), replace(other)];
    expect(
      proofOf({ inForce: stateOf([broad, broadBinding, other]), uses: [use(web, listPods)], replaced: both }).cut,
    ).toHaveLength(1);
  });

  it("rule 45: a binding that no reason cites can be the one that is needed once the cited one is gone", () => {
    // The API server looks at ClusterRoleBindings first, and says no more than that.
    const narrow = [role("shop/narrow", rule("list pods")), binding("shop/narrow", "Role narrow", webAccount)];
    const state = stateOf([broad, broadBinding, ...narrow]);
    const uses = [use(web, listPods, { citations: [citedGroup("none")] })];
    expect(
      proofOf({ inForce: state, uses, replaced: narrow.filter((one) => "roleRef" in one).map((one) => replace(one)) })
        .cut,
    ).toEqual([]);
    expect(proofOf({ inForce: state, uses, replaced: [replace(broadBinding)] }).cut).toEqual([]);
    const all = [broadBinding, ...narrow.filter((one) => "roleRef" in one)].map((one) => replace(one));
    expect(proofOf({ inForce: state, uses, replaced: all }).cut).toHaveLength(1);
  });

  it("counts a binding that has to wait as still there", () => {
    const replaced = [replace(broadBinding, { keep: "the log spans less than 14 days" })];
    expect(proofOf({ inForce, uses: [use(web, listPods)], replaced }).cut).toEqual([]);
  });

  it("counts lines that rest on no use, and says where no binding reaches them", () => {
    const inferred = line(ask("create pods in shop"), { kind: "inferred", because: "create-on-apply" });
    const [manifest, bound] = suggest("shop/web", webAccount, [line(listPods), inferred]).manifests;
    const suggestion = suggest("shop/web", webAccount, [line(listPods), inferred]);
    const uses = [use(web, listPods)];
    expect(faultsOf(proofOf({ inForce, uses, suggestions: [suggestion], replaced: [replace(broadBinding)] }))).toEqual(
      {},
    );
    const without = { ...manifest, rules: [rule("list pods")] };
    expect(
      proofOf({
        inForce,
        uses,
        suggestions: [suggestion],
        manifests: [without, bound],
        replaced: [replace(broadBinding)],
      }).cut,
    ).toEqual([{ username: web.username, attributes: inferred.attributes }]);
    const elsewhere = suggest("shop/web", webAccount, [line(ask("list pods in till"))]);
    expect(proofOf({ inForce, suggestions: [elsewhere], replaced: [replace(broadBinding)] }).cut).toHaveLength(1);
  });

  it("names a group where a line is for one", () => {
    const dev = suggest("shop/dev", group("dev"), [line(listPods)]);
    expect(proofOf({ inForce, suggestions: [dev], manifests: [dev.manifests[1]] }).cut).toEqual([
      { username: "dev", attributes: listPods },
    ]);
  });

  it("rule 30: finds a Role that should grant what only a ClusterRole can", () => {
    const nodes = ask("list nodes");
    const uses = [use(web, nodes), use(web, askPath("get /metrics"))];
    const suggestions = [suggest("shop/web", webAccount, [line(nodes), line(askPath("get /metrics"))])];
    const proof = proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] });
    expect(proof.cut).toHaveLength(4);
    expect(proof.lossy).toHaveLength(2);
    const right = [suggest("web", webAccount, [line(nodes), line(askPath("get /metrics"))])];
    expect(faultsOf(proofOf({ inForce, uses, suggestions: right, replaced: [replace(broadBinding)] }))).toEqual({});
  });

  it("rule 33: finds a rule with a name that a plain create never carries, and that it is good for nothing", () => {
    const create = ask("create configmaps in shop");
    const named = suggest("shop/web", webAccount, [line({ ...create, name: "app" })]);
    const proof = proofOf({
      inForce,
      uses: [use(web, create)],
      suggestions: [named],
      replaced: [replace(broadBinding)],
    });
    expect(proof.cut).toEqual([{ username: web.username, attributes: create }]);
    expect(proof.unneeded.map(({ what }) => what)).toContain('rules[0].resourceNames: "app"');
  });

  it("rule 34: finds that pods do not bring their logs", () => {
    const uses = [use(web, ask("get pods/log in shop named a"))];
    const suggestions = [suggest("shop/web", webAccount, [line(ask("get pods in shop"))])];
    expect(proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] }).cut).toHaveLength(1);
  });

  it("leaves what another authorizer allows to that", () => {
    const uses = [use(identity("admin"), listPods, { citations: [{ kind: "other", reason: "" }] })];
    const proof = proofOf({ inForce: stateOf([]), uses });
    expect(faultsOf(proof)).toEqual({});
  });

  it("names what was used and is not allowed any more, and asks for none of it", () => {
    const proof = proofOf({ inForce: stateOf([]), uses: [use(web, listPods)] });
    expect(faultsOf(proof)).toEqual({ revoked: [{ username: web.username, attributes: listPods }] });
  });

  it("asks of a use that stands for many what rules name", () => {
    const state = stateOf([
      role("shop/r", rule("get pods named a,b"), rule("list pods")),
      binding("shop/b", "Role r", webAccount),
    ]);
    const many = use(web, ask("get pods in shop"), { isMany: true });
    const [, bound] = state.bindings.length === 1 ? [undefined, state.bindings[0]] : [];
    if (bound === undefined) throw new Error("no binding");
    const named = [line(ask("get pods in shop named a")), line(ask("get pods in shop named b"))];
    const all = [suggest("shop/web", webAccount, named)];
    expect(proofOf({ inForce: state, uses: [many], suggestions: all, replaced: [replace(bound)] }).cut).toEqual([]);
    const half = [suggest("shop/web", webAccount, named.slice(1))];
    expect(proofOf({ inForce: state, uses: [many], suggestions: half, replaced: [replace(bound)] }).cut).toEqual([
      { username: web.username, attributes: ask("get pods in shop named a") },
    ]);
    // Where any name is in force, any name it is.
    expect(proofOf({ inForce, uses: [many], suggestions: all, replaced: [replace(broadBinding)] }).cut).toEqual([
      { username: web.username, attributes: ask("get pods in shop") },
    ]);
  });

  it("asks of many paths what rules name", () => {
    const state = stateOf([role("r", pathRule("get /a,/b")), binding("b", "ClusterRole r", webAccount)]);
    const replaced = state.bindings.map((one) => replace(one));
    const many = use(web, askPath("get *"), { isMany: true });
    const [a, b] = [line(askPath("get /a")), line(askPath("get /b"))];
    const cutBy = (...lines: readonly (typeof a)[]) =>
      proofOf({ inForce: state, uses: [many], suggestions: [suggest("web", webAccount, lines)], replaced }).cut;
    expect(cutBy(a, b)).toEqual([]);
    expect(cutBy(a)).toEqual([{ username: web.username, attributes: askPath("get /b") }]);
  });

  it("takes one request for one, with a name or without", () => {
    const empty = { ...rule("create,get configmaps"), resourceNames: ["", "a"] };
    const state = stateOf([role("shop/r", empty), binding("shop/b", "Role r", webAccount)]);
    const uses = [use(web, ask("create configmaps in shop")), use(web, ask("get configmaps in shop named a"))];
    expect(faultsOf(proofOf({ inForce: state, uses }))).toEqual({});
    const named = stateOf([role("shop/r", rule("get pods named a")), binding("shop/b", "Role r", webAccount)]);
    expect(proofOf({ inForce: named, uses: [use(web, ask("get pods in shop"))] }).revoked).toHaveLength(1);
  });

  it("counts what RBAC allowed at least once", () => {
    const citations = [citedGroup("dev"), { kind: "other", reason: "" } as const];
    const uses = [use(web, listPods, { citations })];
    expect(proofOf({ inForce, uses, replaced: [replace(broadBinding)] }).cut).toHaveLength(1);
  });

  it("tells roles of one name in two namespaces apart", () => {
    const suggestions = [
      suggest("shop/web", webAccount, [line(listPods)]),
      suggest("till/web", webAccount, [line(ask("get nodes in till"))]),
    ];
    expect(proofOf({ inForce, suggestions, replaced: [replace(broadBinding)] })).toMatchObject({ cut: [], judged: 0 });
    // One ClusterRole for both.
    const shared = suggest("shared", webAccount, [line(listPods)]);
    expect(proofOf({ inForce, suggestions: [shared], replaced: [replace(broadBinding)] }).cut).toEqual([]);
  });

  it("adds the groups that a source leaves out, and those that a reason names", () => {
    const state = stateOf([broad, binding("dev", "ClusterRole broad", group("dev"))]);
    const silent = { username: "alice", groups: [] };
    const proof = proofOf({ inForce: state, uses: [use(silent, listPods, { citations: [citedGroup("dev")] })] });
    expect(faultsOf(proof)).toEqual({});
    expect(proofOf({ inForce: state, uses: [use(silent, listPods)] }).revoked).toHaveLength(1);
    const asUser = { ...citedGroup("dev"), subject: { kind: "User", namespace: "", name: "dev" } } as const;
    expect(proofOf({ inForce: state, uses: [use(silent, listPods, { citations: [asUser] })] }).revoked).toHaveLength(1);
    // A group that is told is not added to: whoever cites one more has its own reasons.
    const told = { username: "alice", groups: ["ops"] };
    expect(
      proofOf({ inForce: state, uses: [use(told, listPods, { citations: [citedGroup("dev")] })] }).revoked,
    ).toHaveLength(1);
  });
});

describe("(b) nobody gets what nobody had", () => {
  const held = stateOf([
    role("shop/r", rule("get,list pods"), rule("get configmaps named a")),
    binding("shop/b", "Role r", webAccount),
  ]);

  it("by verb, resource, group, name, namespace or scope", () => {
    const power = (attributes: Parameters<typeof line>[0], path = "shop/web"): number =>
      proofOf({ inForce: held, suggestions: [suggest(path, webAccount, [line(attributes)])] }).newPower.length;
    expect(power(ask("get pods in shop"))).toBe(0);
    expect(power(ask("get pods in shop named x"))).toBe(0);
    expect(power(ask("get configmaps in shop named a"))).toBe(0);
    expect(power(ask("watch pods in shop"))).toBe(1);
    expect(power(ask("get services in shop"))).toBe(1);
    expect(power(ask("get pods.apps in shop"))).toBe(1);
    expect(power(ask("get pods/log in shop"))).toBe(1);
    expect(power(ask("get configmaps in shop"))).toBe(1);
    expect(power(ask("get configmaps in shop named b"))).toBe(1);
    expect(power(ask("get pods in till"), "till/web")).toBe(1);
    expect(power(ask("get pods"), "web")).toBe(1);
    expect(power(askPath("get /metrics"), "web")).toBe(1);
  });

  it("counts wildcards as what they stand for", () => {
    const manifests = [role("shop/web", rule("get,list *")), binding("shop/web", "Role web", webAccount)];
    expect(proofOf({ inForce: held, manifests }).newPower).toHaveLength(2);
    expect(proofOf({ inForce, manifests }).newPower).toEqual([]);
  });

  it("is judged for each subject: another one who holds it does not count", () => {
    const both = stateOf([broad, binding("b", "ClusterRole broad", account("shop/job"))]);
    const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
    expect(proofOf({ inForce: both, suggestions }).newPower).toEqual([{ subject: webAccount, attributes: listPods }]);
  });

  it("is judged for a group by what all of its members have", () => {
    const suggestions = [suggest("shop/dev", group("dev"), [line(listPods)])];
    const byUser = stateOf([broad, binding("b", "ClusterRole broad", user("alice"))]);
    const uses = [use(identity("alice", "dev"), listPods)];
    expect(proofOf({ inForce: byUser, uses, suggestions }).newPower).toHaveLength(1);
    const byGroup = stateOf([broad, binding("b", "ClusterRole broad", group("dev"))]);
    expect(proofOf({ inForce: byGroup, uses, suggestions }).newPower).toEqual([]);
    const byAll = stateOf([broad, binding("b", "ClusterRole broad", group("system:authenticated"))]);
    expect(proofOf({ inForce: byAll, uses, suggestions }).newPower).toEqual([]);
  });

  it("is judged for those who did not log in by what they have alone", () => {
    const suggestions = [suggest("shop/anyone", group("system:unauthenticated"), [line(listPods)])];
    const byAll = stateOf([broad, binding("b", "ClusterRole broad", group("system:authenticated"))]);
    expect(proofOf({ inForce: byAll, suggestions }).newPower).toHaveLength(1);
    const byNone = stateOf([broad, binding("b", "ClusterRole broad", group("system:unauthenticated"))]);
    expect(proofOf({ inForce: byNone, suggestions }).newPower).toEqual([]);
  });

  it("is judged for a ServiceAccount of the binding's namespace where none is named", () => {
    for (const local of [account("web"), { ...account("web"), namespace: "" }]) {
      const suggestions = [suggest("shop/web", local, [line(listPods)])];
      expect(proofOf({ inForce, suggestions }).newPower).toEqual([]);
      expect(
        proofOf({ inForce, suggestions: [suggest("till/web", local, [line(ask("list pods in till"))])] }).newPower,
      ).toHaveLength(1);
    }
  });

  it("finds what a role in force would give to others that are bound to it", () => {
    const changed = role("shop/r", rule("get,list pods"), rule("get secrets"));
    expect(proofOf({ inForce: held, manifests: [changed] }).newPower).toEqual([
      { subject: webAccount, attributes: ask("get secrets in shop") },
    ]);
  });

  it("leaves out what the operator granted by name, and lists it", () => {
    const secret = ask("get secrets in shop named s");
    const suggestions = [
      suggest("shop/web", webAccount, [line(secret, { kind: "granted", because: "shop/web:get secrets" })]),
    ];
    const proof = proofOf({ inForce: held, suggestions });
    expect(faultsOf(proof)).toEqual({ granted: [{ subject: webAccount, attributes: secret }] });
  });

  it("takes a namespace's own name for granted in it", () => {
    const named = stateOf([role("shop/r", rule("get namespaces named shop")), binding("shop/b", "Role r", webAccount)]);
    const own = ask("get namespaces in shop named shop");
    const suggestions = [suggest("shop/web", webAccount, [line({ ...own, name: "" })])];
    expect(proofOf({ inForce: named, uses: [use(web, own)], suggestions }).newPower).toEqual([]);
  });

  it("takes no other name of a namespace for its own, and no namespace for all of them", () => {
    const named = stateOf([
      role("shop/r", rule("get namespaces,configmaps named shop")),
      role("r", rule("get namespaces named shop")),
      binding("shop/b", "Role r", webAccount),
      binding("b", "ClusterRole r", webAccount),
    ]);
    const power = (path: string, text: string, apiGroup = ""): number => {
      const [rules] = [[rule(text, apiGroup)]];
      return proofOf({ inForce: named, suggestions: [suggest(path, webAccount, [], rules)] }).newPower.length;
    };
    expect(power("shop/web", "get namespaces")).toBe(0);
    expect(power("shop/web", "get namespaces named other")).toBe(1);
    expect(power("shop/web", "get configmaps")).toBe(1);
    expect(power("shop/web", "get namespaces", "apps")).toBe(1);
    expect(power("web", "get namespaces")).toBe(1);
  });

  it("is judged by paths that were seen, each for itself", () => {
    const seen = [use(web, askPath("get /metrics"))];
    const power = (path: string): number =>
      proofOf({ uses: seen, suggestions: [suggest("web", webAccount, [line(askPath(path))])] }).newPower.length;
    expect(power("get /metrics")).toBe(0);
    expect(power("get /other")).toBe(1);
    expect(power("post /metrics")).toBe(1);
  });

  it("leaves out uses that no role is to hold where nothing is known", () => {
    const uses = [use(web, listPods), use(web, getPod), use(web, askPath("get /a")), use(web, askPath("get /b"))];
    const left = (attributes: typeof listPods | ReturnType<typeof askPath>, isMany = false) =>
      ({ username: web.username, attributes, isMany, why: "out-of-scope" }) as const;
    const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
    expect(proofOf({ uses, suggestions, leftOut: [left(getPod), left(askPath("get /a"))] }).cut).toEqual([
      { username: web.username, attributes: askPath("get /b") },
    ]);
    expect(proofOf({ uses, suggestions, leftOut: [left(getPod, true)] }).cut).toHaveLength(3);
  });

  it("is judged by what was seen where nothing is known, and says so", () => {
    const seen = [use(web, listPods)];
    const lines = [line(listPods), line(ask("get pods in shop named x"))];
    const proof = proofOf({ uses: seen, suggestions: [suggest("shop/web", webAccount, lines)] });
    expect(proof.newPower).toEqual([{ subject: webAccount, attributes: ask("get pods in shop named x") }]);
    expect(proof.notJudged).toEqual([expect.objectContaining({ check: "no-new-power" })]);
    const inferred = line(ask("get pods in shop"), { kind: "idiom", because: "x" });
    const widened = { ...line(ask("watch pods in shop")), widenedFrom: 30 };
    expect(
      proofOf({ uses: seen, suggestions: [suggest("shop/web", webAccount, [inferred, widened])] }).newPower,
    ).toEqual([]);
    // A group, by its members.
    const dev = [use(identity("alice", "dev"), listPods)];
    expect(proofOf({ uses: dev, suggestions: [suggest("shop/dev", group("dev"), [line(listPods)])] }).newPower).toEqual(
      [],
    );
    expect(
      proofOf({ uses: dev, suggestions: [suggest("shop/ops", group("ops"), [line(listPods)])] }).newPower,
    ).toHaveLength(1);
  });

  it("counts what was seen too where not everything is known", () => {
    const gaps = { isPartial: true, unknownRoles: [] };
    const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
    const partial = proofOf({ inForce: stateOf([], gaps), uses: [use(web, listPods)], suggestions });
    expect(partial).toMatchObject({ cut: [], newPower: [], revoked: [] });
    expect(partial.notJudged.map(({ check }) => check)).toEqual(["no-new-power", "soundness"]);
    expect(proofOf({ inForce: stateOf([], gaps), suggestions }).newPower).toHaveLength(1);
  });
});

describe("(c) nothing can be taken away", () => {
  const uses = [use(web, getPod), use(web, listPods)];
  const lines = [line(getPod), line(listPods)];

  /** What is not needed of `shop/web` with these rules. */
  function unneeded(...rules: readonly ReturnType<typeof rule>[]): readonly string[] {
    const suggestions = [suggest("shop/web", webAccount, lines, rules)];
    return proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] }).unneeded.map(({ what }) => what);
  }

  it("neither verb, group, resource nor name", () => {
    expect(unneeded(rule("get pods named a"), rule("list pods"))).toEqual([]);
    expect(unneeded(rule("get,list pods"))).toEqual([]);
    expect(unneeded(rule("get,list,watch pods"))).toEqual(['rules[0].verbs: "watch"']);
    expect(unneeded(rule("get,list pods,services"))).toEqual(['rules[0].resources: "services"']);
    expect(unneeded(rule("get pods named a,b"), rule("list pods"))).toEqual(['rules[0].resourceNames: "b"']);
    expect(unneeded({ ...rule("get,list pods"), apiGroups: ["", "apps"] })).toEqual(['rules[0].apiGroups: "apps"']);
    expect(unneeded(rule("get,list pods"), rule("get secrets"))).toEqual([
      'rules[1].apiGroups: ""',
      'rules[1].resources: "secrets"',
      'rules[1].verbs: "get"',
    ]);
  });

  it("of what two rules allow, neither is needed for it alone", () => {
    expect(unneeded(rule("get,list pods"), rule("get pods"))).toEqual([
      'rules[0].verbs: "get"',
      'rules[1].apiGroups: ""',
      'rules[1].resources: "pods"',
      'rules[1].verbs: "get"',
    ]);
  });

  it("no binding, so no namespace either", () => {
    const shared = role("web", rule("list pods"));
    const manifests = ["shop", "till"].map((namespace) => binding(`${namespace}/web`, "ClusterRole web", webAccount));
    const proof = proofOf({
      inForce,
      uses: [use(web, listPods)],
      manifests: [shared, ...manifests],
      replaced: [replace(broadBinding)],
    });
    expect(proof.unneeded).toEqual([{ role: "ClusterRole web", what: "RoleBinding till/web" }]);
  });

  it("but what a line needs that rests on no use is needed", () => {
    const idiom = line(ask("watch pods in shop"), { kind: "idiom", because: "x" });
    const suggestions = [suggest("shop/web", webAccount, [...lines, idiom])];
    expect(proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] }).unneeded).toEqual([]);
  });

  it("a line that says it was seen, and was not, is not needed", () => {
    const suggestions = [suggest("shop/web", webAccount, [...lines, line(ask("watch pods in shop"))])];
    expect(proofOf({ inForce, uses, suggestions, replaced: [replace(broadBinding)] }).unneeded).not.toEqual([]);
  });

  it("nor what a binding gives that stays; one that only waits does not count", () => {
    const suggestions = [suggest("shop/web", webAccount, lines)];
    expect(proofOf({ inForce, uses, suggestions }).unneeded).toHaveLength(8);
    const waiting = [replace(broadBinding, { keep: "too young" })];
    expect(proofOf({ inForce, uses, suggestions, replaced: waiting }).unneeded).toEqual([]);
  });

  it("rule 10: nor what every cluster gives everybody", () => {
    const version = askPath("get /version");
    const suggestions = [suggest("web", webAccount, [line(version)])];
    expect(proofOf({ uses: [use(web, version)], suggestions }).unneeded).not.toEqual([]);
    expect(
      proofOf({
        uses: [use(web, askPath("get /metrics"))],
        suggestions: [suggest("web", webAccount, [line(askPath("get /metrics"))])],
      }).unneeded,
    ).toEqual([]);
  });

  it("paths, prefixes among them", () => {
    const asked = [use(web, askPath("get /debug/a"))];
    const suggestions = (...paths: readonly string[]) => [
      suggest("web", webAccount, [], [pathRule(`get ${paths.join()}`)]),
    ];
    const of = (...paths: readonly string[]): readonly string[] =>
      proofOf({ uses: asked, suggestions: suggestions(...paths) }).unneeded.map(({ what }) => what);
    expect(of("/debug/*")).toEqual([]);
    expect(of("/debug/*", "/other")).toEqual(['rules[0].nonResourceURLs: "/other"']);
    expect(of("/debug/*", "/debug/a")).toEqual([
      'rules[0].nonResourceURLs: "/debug/*"',
      'rules[0].nonResourceURLs: "/debug/a"',
    ]);
  });

  it("rule 47: a rule with names is needed when one of them was used, and only for that one", () => {
    const own = [use(web, ask("get secrets in shop named a"))];
    const suggestions = [suggest("shop/web", webAccount, [], [rule("get secrets named a,b")])];
    expect(
      proofOf({ inForce, uses: own, suggestions, replaced: [replace(broadBinding)] }).unneeded.map(({ what }) => what),
    ).toEqual(['rules[0].resourceNames: "b"']);
  });

  it("rule 47: */log is needed when logs were read", () => {
    const own = [use(web, ask("get pods/log in shop named a"))];
    const suggestions = [suggest("shop/web", webAccount, [], [rule("get */log,*/status")])];
    expect(
      proofOf({ inForce, uses: own, suggestions, replaced: [replace(broadBinding)] }).unneeded.map(({ what }) => what),
    ).toEqual(['rules[0].resources: "*/status"']);
  });
});

describe("(d) a role allows what its lines say", () => {
  const lines = [line(getPod), line(listPods)];

  function lossy(...rules: readonly ReturnType<typeof rule>[]): AccessProof["lossy"] {
    return proofOf({ inForce, suggestions: [suggest("shop/web", webAccount, lines, rules)] }).lossy;
  }

  it("not less", () => {
    expect(lossy(rule("list pods"))).toEqual([{ role: "Role shop/web", attributes: getPod }]);
    expect(lossy(rule("get pods named a"), rule("list pods"))).toEqual([]);
  });

  it("and not more", () => {
    expect(lossy(rule("get,list pods"))).toEqual([{ role: "Role shop/web", attributes: { ...getPod, name: "" } }]);
    expect(lossy(rule("get pods named a"), rule("list pods,services"))).toEqual([
      { role: "Role shop/web", attributes: ask("list services in shop") },
    ]);
    expect(lossy(rule("get pods named a"), rule("list pods"), rule("* *", "*"))).toHaveLength(1);
  });

  it("nor is a role written that nobody decided on, or one missing", () => {
    const suggestions = [suggest("shop/web", webAccount, lines)];
    const [own, bound] = suggest("shop/web", webAccount, lines).manifests;
    expect(proofOf({ inForce, suggestions, manifests: [bound] }).lossy).toHaveLength(2);
    const extra = role("shop/extra", rule("get secrets"));
    expect(proofOf({ inForce, suggestions, manifests: [own, bound, extra] }).lossy).toEqual([
      { role: "Role shop/extra", attributes: ask("get secrets in shop") },
    ]);
  });

  it("by path, where one may stand for many", () => {
    const paths = [line(askPath("get /debug/*"))];
    const of = (text: string) =>
      proofOf({ inForce, suggestions: [suggest("web", webAccount, paths, [pathRule(text)])] }).lossy;
    expect(of("get /debug/*")).toEqual([]);
    expect(of("get /debug/*,/debug/a")).toEqual([]);
    expect(of("get /debug/*,/other")).toHaveLength(1);
    expect(of("get *")).toHaveLength(1);
    expect(of("get /debug/*,/debugger")).toHaveLength(1);
    expect(of("get,post /debug/*")).toHaveLength(1);
    const both = [suggest("web", webAccount, paths, [pathRule("get /debug/*"), rule("get pods")])];
    expect(proofOf({ inForce, suggestions: both }).lossy).toEqual([
      { role: "ClusterRole web", attributes: ask("get pods") },
    ]);
    expect(of("get /debug/a")).toHaveLength(1);
  });
});

describe("(e) rule 39: whoever applies them may", () => {
  const suggestions = [suggest("shop/web", webAccount, [line(listPods)])];
  const argo = identity("argocd/controller");
  const write = rule("create,update,patch roles,rolebindings", "rbac.authorization.k8s.io");

  /** What somebody with these rules, everywhere, can't apply. */
  function unappliable(...rules: readonly ReturnType<typeof rule>[]): readonly string[] {
    const state = stateOf([
      broad,
      broadBinding,
      role("argo", ...rules),
      binding("argo", "ClusterRole argo", account("argocd/controller")),
    ]);
    return proofOf({ inForce: state, suggestions, applier: argo }).unappliable.map(
      ({ object, missing }) => `${object}: ${missing}`,
    );
  }

  it("rule 39: by holding what it grants", () => {
    expect(unappliable(write, rule("list pods"))).toEqual([]);
    expect(unappliable(write, rule("* *", "*"))).toEqual([]);
    expect(unappliable(write)).toEqual(["Role shop/web: list pods", "RoleBinding shop/web: list pods"]);
  });

  it("rule 39: or by escalate for roles, and bind for bindings", () => {
    const escalate = rule("escalate roles", "rbac.authorization.k8s.io");
    const bind = rule("bind roles", "rbac.authorization.k8s.io");
    expect(unappliable(write, escalate, bind)).toEqual([]);
    expect(unappliable(write, escalate)).toEqual(["RoleBinding shop/web: list pods"]);
    expect(unappliable(write, bind)).toEqual(["Role shop/web: list pods"]);
    // bind is asked for with the role's name, escalate at creation without one.
    expect(unappliable(write, escalate, { ...bind, resourceNames: ["web"] })).toEqual([]);
    expect(unappliable(write, escalate, { ...bind, resourceNames: ["other"] })).toEqual([
      "RoleBinding shop/web: list pods",
    ]);
    expect(unappliable(write, { ...escalate, resourceNames: ["web"] }, bind)).toEqual(["Role shop/web: list pods"]);
  });

  it("rule 39: and by being allowed to write them at all", () => {
    expect(unappliable(rule("list pods"))).toEqual([
      "Role shop/web: create roles.rbac.authorization.k8s.io",
      "RoleBinding shop/web: create rolebindings.rbac.authorization.k8s.io",
    ]);
  });

  it("rule 39: by what counts where the object is to be", () => {
    const own = role("shop/argo", write, rule("list pods"));
    const local = stateOf([own, binding("shop/argo", "Role argo", account("argocd/controller"))]);
    expect(proofOf({ inForce: local, suggestions, applier: argo }).unappliable).toEqual([]);
    const elsewhere = [suggest("till/web", webAccount, [line(ask("list pods in till"))])];
    expect(proofOf({ inForce: local, suggestions: elsewhere, applier: argo }).unappliable).toHaveLength(4);
    const everywhere = [suggest("web", webAccount, [line(ask("list pods"))])];
    expect(proofOf({ inForce: local, suggestions: everywhere, applier: argo }).unappliable).toHaveLength(4);
    const bind = rule("escalate,bind roles", "rbac.authorization.k8s.io");
    const binder = stateOf([
      role("shop/argo", write, bind),
      binding("shop/argo", "Role argo", account("argocd/controller")),
    ]);
    expect(proofOf({ inForce: binder, suggestions, applier: argo }).unappliable).toEqual([]);
  });

  it("rule 39: a right to create that names objects is none", () => {
    expect(unappliable({ ...write, resourceNames: ["web"] }, rule("list pods"))).toHaveLength(2);
  });

  it("rule 39: says what is lacking as people write it", () => {
    const lines = [
      line(ask("patch deployments.apps/status named web")),
      line(ask("get pods/log")),
      line(askPath("get /metrics")),
    ];
    const state = stateOf([
      role("argo", rule("create,escalate clusterroles,clusterrolebindings", "rbac.authorization.k8s.io")),
      binding("argo", "ClusterRole argo", account("argocd/controller")),
    ]);
    const proof = proofOf({ inForce: state, suggestions: [suggest("web", webAccount, lines)], applier: argo });
    expect(proof.unappliable).toEqual([
      {
        object: "ClusterRoleBinding web",
        missing: 'patch deployments.apps/status "web", get pods/log, get /metrics',
      },
    ]);
  });

  it("rule 39: what exists is changed, by its name", () => {
    const existing = stateOf([
      ...suggestions.flatMap(({ manifests }) => manifests),
      role(
        "argo",
        rule("patch roles,rolebindings named web", "rbac.authorization.k8s.io"),
        rule("escalate roles named web", "rbac.authorization.k8s.io"),
        rule("bind roles", "rbac.authorization.k8s.io"),
      ),
      binding("argo", "ClusterRole argo", account("argocd/controller")),
    ]);
    expect(proofOf({ inForce: existing, suggestions, applier: argo }).unappliable).toEqual([]);
  });

  it("rule 39: system:masters may everything, and nobody is asked where nobody is named", () => {
    expect(proofOf({ inForce, suggestions, applier: identity("admin", "system:masters") }).unappliable).toEqual([]);
    expect(proofOf({ inForce, suggestions }).unappliable).toEqual([]);
  });

  it("rule 39: a role whose rules are not known has to be bound by name", () => {
    const manifests = [binding("shop/web", "ClusterRole view", webAccount)];
    const gaps = { isPartial: true, unknownRoles: [{ kind: "ClusterRole", namespace: "", name: "view" }] } as const;
    const state = stateOf(
      [role("argo", rule("* *", "apps"), write), binding("argo", "ClusterRole argo", account("argocd/controller"))],
      gaps,
    );
    const proof = proofOf({ inForce: state, manifests, applier: argo });
    expect(proof.unappliable).toEqual([
      { object: "RoleBinding shop/web", missing: "bind on ClusterRole view, whose rules are not known" },
    ]);
    expect(proof.notJudged.map(({ check }) => check)).toContain("applier");
  });

  it("rule 48: what somebody else keeps is not to be changed or removed", () => {
    const kept = stateOf([broad, broadBinding]);
    const keeper = "Helm manages it";
    const state = { ...kept, bindings: kept.bindings.map((one) => ({ ...one, keeper })) };
    const uses = [use(web, listPods)];
    const removing = proofOf({ inForce: state, uses, suggestions, replaced: [replace(broadBinding)] });
    expect(removing.unappliable).toEqual([
      { object: "ClusterRoleBinding web-broad", missing: "leave to change it: Helm manages it" },
    ]);
    const waiting = [replace(broadBinding, { keep: keeper })];
    expect(proofOf({ inForce: state, uses, suggestions, replaced: waiting }).unappliable).toEqual([]);
  });

  it("a role and a binding in force can be written anew", () => {
    const manifests = [role("broad", rule("list pods")), broadBinding];
    expect(proofOf({ inForce, manifests }).unappliable).toEqual([]);
  });

  it("a binding can't become one of another role", () => {
    const manifests = [role("shop/new", rule("list pods")), binding("web-broad", "ClusterRole view", webAccount)];
    expect(proofOf({ inForce, manifests }).unappliable.map(({ object }) => object)).toEqual([
      "ClusterRoleBinding web-broad",
    ]);
  });
});
