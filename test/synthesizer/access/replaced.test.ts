import { describe, expect, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import type { AccessGraph } from "../../../src/model/access.ts";
import type { KnownBinding, KnownRole, PolicyRule } from "../../../src/model/rbac.ts";
import { can, stateAfter } from "./judge.ts";
import {
  account,
  admin,
  asked,
  binding,
  citing,
  evidence,
  graphOf,
  group,
  identityFor,
  role,
  START,
  stateOf,
  suggest,
  told,
  use,
} from "./world.ts";

const WEB = identityFor("shop/web");
const API = identityFor("shop/api");
const DAY = 86_400_000;
const PODS: PolicyRule = { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "delete"] };

/** What becomes of each binding in force that is replaced: `KIND NAME -SUBJECT +SUBJECT: REASON`. */
function replacedIn(set: ReturnType<typeof suggest>): string[] {
  return set.replaced.map(({ name, subjects, keptSubjects, keep }) => {
    const gone = subjects.map((subject) => `-${subject.name}`);
    const kept = keptSubjects.map((subject) => `+${subject.name}`);
    return [name, ...gone, ...kept].join(" ") + (keep === undefined ? "" : `: ${keep}`);
  });
}

describe("right-sizing", () => {
  it("rule 42: what is granted and used is counted by verb, resource, scope and name", () => {
    const named = { apiGroups: [""], resources: ["configmaps"], resourceNames: ["a", "b"], verbs: ["get"] };
    const few = stateOf(role("few", PODS, named), binding("few", "few", account("shop/web")));
    const everybody = suggest([use(WEB, "get /version")], few).subjects[0]?.granted ?? 0;
    const [decision] = suggest(
      [use(WEB, "list pods in shop"), use(WEB, "get configmaps in shop named a")],
      few,
    ).subjects;
    expect(decision?.granted ?? 0).toBe(everybody);
    expect(decision?.used).toBe(2);
    const without = suggest([use(WEB, "get /version")], stateOf()).subjects[0]?.granted ?? 0;
    expect(everybody - without).toBe(5);
  });

  it("rule 42: nobody knows what is granted where nobody gave it", () => {
    expect(suggest([use(WEB, "list pods in shop")], undefined).subjects[0]).toMatchObject({
      granted: undefined,
      used: 1,
    });
  });

  const state = (over: Partial<KnownBinding> = {}, roleOver: Partial<KnownRole> = {}) =>
    stateOf({ ...role("pods", PODS), ...roleOver }, { ...binding("pods", "pods", account("shop/web")), ...over });
  const LIST = use(WEB, "list pods in shop");

  it("rule 43: what is younger than the log waits: binding, or role", () => {
    const careful = { minDays: 14 };
    expect(replacedIn(suggest([LIST], state({ createdAt: START - DAY }), careful))).toEqual(["pods -web"]);
    expect(replacedIn(suggest([LIST], state({ createdAt: START + DAY }), careful))).toEqual([
      "pods -web: the binding is younger than the log",
    ]);
    expect(replacedIn(suggest([LIST], state({}, { createdAt: START + DAY }), careful))).toEqual([
      "pods -web: its role is younger than the log",
    ]);
  });

  it("rule 43: who asks for no waiting gets none", () => {
    expect(replacedIn(suggest([LIST], state({ createdAt: START + DAY }), { minDays: 0 }))).toEqual(["pods -web"]);
  });

  it("rule 44: whoever else is in a binding keeps it, and the role is left alone", () => {
    const shared = stateOf(role("pods", PODS), binding("pods", "pods", account("shop/web"), account("shop/api")));
    const set = suggest([LIST], shared);
    expect(replacedIn(set)).toEqual(["pods -web +api"]);
    const after = new Authorizer(stateAfter(set, shared));
    expect(after.allows(API, asked("delete pods in shop"))).toBe(true);
    expect(after.allows(WEB, asked("delete pods in shop"))).toBe(false);
    expect(after.allows(WEB, asked("list pods in shop"))).toBe(true);
  });

  it("rule 44: each of several subjects gets its own, and the binding may go", () => {
    const shared = stateOf(role("pods", PODS), binding("pods", "pods", account("shop/web"), account("shop/api")));
    const set = suggest([LIST, use(API, "delete pods in shop named a")], shared);
    expect(replacedIn(set)).toEqual(["pods -web -api"]);
    expect(can(set, WEB, asked("delete pods in shop named a"))).toBe(false);
  });

  it("rule 45: a binding that is never cited goes too: another one gives the same", () => {
    const both = stateOf(
      role("pods", PODS),
      binding("cited", "pods", account("shop/web")),
      binding("shop/never", "pods", account("shop/web")),
    );
    const cited = use(WEB, "list pods in shop", { citations: [citing("ServiceAccount", "web", "shop")] });
    expect(replacedIn(suggest([cited], both))).toEqual(["cited -web", "never -web"]);
  });

  it("rule 45: a binding of whom nothing was seen is told, and not replaced", () => {
    const set = suggest([use(API, "list nodes")], state());
    expect(set.replaced).toEqual([]);
    expect(told(set, "access-binding-unused")).toEqual([expect.stringContaining("shop/web")]);
  });

  it("rule 46: cluster-admin is replaced by what was used, verb by verb", () => {
    const all = stateOf(...admin(account("shop/web")));
    const set = suggest([LIST, use(WEB, "get /metrics")], all);
    expect(replacedIn(set)).toEqual(["root -web"]);
    const after = new Authorizer(stateAfter(set, all));
    expect(after.allows(WEB, asked("list pods in shop"))).toBe(true);
    expect(after.allows(WEB, asked("get /metrics"))).toBe(true);
    for (const text of ["get pods in shop", "list pods in tools", "list secrets in shop", "get /logs"]) {
      expect(after.allows(WEB, asked(text))).toBe(false);
    }
  });

  it("rule 48: what Kubernetes, Helm or an operator keeps is not netlearn's to remove", () => {
    expect(replacedIn(suggest([LIST], state({ keeper: "Helm release shop" })))).toEqual([
      "pods -web: it is not netlearn's to remove: Helm release shop",
    ]);
    const system = stateOf(role("pods", PODS), binding("system:pods", "pods", account("shop/web")));
    expect(suggest([LIST], system).replaced).toEqual([]);
  });

  it("rule 49: a log that is too short, or tells no times, or is old, removes nothing", () => {
    const careful = { minDays: 14 };
    const short: AccessGraph = { ...graphOf(LIST), window: { first: START, last: START + 13 * DAY } };
    expect(replacedIn(suggest(short, state(), careful))).toEqual([
      "pods -web: the log is of 13 days only, of 14 needed",
    ]);
    expect(replacedIn(suggest({ ...graphOf(LIST), window: undefined }, state(), careful))).toEqual([
      expect.stringContaining("no event tells its time"),
    ]);
    expect(replacedIn(suggest([LIST], state(), { ...careful, now: START + 50 * DAY }))).toEqual([
      "pods -web: the log ended 30 days ago",
    ]);
  });

  it("rule 49: who was seen on few days, or seldom, keeps what it has", () => {
    const careful = { minDays: 14 };
    const hours = [START / 3_600_000, START / 3_600_000 + 24];
    const few = use(WEB, "list pods in shop", { evidence: evidence({ hours }) });
    expect(replacedIn(suggest([few], state(), careful))).toEqual([expect.stringContaining("was seen on 2 days only")]);
    const seldom = use(WEB, "list pods in shop", { evidence: evidence({ requests: 3 }) });
    expect(replacedIn(suggest([seldom], state(), careful))).toEqual([expect.stringContaining("made 3 requests only")]);
  });

  it("rule 49: records that were lost remove nothing", () => {
    const graph = graphOf(LIST);
    const gap = { topic: "audit", partition: 0, from: 1, to: 9, why: "expired" } as const;
    const lost = { ...graph, facts: { ...graph.facts, gaps: [gap] } };
    expect(replacedIn(suggest(lost, state(), { minDays: 14 }))).toEqual([expect.stringContaining("were gone before")]);
  });

  it("rule 49: what may go says on what that rests", () => {
    expect(told(suggest([LIST], state(), { minDays: 14 }), "access-binding-replaced")).toEqual([
      expect.stringContaining("ServiceAccount shop/web: 40 requests on 20 days"),
    ]);
  });

  it("rule 50: what the log can't show is not unused", () => {
    const isObservable = (_: unknown, { verb }: { readonly verb: string }) =>
      verb === "get" ? "reads are not logged" : true;
    expect(replacedIn(suggest([LIST], state(), { isObservable }))).toEqual([
      "pods -web: whether get pods is used can't be seen: reads are not logged",
    ]);
    const writes = state({}, { rules: [{ ...PODS, verbs: ["list", "delete"] }] });
    expect(replacedIn(suggest([LIST], writes, { isObservable }))).toEqual(["pods -web"]);
  });

  it("rule 50: behind a wildcard, too", () => {
    const isObservable = (_: unknown, attributes: { readonly kind: string; readonly resource?: string }) =>
      attributes.resource === "events" ? "events are not logged" : true;
    expect(replacedIn(suggest([LIST], stateOf(...admin(account("shop/web"))), { isObservable }))).toEqual([
      expect.stringContaining("events are not logged"),
    ]);
  });

  it("a binding that somebody without one of his own needs stays", () => {
    const eve = identityFor("eve", "devs");
    const jane = use(identityFor("jane", "devs"), "list pods in shop", { citations: [citing("Group", "devs")] });
    const byNobody = use(eve, "get pods in shop", { citations: [citing("User", "eve")] });
    const user = { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "eve" } as const;
    const both = stateOf(role("pods", PODS), binding("devs", "pods", group("devs")), binding("eve", "pods", user));
    expect(replacedIn(suggest([jane, byNobody], both))).toEqual(["devs -devs"]);
    const one = stateOf(role("pods", PODS), binding("devs", "pods", group("devs")));
    expect(replacedIn(suggest([jane, byNobody], one))).toEqual(["devs -devs"]);
    expect(can(suggest([jane, byNobody], one), eve, asked("get pods in shop"))).toBe(true);
  });

  it("what is not known of a role stays", () => {
    const unknownRoles = [{ kind: "ClusterRole", namespace: "", name: "view" } as const];
    const partial = {
      ...stateOf(binding("view", "view", account("shop/web"))),
      gaps: { isPartial: true, unknownRoles },
    };
    const set = suggest([LIST], partial);
    expect(replacedIn(set)).toEqual([expect.stringContaining("nobody gave the role")]);
    expect(can(set, WEB, asked("list pods in shop"))).toBe(true);
  });
});

