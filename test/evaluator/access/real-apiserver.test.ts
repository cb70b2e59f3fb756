import path from "node:path";
import { Readable } from "node:stream";
import { beforeAll, describe, expect, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { uncovered } from "../../../src/evaluator/access/rules.ts";
import { readKnownAccess } from "../../../src/inventory/known-access.ts";
import { DEFAULT_ROLES } from "../../../src/model/default-rbac.ts";
import type { BindingManifest, RbacState } from "../../../src/model/rbac.ts";
import { AUDIT_DATA, hasAuditData } from "../../support/audit-data.ts";
import { type Decision, realDecisions } from "../../support/audit-decisions.ts";

const CITED =
  /^RBAC: allowed by (ClusterRoleBinding|RoleBinding) "([^"]*)" of (ClusterRole|Role) "([^"]*)" to (?:User|Group|ServiceAccount) "[^"]*"$/u;

/** The binding that a reason cites: `ClusterRoleBinding x`, `RoleBinding x/namespace`. */
function citedIn(reason: string): string | undefined {
  const [, kind, name] = CITED.exec(reason) ?? [];
  return kind === undefined ? undefined : `${kind} ${name ?? ""}`;
}

function cited({ kind, metadata: { name, namespace } }: BindingManifest): string {
  return kind === "RoleBinding" ? `${kind} ${name}/${namespace ?? ""}` : `${kind} ${name}`;
}

async function stateIn(folder: string): Promise<RbacState> {
  const sources = { rbac: [path.join(AUDIT_DATA, folder)], connect: undefined, namespaces: [] };
  const reading = { cwd: AUDIT_DATA, stdin: Readable.from([]), signal: new AbortController().signal };
  const { rbac } = await readKnownAccess(sources, reading);
  if (rbac === undefined) throw new Error(`no RBAC in ${folder}`);
  return rbac;
}

describe.skipIf(!hasAuditData)("the decisions of a real API server", () => {
  let decisions: readonly Decision[];
  let state: RbacState;
  let authorizer: Authorizer;
  beforeAll(async () => {
    decisions = realDecisions();
    state = await stateIn("real-apiserver/rbac");
    authorizer = new Authorizer([...state.roles, ...state.bindings]);
  });

  const byRbac = (): readonly Decision[] => decisions.filter(({ reason }) => reason.startsWith("RBAC: allowed by"));

  it("are all there", () => {
    const refused = decisions.filter(({ decision }) => decision === "forbid").length;
    console.info(
      `real-apiserver: ${decisions.length} decisions, ${byRbac().length} allowed by RBAC, ${refused} refused`,
    );
    expect(decisions).toHaveLength(5061);
    expect(byRbac()).toHaveLength(4987);
    expect(refused).toBe(10);
    expect(state.bindings).toHaveLength(62);
  });

  it("are the authorizer's, each of them", () => {
    const wrong = decisions.filter(({ identity, attributes, decision, reason }) => {
      const { isAllowed } = authorizer.decide(identity, attributes);
      expect(authorizer.allows(identity, attributes)).toBe(isAllowed);
      // Where another authorizer said yes, RBAC may say what it likes.
      const isOthers = decision === "allow" && !reason.startsWith("RBAC: ");
      return !isOthers && isAllowed !== (decision === "allow");
    });
    expect(wrong).toEqual([]);
  });

  it("cite a binding that the authorizer names too", () => {
    const wrong = byRbac().filter(({ identity, attributes, reason }) => {
      const wanted = citedIn(reason);
      return wanted === undefined || !authorizer.decide(identity, attributes).by.map(cited).includes(wanted);
    });
    expect(wrong).toEqual([]);
  });

  it("rule 45: cited bindings suffice for all of them, and a reason tells one binding of several", () => {
    const names = new Set(byRbac().map(({ reason }) => citedIn(reason)));
    const kept = state.bindings.filter((binding) => names.has(cited(binding)));
    expect(kept).toHaveLength(30);
    const narrowed = new Authorizer([...state.roles, ...kept]);
    expect(byRbac().filter(({ identity, attributes }) => !narrowed.allows(identity, attributes))).toEqual([]);
    const bySeveral = byRbac().filter(
      ({ identity, attributes }) => authorizer.decide(identity, attributes).by.length > 1,
    );
    expect(bySeveral).toHaveLength(594);
  });
});

describe.skipIf(!hasAuditData)("the roles that Kubernetes makes for itself", () => {
  it("rule 48: are aggregated from manifests as a cluster's controller does", async () => {
    const [written, live] = [await stateIn("default-roles"), await stateIn("real-apiserver/rbac")];
    for (const name of ["admin", "edit", "view"]) {
      const [own, theirs] = [written, live].map(({ roles }) => roles.find(({ metadata }) => metadata.name === name));
      expect(own?.isAggregated).toBe(true);
      expect(own?.rules.length).toBeGreaterThan(5);
      const [ownRules, theirRules] = [own?.rules ?? [], theirs?.rules ?? []];
      expect(uncovered(ownRules, theirRules)).toEqual([]);
      expect(uncovered(theirRules, ownRules)).toEqual([]);
    }
  });

  it("rule 10: are assumed to be no less than a cluster of 1.20 has", async () => {
    const { roles } = await stateIn("real-apiserver/rbac");
    for (const { metadata, rules } of DEFAULT_ROLES) {
      const live = roles.find((role) => role.metadata.name === metadata.name);
      expect(uncovered(rules, live?.rules ?? [])).toEqual([]);
    }
  });

  it("decide about controllers as the real server did", async () => {
    const { roles, bindings } = await stateIn("default-roles");
    const [defaults, decisions] = [new Authorizer([...roles, ...bindings]), realDecisions()];
    const names = new Set(bindings.map(cited));
    const byDefaults = decisions.filter(({ reason }) => names.has(citedIn(reason) ?? ""));
    expect(byDefaults.length).toBeGreaterThan(1000);
    expect(byDefaults.filter(({ identity, attributes }) => !defaults.allows(identity, attributes))).toEqual([]);
  });
});
