import { beforeAll, describe, expect, it } from "vitest";
import { generateAccess } from "../../../generators/index.ts";
import type { AccessGraph } from "../../../src/model/access.ts";
import type { AccessPolicySet } from "../../../src/model/access-policy.ts";
import type { RbacState } from "../../../src/model/rbac.ts";
import { DEFAULT_ACCESS_OPTIONS } from "../../../src/synthesizer/access/options.ts";
import { synthesizeAccess } from "../../../src/synthesizer/access/synthesize.ts";
import { hasAuditData } from "../../support/audit-data.ts";
import { cutBy, newPowerOf } from "./judge.ts";
import { readRealLog } from "./real-log.ts";

describe.skipIf(!hasAuditData)("the log of a real API server", () => {
  let graph: AccessGraph;
  let rbac: RbacState;
  let careful: AccessPolicySet;
  let brave: AccessPolicySet;
  const systemNamespaces = true;
  beforeAll(async () => {
    ({ graph, rbac } = await readRealLog());
    const known = { rbac, auditPolicy: undefined };
    careful = synthesizeAccess(graph, known, { ...DEFAULT_ACCESS_OPTIONS });
    brave = synthesizeAccess(graph, known, { ...DEFAULT_ACCESS_OPTIONS, systemNamespaces, minDays: 0 });
  });

  it("is learned", () => {
    expect(graph.uses.length).toBeGreaterThan(300);
    expect(brave.roles.length).toBeGreaterThan(10);
    if (process.env["SHOW"] !== undefined) {
      console.log(
        generateAccess(brave)
          .map(({ path, yaml }) => `# ${path}\n${yaml}`)
          .join("\n"),
      );
      console.log(JSON.stringify({ r: brave.replaced, s: brave.subjects }, undefined, 1));
      console.log(brave.findings.map((f) => `${f.severity} ${f.code}: ${f.message}`).join("\n"));
      console.log(brave.leftOut.map((f) => JSON.stringify(f)).join("\n"));
    }
  });

  it("loses nothing once the roles are there and what may be removed is", () => {
    expect(cutBy(careful, graph, rbac)).toEqual([]);
    expect(cutBy(brave, graph, rbac)).toEqual([]);
  });

  it("gives nobody what nobody had", () => {
    expect(newPowerOf(careful, rbac)).toEqual([]);
    expect(newPowerOf(brave, rbac)).toEqual([]);
  });
});
