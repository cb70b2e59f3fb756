import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byText } from "../../../src/lib/sort.ts";
import type { AccessAttributes } from "../../../src/model/access.ts";
import type { RbacState } from "../../../src/model/rbac.ts";
import { compactRules } from "../../../src/synthesizer/access/compact.ts";
import { riskOf } from "../../../src/synthesizer/access/risks.ts";
import { ruleAllows } from "../../../src/synthesizer/access/rule-matching.ts";
import { can } from "./judge.ts";
import {
  account,
  admin,
  asked,
  binding,
  graphOf,
  identityFor,
  linesOf,
  resourceOf,
  role,
  stateOf,
  suggest,
  told,
  use,
} from "./world.ts";

const WEB = identityFor("shop/web");
const ALL = stateOf(...admin(account("shop/web")));
const GENERATED = "web-7d4b9c8f6d-x2k4j";

function used(...texts: readonly string[]) {
  return texts.map((text) => use(WEB, text));
}

/** In force for the account: these rules, in the whole cluster. */
function given(...rules: readonly { resources: string[]; resourceNames?: string[]; verbs: string[] }[]): RbacState {
  const whole = rules.map((rule) => ({ apiGroups: [""], ...rule }));
  return stateOf(role("few", ...whole), binding("few", "few", account("shop/web")));
}

describe("where it counts", () => {
  it("rule 30: what is of a namespace stands in a Role there, all else in a ClusterRole", () => {
    const texts = [
      "get configmaps in shop named a",
      "list pods in tools",
      "list nodes",
      "list secrets",
      "get /metrics",
    ];
    const set = suggest(used(...texts), ALL);
    expect(set.roles.map(({ kind, namespace, rules }) => `${kind} ${namespace} ${rules.length}`)).toEqual([
      "ClusterRole  2",
      "Role shop 1",
      "Role tools 1",
    ]);
    for (const text of texts) expect(can(set, WEB, asked(text))).toBe(true);
    expect(can(set, WEB, asked("list pods"))).toBe(false);
  });

  it("rule 31: two namespaces never make a cluster; alike, they share a ClusterRole that is bound in each", () => {
    const uses = used(...["a", "b", "c"].map((namespace) => `list pods in ${namespace}`), "get pods in d");
    for (const sharedFrom of [3, 4]) {
      const set = suggest(uses, ALL, { sharedFrom });
      for (const namespace of ["a", "b", "c"]) expect(can(set, WEB, asked(`list pods in ${namespace}`))).toBe(true);
      expect(can(set, WEB, asked("list pods in d"))).toBe(false);
      expect(can(set, WEB, asked("list pods"))).toBe(false);
      expect(set.roles).toHaveLength(sharedFrom === 3 ? 2 : 4);
      expect(set.bindings.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => "RoleBinding"));
    }
  });

  it("rule 31: other rules are another ClusterRole", () => {
    const uses = used(
      ...["a", "b", "c"].map((namespace) => `list pods in ${namespace}`),
      ...["d", "e", "f"].map((namespace) => `list secrets in ${namespace}`),
    );
    const set = suggest(uses, ALL);
    expect(new Set(set.roles.map(({ name }) => name)).size).toBe(2);
    expect(can(set, WEB, asked("list secrets in a"))).toBe(false);
    expect(can(set, WEB, asked("list secrets in d"))).toBe(true);
  });

  it("rule 32: no role goes into a namespace that was deleted; what gives the right stays", () => {
    const uses = [
      ...used("list pods in preview-1", "list pods in shop"),
      use(identityFor("tools/janitor"), "delete namespaces in preview-1 named preview-1"),
    ];
    const set = suggest(uses, ALL);
    expect(set.roles.map(({ namespace }) => namespace)).toEqual(["shop"]);
    expect(told(set, "access-namespace-gone")).toEqual([expect.stringContaining("preview-1")]);
    expect(set.replaced.map(({ keep }) => keep)).toEqual([expect.stringContaining("preview-1")]);
  });

  it("rule 32: where it is known which namespaces exist, that decides", () => {
    const uses = used("list pods in preview-1", "list pods in shop", "delete namespaces in shop named shop");
    const set = suggest(uses, ALL, { existingNamespaces: new Set(["shop"]) });
    expect(set.roles.map(({ namespace }) => namespace)).toEqual(["shop"]);
  });

  it("a namespace that can't be called so gets no role, nor a path out of the directory", () => {
    const uses = [
      use(WEB, { ...resourceOf("list pods"), namespace: "../.." }),
      use({ username: "system:serviceaccount:../..:web", groups: [] }, "list pods"),
    ];
    const set = suggest(uses, undefined);
    expect(set.roles).toEqual([]);
    expect(set.leftOut.map(({ why }) => why).toSorted()).toEqual(["namespace-gone", "not-bound"]);
  });

  it("a namespace's own object is any object of that name in it", () => {
    const set = suggest(
      used("get namespaces in a named a", "get namespaces in b named b", "get namespaces in c named c"),
      ALL,
    );
    expect(set.roles.map(({ name }) => name)).toEqual(["netlearn:shop:web:shared"]);
  });
});

