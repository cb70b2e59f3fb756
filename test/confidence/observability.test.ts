import { describe, expect, it } from "vitest";
import { observabilityOf } from "../../src/confidence/observability.ts";
import type { AccessAttributes, Identity } from "../../src/model/access.ts";
import type { AuditPolicy, AuditRule } from "../../src/model/rbac.ts";
import { graphOf, use } from "../evaluator/access/claims.ts";
import { ask, askPath, identity } from "../evaluator/access/objects.ts";

const web = identity("shop/web");

/** A log with these sources that shows both reads and writes. */
function graphFrom(...origins: readonly string[]) {
  const graph = graphOf([use(web, ask("list pods in shop")), use(web, ask("create pods in shop"))]);
  return { ...graph, facts: { ...graph.facts, origins } };
}

function isShown(policy: readonly AuditRule[], attributes: AccessAttributes, who: Identity = web): boolean {
  const answer = observabilityOf(graphFrom(), { rules: policy })(who, attributes);
  if (answer !== true) expect(answer).toContain("audit Policy");
  return answer === true;
}

const METADATA: AuditRule = { level: "Metadata" };

describe("rule 50: an audit Policy", () => {
  it("rule 50: logs by the first rule that matches, and without one nothing", () => {
    expect(isShown([METADATA], ask("get pods in shop"))).toBe(true);
    expect(isShown([], ask("get pods in shop"))).toBe(false);
    expect(isShown([{ level: "None" }, METADATA], ask("get pods in shop"))).toBe(false);
    expect(isShown([METADATA, { level: "None" }], ask("get pods in shop"))).toBe(true);
    expect(isShown([{ level: "Request", users: ["alice"] }], ask("get pods in shop"))).toBe(false);
    for (const level of ["Metadata", "Request", "RequestResponse"] as const) {
      expect(isShown([{ level }], ask("get pods in shop"))).toBe(true);
    }
  });

  /** Whether such a request is left out by a rule. */
  const drops = (rule: Omit<AuditRule, "level">, attributes: AccessAttributes, who?: Identity): boolean =>
    !isShown([{ level: "None", ...rule }, METADATA], attributes, who);

  it("rule 50: matches users, groups and verbs, where it has some", () => {
    const pods = ask("get pods in shop");
    expect(drops({ users: [web.username] }, pods)).toBe(true);
    expect(drops({ users: ["other"] }, pods)).toBe(false);
    expect(drops({ users: [] }, pods)).toBe(true);
    expect(drops({ userGroups: ["system:serviceaccounts:shop"] }, pods)).toBe(true);
    expect(drops({ userGroups: ["dev"] }, pods, identity("alice", "dev"))).toBe(true);
    expect(drops({ userGroups: ["dev"] }, pods)).toBe(false);
    // These groups everybody has, whatever the source tells.
    expect(drops({ userGroups: ["system:serviceaccounts"] }, pods, { username: web.username, groups: [] })).toBe(true);
    expect(drops({ userGroups: ["system:authenticated"] }, pods, { username: "system:anonymous", groups: [] })).toBe(
      false,
    );
    expect(drops({ verbs: ["get"] }, pods)).toBe(true);
    expect(drops({ verbs: ["watch"] }, pods)).toBe(false);
    expect(drops({ verbs: ["get"], users: ["other"] }, pods)).toBe(false);
  });

  it("rule 50: matches resources by group, with subresources as it says, unlike RBAC", () => {
    const drop = (resources: NonNullable<AuditRule["resources"]>, attributes: AccessAttributes): boolean =>
      drops({ resources }, attributes);
    const log = ask("get pods/log in shop named a");
    expect(drop([{ resources: ["pods"] }], ask("list pods in shop"))).toBe(true);
    expect(drop([{ group: "", resources: ["pods"] }], log)).toBe(false);
    expect(drop([{ group: "", resources: ["pods/log"] }], log)).toBe(true);
    expect(drop([{ group: "", resources: ["pods/log"] }], ask("list pods in shop"))).toBe(false);
    expect(drop([{ group: "", resources: ["pods/*"] }], log)).toBe(true);
    expect(drop([{ group: "", resources: ["pods/*"] }], ask("list pods in shop"))).toBe(true);
    expect(drop([{ group: "", resources: ["*/log"] }], log)).toBe(true);
    expect(drop([{ group: "", resources: ["*/status"] }], log)).toBe(false);
    expect(drop([{ group: "", resources: ["*"] }], log)).toBe(true);
    expect(drop([{ group: "apps", resources: ["*"] }], log)).toBe(false);
    expect(drop([{ group: "*" }], log)).toBe(true);
    expect(drop([{ group: "" }], log)).toBe(true);
    expect(drop([{ group: "apps" }], ask("list deployments.apps in shop"))).toBe(true);
    expect(drop([{ group: "apps" }, { group: "" }], log)).toBe(true);
    expect(drop([{ group: "" }], askPath("get /version"))).toBe(false);
  });

  it("rule 50: matches names and namespaces; of what is asked for any name, some may be left out", () => {
    const named = [{ group: "", resources: ["configmaps"], resourceNames: ["uid"] }];
    expect(drops({ resources: named }, ask("get configmaps in shop named uid"))).toBe(true);
    expect(drops({ resources: named }, ask("get configmaps in shop named other"))).toBe(false);
    expect(drops({ resources: named }, ask("get configmaps in shop"))).toBe(true);
    expect(drops({ resources: named }, ask("list configmaps in shop"))).toBe(false);
    expect(drops({ namespaces: ["shop"] }, ask("list configmaps in shop"))).toBe(true);
    expect(drops({ namespaces: ["till"] }, ask("list configmaps in shop"))).toBe(false);
    expect(drops({ namespaces: [""] }, ask("list nodes"))).toBe(true);
    expect(drops({ namespaces: ["shop"] }, askPath("get /version"))).toBe(false);
  });

  it("rule 50: matches paths, whole or by their beginning", () => {
    expect(drops({ nonResourceURLs: ["/healthz*"] }, askPath("get /healthz/ping"))).toBe(true);
    expect(drops({ nonResourceURLs: ["/healthz*"] }, askPath("get /livez"))).toBe(false);
    expect(drops({ nonResourceURLs: ["/version"] }, askPath("get /version"))).toBe(true);
    expect(drops({ nonResourceURLs: ["/version"] }, askPath("get /version/"))).toBe(false);
    expect(drops({ nonResourceURLs: ["*"] }, askPath("get /anything"))).toBe(true);
    expect(drops({ nonResourceURLs: ["*"] }, ask("list pods in shop"))).toBe(false);
  });

  it("rule 50: has to log a stage that tells what became of a request", () => {
    expect(
      isShown(
        [{ level: "Metadata", omitStages: ["RequestReceived", "ResponseStarted", "Panic"] }],
        ask("list pods in shop"),
      ),
    ).toBe(true);
    expect(isShown([{ level: "Metadata", omitStages: ["ResponseComplete"] }], ask("list pods in shop"))).toBe(false);
  });
});

