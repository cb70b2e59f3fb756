import { describe, expect, it } from "vitest";
import { blindSpotsOf, observabilityOf } from "../../src/confidence/index.ts";
import type { AccessUse } from "../../src/model/access.ts";
import type { BlindSpot } from "../../src/model/access-review.ts";
import type { AuditRule } from "../../src/model/rbac.ts";
import { someAccessGraph, someAttributes, someUse } from "../support/access-fixtures.ts";

function spots(
  uses: readonly AccessUse[],
  rules?: readonly AuditRule[],
  origins: readonly string[] = [],
): readonly BlindSpot[] {
  const graph = someAccessGraph({ uses, facts: { ...someAccessGraph().facts, origins } });
  return blindSpotsOf(graph, observabilityOf(graph, rules === undefined ? undefined : { rules }));
}

const READS = ["get", "list", "watch"];

describe("rule 50: what the log can't show", () => {
  it("is nothing where everything is logged, and where reads were seen", () => {
    expect(spots([someUse()], [{ level: "Metadata" }])).toEqual([]);
    expect(spots([someUse()])).toEqual([]);
  });

  it("is what the audit Policy leaves out, for everything seen and what most clients use", () => {
    const rules: readonly AuditRule[] = [
      { level: "None", verbs: READS, resources: [{ group: "apps" }] },
      { level: "None", resources: [{ group: "", resources: ["events"] }] },
      { level: "Metadata" },
    ];
    const deployments = someUse({
      attributes: someAttributes({ apiGroup: "apps", resource: "deployments", verb: "patch" }),
    });
    const found = spots([deployments], rules);
    expect(found.find(({ what }) => what.includes("deployments.apps"))?.verbs).toEqual(READS);
    expect(found.find(({ what }) => what.includes("events"))?.verbs).toContain("create");
    expect(found.flatMap(({ what }) => what)).not.toContain("secrets");
  });

  it("is all reads in AKS's kube-audit-admin, and where nobody was seen reading", () => {
    const write = someUse({ attributes: someAttributes({ verb: "update" }) });
    for (const found of [spots([write], undefined, ["aks:kube-audit-admin"]), spots([write])]) {
      expect(found.map(({ verbs }) => verbs)).toEqual([READS]);
      expect(found[0]?.what).toEqual(["configmaps", "events", "pods", "secrets", "services"]);
    }
  });

  it("does not depend on the order of uses", () => {
    const uses = ["pods", "nodes", "leases"].map((resource) =>
      someUse({ attributes: someAttributes({ resource, verb: "delete" }) }),
    );
    expect(spots(uses)).toEqual(spots(uses.toReversed()));
  });
});