describe("denied needs", () => {
  const DENIED = [
    use(WEB, "list secrets in shop", { outcome: "denied" }),
    use(WEB, "get secrets in shop named db", { outcome: "denied" }),
    use(WEB, "get /metrics", { outcome: "denied" }),
    use(identityFor("jane", "devs"), "delete pods in shop named a", { outcome: "denied" }),
    use(identityFor("system:anonymous", "system:unauthenticated"), "list secrets", { outcome: "denied" }),
  ];
  const WHO = WEB.username;

  it("rule 5: nothing denied is granted that nobody names", () => {
    expect(suggest(DENIED, stateOf())).toEqual(suggest([], stateOf()));
  });

  it.each([
    [`${WHO}:list secrets in shop`, "list secrets in shop", "get secrets in shop named db"],
    [`${WHO}:get secrets in shop named db`, "get secrets in shop named db", "get secrets in shop named other"],
    [`${WHO}:get secrets in shop`, "get secrets in shop named other", "get secrets in tools named db"],
    [`${WHO}:get /metrics`, "get /metrics", "get /logs"],
  ])("rule 5: %s is granted, and no more", (need, granted, refused) => {
    const set = suggest(DENIED, stateOf(), { grant: [need] });
    expect(can(set, WEB, asked(granted))).toBe(true);
    expect(can(set, WEB, asked(refused))).toBe(false);
    expect(set.roles.flatMap(({ lines }) => lines).map(({ origin }) => origin)).toEqual([
      { kind: "granted", because: need },
    ]);
    expect(set.findings.filter(({ code }) => code.startsWith("access-grant"))).toEqual([]);
  });

  it("rule 5: a need of people is granted to a group", () => {
    const set = suggest(DENIED, stateOf(), { grant: ["devs:delete pods in shop"] });
    expect(can(set, identityFor("bob", "devs"), asked("delete pods in shop named b"))).toBe(true);
  });

  it("rule 5: what names nothing denied, or nobody who may get it, is told", () => {
    const grant = [
      "jane:delete pods in shop",
      "system:anonymous:list secrets",
      "system:unauthenticated:list secrets",
      `${WHO}:list secrets`,
      `${WHO}:list secrets in tools`,
      "nonsense",
    ];
    const set = suggest(DENIED, stateOf(), { grant });
    expect(set.roles).toEqual([]);
    expect(told(set, "access-grant-refused")).toHaveLength(3);
    expect(told(set, "access-grant-unmatched")).toHaveLength(3);
  });

  it("rule 5: a grant to somebody of whom nothing else was seen takes nothing away", () => {
    const all = stateOf(...admin(account("shop/web")));
    expect(suggest(DENIED, all, { grant: [`${WHO}:list secrets in shop`] }).replaced).toEqual([]);
  });
});