describe("names", () => {
  it("rule 51: names of what keeps its name stay, those of what comes and goes do not", () => {
    const set = suggest(used("get configmaps in shop named settings", `get pods in shop named ${GENERATED}`), ALL);
    expect(linesOf(set)).toEqual(["observed: get configmaps in shop named settings", "observed: get pods in shop"]);
  });

  it("rule 51: more names than a rule may list are any name", () => {
    const uses = used(...["a", "b", "c"].map((name) => `get configmaps in shop named ${name}`));
    expect(can(suggest(uses, ALL, { maxNames: 3 }), WEB, asked("get configmaps in shop named d"))).toBe(false);
    expect(can(suggest(uses, ALL, { maxNames: 2 }), WEB, asked("get configmaps in shop named d"))).toBe(true);
  });

  it.each(["settings-x2k4j", "web-7d4b9c8f6d", "token-0123abcd", "run-20260105"])(
    "rule 51: %s looks made up",
    (name) => {
      expect(linesOf(suggest(used(`get configmaps in shop named ${name}`), ALL))).toEqual([
        "observed: get configmaps in shop",
      ]);
    },
  );

  it.each(["settings", "kube-root-ca.crt", "my-nginx", "web-v2", "team-a"])("rule 51: %s looks given", (name) => {
    const text = `get configmaps in shop named ${name}`;
    expect(linesOf(suggest(used(text), ALL))).toEqual([`observed: ${text}`]);
  });

  it("rule 51: what stands in Git keeps its name, whatever kind it is of", () => {
    const stableNames = new Set(["deployments.apps shop/web", "configmaps shop/settings-x2k4j"]);
    const texts = ["get configmaps in shop named settings-x2k4j", "get deployments.apps in shop named web"];
    expect(linesOf(suggest(used(...texts), ALL, { stableNames }))).toEqual(texts.map((text) => `observed: ${text}`));
  });

  it("rule 51: names stay where only names are in force, for nobody gets more than there is", () => {
    const state = given({ resources: ["pods"], resourceNames: [GENERATED, "other"], verbs: ["get"] });
    expect(linesOf(suggest(used(`get pods in shop named ${GENERATED}`), state))).toEqual([
      `observed: get pods in shop named ${GENERATED}`,
    ]);
  });

  it("rule 51: more names than were kept are any, or those that are in force", () => {
    const many = { ...use(WEB, "get configmaps in shop"), isMany: true };
    expect(linesOf(suggest([many, ...used("get configmaps in shop named a")], ALL))).toEqual([
      "observed: get configmaps in shop",
    ]);
    const named = given({ resources: ["configmaps"], resourceNames: ["a", "b"], verbs: ["get"] });
    expect(linesOf(suggest([many], named))).toEqual([
      "observed: get configmaps in shop named a",
      "observed: get configmaps in shop named b",
    ]);
  });

  it("more paths than were kept are those that are in force", () => {
    const many = {
      ...use(WEB, "get /*"),
      attributes: { kind: "non-resource", verb: "get", path: "*" } as const,
      isMany: true,
    };
    const paths = { nonResourceURLs: ["/metrics", "/logs/*"], verbs: ["get"] };
    const state = stateOf(role("few", paths), binding("few", "few", account("shop/web")));
    const set = suggest([many, ...used("get /logs/a")], state);
    expect(linesOf(set)).toEqual(["observed: get /logs/*", "observed: get /metrics"]);
    expect(can(set, WEB, asked("get /debug"))).toBe(false);
  });

  it("rule 33: names are never where they don't work", () => {
    const texts = [
      "create configmaps in shop",
      "list secrets in shop",
      "watch secrets in shop",
      "deletecollection secrets in shop",
    ];
    const set = suggest(used(...texts, "get secrets in shop named a", "list configmaps in shop named a"), ALL);
    for (const text of [...texts, "get secrets in shop named a"]) expect(can(set, WEB, asked(text))).toBe(true);
    expect(can(set, WEB, asked("get secrets in shop named b"))).toBe(false);
    const useless = set.roles
      .flatMap(({ rules }) => rules)
      .filter(({ resourceNames, verbs }) => resourceNames !== undefined && verbs.includes("create"));
    expect(useless).toEqual([]);
  });

  it("rule 52: who may list still gets no more than it got", () => {
    const set = suggest(used("list secrets in shop", "get secrets in shop named db"), ALL);
    expect(can(set, WEB, asked("get secrets in shop named other"))).toBe(false);
  });

  it("rule 53: what is dangerous keeps its names, however many there are, where objects keep theirs", () => {
    const names = Array.from({ length: 30 }, (_, at) => `secret-${at}`);
    const set = suggest(used(...names.map((name) => `get secrets in shop named ${name}`)), ALL, { maxNames: 5 });
    expect(can(set, WEB, asked("get secrets in shop named secret-7"))).toBe(true);
    expect(can(set, WEB, asked("get secrets in shop named other"))).toBe(false);
    expect(
      can(
        suggest(used("patch deployments.apps in shop named web"), ALL),
        WEB,
        asked("patch deployments.apps in shop named other"),
      ),
    ).toBe(false);
    expect(told(set, "access-dangerous")).toHaveLength(1);
  });

  it("rule 53: a dangerous name that looks made up stays, and it is said", () => {
    const text = "get secrets in shop named web-token-x2k4j";
    const set = suggest(used(text), ALL);
    expect(linesOf(set)).toEqual([`observed: ${text}`]);
    expect(told(set, "access-names-may-change")).toHaveLength(1);
  });

  it.each([
    ["get secrets in shop named a", "read-secrets"],
    ["create secrets in shop", "mint-tokens"],
    ["create serviceaccounts/token in shop named a", "mint-tokens"],
    ["create pods/exec in shop named a", "run-in-pods"],
    ["get pods/attach in shop named a", "run-in-pods"],
    ["create pods/portforward in shop named a", "run-in-pods"],
    ["patch pods/ephemeralcontainers in shop named a", "run-in-pods"],
    ["escalate clusterroles.rbac.authorization.k8s.io", "change-access"],
    ["bind clusterroles.rbac.authorization.k8s.io named a", "change-access"],
    ["create rolebindings.rbac.authorization.k8s.io in shop", "change-access"],
    ["impersonate users named a", "impersonate"],
    ["impersonate:user-info users.authentication.k8s.io named a", "impersonate"],
    ["get nodes/proxy named a", "reach-nodes"],
    ["patch mutatingwebhookconfigurations.admissionregistration.k8s.io named a", "change-admission"],
    ["update certificatesigningrequests.certificates.k8s.io/approval named a", "approve-certificates"],
    ["approve signers.certificates.k8s.io named a", "approve-certificates"],
    ["create deployments.apps in shop", "run-workloads"],
    ["create pods in shop", "run-workloads"],
    ["get pods in shop", undefined],
    ["list clusterroles.rbac.authorization.k8s.io", undefined],
    ["get secrets.example.com in shop", undefined],
    ["get /metrics", undefined],
  ])("rule 53: %s is %s", (text, risk) => {
    expect(riskOf(asked(text))).toBe(risk);
  });

  it("rule 54: what was widened says from how many, and that is told", () => {
    const set = suggest(used("get pods in shop named a", "get pods in shop named b", "list pods in shop"), ALL);
    const lines = set.roles.flatMap((one) => one.lines);
    expect(lines.map(({ widenedFrom }) => widenedFrom)).toEqual([2, undefined]);
    expect(told(set, "access-names-widened")).toEqual([expect.stringContaining("get pods in shop, 2 -> any")]);
  });

  it("rule 35: no verb stands for another, and no wildcard is ever written", () => {
    const set = suggest(used("list pods in shop", "update configmaps in shop named a"), ALL);
    for (const text of ["get pods in shop", "watch pods in shop", "patch configmaps in shop named a"]) {
      expect(can(set, WEB, asked(text))).toBe(false);
    }
    expect(JSON.stringify(set.roles.map(({ rules }) => rules))).not.toContain("*");
  });
});

