import path from "node:path";
import { describe, expect, it } from "vitest";
import { hasAuditData, AUDIT_DATA as logs } from "../../../support/audit-data.ts";
import { type Collected, collect } from "../../support/collect.ts";

function counted(collected: Collected, count: number): void {
  expect(collected.rejections).toEqual([]);
  expect(collected.flows).toEqual([]);
  expect(collected.accesses.length).toBe(count);
}

describe.skipIf(!hasAuditData)("real audit logs", () => {
  it("rule 19: of an API server are 5,063 events in which URI and objectRef never differ", async () => {
    const collected = await collect([path.join(logs, "real-apiserver/audit.log.gz")]);
    counted(collected, 5063);
    const decisions = Map.groupBy(collected.accesses, ({ decision }) => decision);
    expect([decisions.get("allow")?.length, decisions.get("forbid")?.length]).toEqual([5051, 10]);
    expect(decisions.get(undefined)?.map(({ code }) => code)).toEqual([403, 401]);
  });

  it("rule 11: of an API server show who was impersonated", async () => {
    const { accesses } = await collect([path.join(logs, "real-apiserver/audit.log.gz")]);
    const impersonated = accesses.filter(({ impersonator }) => impersonator !== undefined);
    expect(impersonated.map(({ identity }) => identity.username).toSorted()).toEqual(
      expect.arrayContaining(["dave@example.com", "erin", "system:serviceaccount:prod:web"]),
    );
    expect(new Set(impersonated.map(({ impersonator }) => impersonator?.username))).toEqual(
      new Set(["impersonation-proxy"]),
    );
  });

  it("rule 21: of an API server show five patches and an update that created their objects", async () => {
    const { accesses } = await collect([path.join(logs, "real-apiserver/audit.log.gz")]);
    const created = accesses.filter(({ signs }) => signs.some(({ kind }) => kind === "created"));
    expect(created.map(({ attributes }) => attributes.verb).toSorted()).toEqual([...Array(5).fill("patch"), "update"]);
  });

  it("of an API server tell which bindings allowed what", async () => {
    const { accesses } = await collect([path.join(logs, "real-apiserver/audit.log.gz")]);
    const cited = accesses.flatMap(({ citation }) => (citation?.kind === "rbac" ? [citation.binding] : []));
    expect(new Set(cited.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)).size).toBe(30);
  });

  it("of minikube are 51 events, some in lists", async () => {
    const collected = await collect([path.join(logs, "falco")]);
    counted(collected, 51);
    expect(collected.summary.skipped.map(({ source }) => path.basename(source))).toEqual(["fal_01_003.json"]);
  });

  it("of 2017 are 37 events that show no decisions", async () => {
    const collected = await collect([path.join(logs, "audit2rbac/demo.log")]);
    counted(collected, 37);
    expect(new Set(collected.accesses.map(({ decision }) => decision))).toEqual(new Set([undefined]));
  });

  it("are found in a directory, beside policies and roles that are none", async () => {
    counted(await collect([logs]), 5063 + 51 + 37);
  });
});
