import { describe, expect, it } from "vitest";
import { AuditMemory } from "../../../../src/collectors/formats/audit/memory.ts";

const REASON = 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "u"';

describe("what is remembered of audit events", () => {
  it("is one identity for equal names and groups, and others for others", () => {
    const memory = new AuditMemory();
    const one = memory.identity("u", ["b", "a"]).identity;
    expect(memory.identity("u", ["b", "a"]).identity).toBe(one);
    expect(memory.identity("u", ["a"]).identity).toEqual({ username: "u", groups: ["a"] });
    expect(memory.identity("u", ["b", "a", "c"]).identity.groups).toEqual(["a", "b", "c"]);
    expect(memory.identity("u", ["b"]).identity.groups).toEqual(["b"]);
    expect(memory.identity("v", ["b", "a"]).identity.username).toBe("v");
    expect(memory.identity("u", ["b", "a"]).identity).toBe(one);
  });

  it("knows which ServiceAccount an identity is", () => {
    const memory = new AuditMemory();
    expect(memory.identity("system:serviceaccount:shop:cart", []).account).toEqual({ namespace: "shop", name: "cart" });
    expect(memory.identity("system:serviceaccounts", []).account).toBeUndefined();
  });

  it("is right also when there are more than it can hold, and when they are huge", () => {
    const memory = new AuditMemory();
    for (let round = 0; round < 2; round++) {
      for (let index = 0; index < 10_000; index++) {
        const groups = [`g${index % 11}`, "g"];
        const known = memory.identity(`u${index % 9000}`, groups);
        expect(known.identity).toEqual({ username: `u${index % 9000}`, groups: groups.toSorted() });
        expect(memory.citation(`reason ${index}`, known)).toEqual({ kind: "other", reason: `reason ${index}` });
      }
    }
    const long = "x".repeat(100_000);
    expect(memory.identity(long, [long]).identity).toEqual({ username: long, groups: [long] });
  });

  it("is one citation for equal reasons, whoever is cited", () => {
    const memory = new AuditMemory();
    const [one, other] = [memory.identity("u", []), memory.identity("v", [])];
    const citation = memory.citation(REASON, one);
    expect(memory.citation("", one)).toEqual({ kind: "other", reason: "" });
    expect(memory.citation(REASON, one)).toBe(citation);
    expect(memory.citation(REASON, other)).toBe(citation);
  });
});
