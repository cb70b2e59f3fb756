import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuditDecoder } from "../../../../src/collectors/formats/audit/decoder.ts";
import { auditEvent, variedEvents } from "../../support/audit.ts";
import { collectBytes } from "../../support/collect.ts";
import type { Json } from "../../support/flows.ts";

const LONG = "x".repeat(10_000);
const CONTROLS = "a\u0000\u001b[31m\n\u202e\ud800";

function decoded(event: Json): ReturnType<AuditDecoder["decode"]> {
  return new AuditDecoder().decode({
    kind: "audit-event",
    fields: event,
    source: { origin: undefined, cluster: undefined },
  });
}

/** As text, so that keys like `__proto__` are members. */
function parsed(text: string): Json {
  return JSON.parse(text) as Json;
}

describe("hostile audit events", () => {
  it("may have names of any length and characters, and keep them", () => {
    const uri = `/api/v1/namespaces/shop/pods/${LONG}`;
    const objectRef = { resource: "pods", namespace: "shop", name: LONG };
    const user = { username: CONTROLS, groups: [CONTROLS, LONG] };
    const { record } = decoded(auditEvent({ requestURI: uri, objectRef, user, userAgent: LONG }));
    expect(record).toMatchObject({ attributes: { name: LONG }, identity: { username: CONTROLS.toWellFormed() } });
    expect(record?.userAgent?.length).toBe(300);
  });

  it("have faults on one short line without controls", () => {
    const objectRef = { resource: `pods${CONTROLS}${LONG}`, namespace: "shop", name: "prices" };
    const { fault } = decoded(auditEvent({ objectRef }));
    expect(fault?.length).toBeLessThan(500);
    expect(fault).toMatch(/^objectRef\.resource is "pods/u);
    expect(fault).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  it("may have keys that objects have by themselves", () => {
    const extra = `{"__proto__":["a"],"constructor":["b"],"toString":["c"]}`;
    const impersonated = parsed(`{"username":"u","extra":${extra}}`);
    expect(decoded(auditEvent({ impersonatedUser: impersonated })).record?.signs).toEqual([
      { kind: "impersonated-extra", key: "__proto__", value: "a" },
      { kind: "impersonated-extra", key: "constructor", value: "b" },
      { kind: "impersonated-extra", key: "toString", value: "c" },
    ]);
    const event = parsed(`{"__proto__":{"impersonatedUser":{"username":"root"}},"annotations":{"__proto__":{}}}`);
    const { record } = decoded({ ...auditEvent(), ...event });
    expect(record).toMatchObject({ impersonator: undefined, decision: undefined });
    expect(Object.getOwnPropertyNames({})).toEqual([]);
  });

  it("may name what objects inherit, and are told nothing by it", () => {
    const objectRef = { resource: "constructor", namespace: "__proto__", name: "toString" };
    const event = auditEvent({
      requestURI: "/api/v1/namespaces/__proto__/constructor/toString",
      objectRef,
      user: { username: "__proto__" },
    });
    expect(decoded(event).record).toMatchObject({
      attributes: objectRef,
      identity: { username: "__proto__", groups: [] },
    });
  });

  it("may have a hundred thousand groups, owners and extra values", () => {
    const many = Array.from({ length: 100_000 }, (_, index) => `g${index % 50_000}`);
    const ownerReferences = many.map(() => ({ kind: "A", apiVersion: "a/v1", blockOwnerDeletion: true }));
    const event = auditEvent({
      verb: "update",
      user: { username: "u", groups: many },
      impersonatedUser: { username: "v", extra: { a: many } },
      requestObject: { metadata: { ownerReferences } },
    });
    const { record } = decoded(event);
    expect(record?.impersonator?.groups.length).toBe(50_000);
    expect(record?.signs.length).toBe(200_000);
  });

  it("may have bodies nested deeper than any stack", async () => {
    const deep = `${'{"metadata":'.repeat(200_000)}1${"}".repeat(200_000)}`;
    const line = JSON.stringify(auditEvent({ verb: "update", requestObject: 0 })).replace(
      '"requestObject":0',
      `"requestObject":${deep}`,
    );
    const collected = await collectBytes(`${line}\n${line.replace('"stage":"ResponseComplete"', `"stage":${deep}`)}\n`);
    expect(collected.accesses.length).toBe(1);
    expect(collected.reasons).toEqual(["invalid-event@2"]);
  });

  it("with any value in any place give a record of the same identity, or a fault, and never throw", () => {
    const value = fc.oneof(
      fc.constantFrom(null, "", "x", 5, -1, true, [], {}, [[]], [null], { a: 1 }, CONTROLS, Number.MAX_VALUE),
      fc.jsonValue(),
    );
    const paths = variedEvents(7).flatMap((event, index) => pathsOf(event).map((path) => ({ index, path })));
    const events = variedEvents(7);
    fc.assert(
      fc.property(fc.constantFrom(...paths), value, ({ index, path }, replacement) => {
        const event = structuredClone(events[index] ?? {});
        const before = decoded(event).record;
        replace(event, path, replacement);
        const { record, fault } = decoded(event);
        expect(record === undefined).toBe(fault !== undefined);
        if (record !== undefined && path[0] !== "user" && path[0] !== "impersonatedUser") {
          expect(record.identity).toEqual(before?.identity);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

/** Where each member stands, inner ones too. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [[key], ...pathsOf(member).map((path) => [key, ...path])]);
}

function replace(target: Json, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[key] = value;
  else replace(target[key] as Json, rest, value);
}