describe("rule 50: without a Policy", () => {
  const answer = (graph: ReturnType<typeof graphOf>, attributes: AccessAttributes, who = web): true | string =>
    observabilityOf(graph, undefined)(who, attributes);
  const reads = ["get", "list", "watch"].map((verb) => ask(`${verb} pods in shop`));
  const writes = ["create", "update", "patch", "delete", "deletecollection"].map((verb) => ask(`${verb} pods in shop`));

  it("rule 50: everything can be seen, as far as is known", () => {
    for (const one of [...reads, ...writes, ask("create events in shop")]) expect(answer(graphFrom(), one)).toBe(true);
    expect(answer(graphFrom("eks"), ask("create events in shop"))).toBe(true);
  });

  it.each(["aks:kube-audit-admin", "gke:activity"])("rule 50: reads can't in %s", (origin) => {
    for (const one of reads) expect(answer(graphFrom(origin), one)).toMatch(/reads/u);
    for (const one of writes) expect(answer(graphFrom(origin), one)).toBe(true);
    // An API server's Policy says nothing of what is left out after it.
    const everything: AuditPolicy = { rules: [METADATA] };
    expect(observabilityOf(graphFrom(origin), everything)(web, ask("list pods in shop"))).not.toBe(true);
  });

  it.each([
    ["aks:kube-audit-admin", "aks:kube-audit"],
    ["gke:activity", "gke:data_access"],
  ])("rule 50: reads can where %s comes with %s", (...origins) => {
    for (const one of reads) expect(answer(graphFrom(...origins), one)).toBe(true);
  });

  it("rule 50: Google's Policy leaves out events of the core group, and what parts of the system read all the time", () => {
    for (const verb of ["create", "patch", "list"]) {
      expect(answer(graphFrom("gke:data_access"), ask(`${verb} events in shop`))).toMatch(/Google/u);
    }
    expect(answer(graphFrom("gke:data_access"), ask("create events.events.k8s.io in shop"))).toBe(true);
    expect(answer(graphFrom("gke:data_access"), askPath("get /healthz/ping"))).toMatch(/Google/u);
    expect(answer(graphFrom("gke:data_access"), askPath("get /version"))).toMatch(/Google/u);
    expect(answer(graphFrom("gke:data_access"), askPath("get /metrics"))).toBe(true);
    const proxy = identity("system:kube-proxy");
    expect(answer(graphFrom("gke"), ask("watch services"), proxy)).toMatch(/Google/u);
    expect(answer(graphFrom("gke"), ask("watch services"))).toBe(true);
    expect(answer(graphFrom("gke"), ask("get nodes named n1"), identity("system:node:n1", "system:nodes"))).toMatch(
      /Google/u,
    );
    expect(answer(graphFrom("gke", "eks"), ask("create events in shop"))).toBe(true);
  });

  it("rule 50: reads can't where nobody was seen reading anything", () => {
    const silent = graphOf([
      use(web, ask("create pods in shop")),
      use(identity("alice"), ask("delete pods in shop named a")),
    ]);
    for (const one of reads) expect(answer(silent, one)).toMatch(/nobody was seen reading/u);
    for (const one of writes) expect(answer(silent, one)).toBe(true);
    expect(answer(graphOf([]), ask("list pods in shop"))).toBe(true);
    // A Policy knows better.
    expect(observabilityOf(silent, { rules: [METADATA] })(web, ask("list pods in shop"))).toBe(true);
  });
});