const someAttributes: fc.Arbitrary<AccessAttributes> = fc.oneof(
  fc.record({
    kind: fc.constant("resource" as const),
    verb: fc.constantFrom("get", "list", "create"),
    apiGroup: fc.constantFrom("", "apps"),
    resource: fc.constantFrom("pods", "secrets"),
    subresource: fc.constantFrom("", "log"),
    namespace: fc.constant("shop"),
    name: fc.constantFrom("", "a", "b"),
  }),
  fc.record({
    kind: fc.constant("non-resource" as const),
    verb: fc.constantFrom("get", "post"),
    path: fc.constantFrom("/metrics", "/logs", "/logs/a"),
  }),
);

describe("rules", () => {
  it("rule 36: fewer rules allow the same, each and every thing", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(someAttributes, { maxLength: 40, selector: (one) => JSON.stringify(one) }),
        someAttributes,
        (all, other) => {
          const rules = compactRules(all);
          const isAllowed = (one: AccessAttributes): boolean => rules.some((rule) => ruleAllows(rule, one));
          for (const one of all) expect(isAllowed(one)).toBe(true);
          const covered =
            all.some((one) => JSON.stringify({ ...other, name: "" }) === JSON.stringify(one)) ||
            all.some((one) => JSON.stringify(one) === JSON.stringify(other));
          expect(isAllowed(other)).toBe(covered);
          expect(rules.length).toBeLessThanOrEqual(all.length);
          expect(compactRules(all.toReversed())).toEqual(rules);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("rule 36: what has the same verbs and names in one group is one rule", () => {
    const texts = ["pods", "services", "endpoints"].flatMap((what) =>
      ["get", "list", "watch"].map((verb) => `${verb} ${what}`),
    );
    expect(compactRules(texts.map(asked))).toEqual([
      { apiGroups: [""], resources: ["endpoints", "pods", "services"], verbs: ["get", "list", "watch"] },
    ]);
  });

  it("rule 36: the same names of several resources are one rule, other names another", () => {
    const texts = ["configmaps", "services"].flatMap((what) => ["a", "b"].map((name) => `get ${what} named ${name}`));
    expect(compactRules([...texts, "get secrets named a"].map(asked))).toEqual([
      { apiGroups: [""], resources: ["configmaps", "services"], resourceNames: ["a", "b"], verbs: ["get"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: ["a"], verbs: ["get"] },
    ]);
  });

  it("rule 37: every list is sorted, and nothing in a role depends on counts or times", () => {
    const texts = [
      "watch pods in shop",
      "list pods in shop",
      "get secrets in shop named b",
      "get secrets in shop named a",
      "list nodes",
    ];
    const set = suggest(used(...texts), ALL);
    const later = graphOf(
      ...texts.toReversed().map((text) =>
        use(WEB, text, {
          evidence: { ...use(WEB, text).evidence, requests: 7, hours: [1], firstSeen: 5, lastSeen: 9 },
        }),
      ),
    );
    const shapes = (one: typeof set) => one.roles.map(({ name, rules }) => ({ name, rules }));
    expect(shapes(suggest(later, ALL))).toEqual(shapes(set));
    for (const { rules } of set.roles) {
      for (const rule of rules) {
        for (const list of Object.values(rule)) expect(list).toEqual([...list].toSorted(byText));
      }
    }
  });
});
