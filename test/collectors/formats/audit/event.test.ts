import { describe, expect, it } from "vitest";
import { AuditDecoder } from "../../../../src/collectors/formats/audit/decoder.ts";
import { auditEvent, faultOf, recordOf } from "../../support/audit.ts";
import type { Json } from "../../support/flows.ts";

const PROXY = { username: "impersonation-proxy", groups: ["oidc:infra", "system:authenticated"] };
const DAVE = { username: "dave@example.com", groups: ["oidc:developers", "system:authenticated"] };

describe("audit events", () => {
  it("become records", () => {
    expect(recordOf(auditEvent())).toEqual({
      time: Date.parse("2026-03-10T10:40:56.465Z"),
      stage: "ResponseComplete",
      request: expect.any(Number),
      identity: {
        username: "system:serviceaccount:shop:cart",
        groups: ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:shop"],
      },
      impersonator: undefined,
      attributes: {
        kind: "resource",
        verb: "get",
        apiGroup: "",
        resource: "configmaps",
        subresource: "",
        namespace: "shop",
        name: "prices",
      },
      decision: "allow",
      citation: {
        kind: "rbac",
        binding: { kind: "RoleBinding", namespace: "shop", name: "cart" },
        role: { kind: "Role", name: "cart" },
        subject: { kind: "ServiceAccount", namespace: "shop", name: "cart" },
      },
      code: 200,
      signs: [],
      pod: { namespace: "shop", name: "cart-6b746f74dc-9rcxx" },
      userAgent: "cart/v3 (linux/amd64)",
      sourceIp: "10.244.0.177",
      token: undefined,
      origin: undefined,
      cluster: undefined,
    });
  });

  it.each(["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"])(
    "rule 1: keep their stage, so that those without a decision can be told: %s",
    (stage) => {
      expect(recordOf(auditEvent({ stage })).stage).toBe(stage);
    },
  );

  it("rule 1: at RequestReceived nobody is impersonated yet, and nothing is decided", () => {
    const event = auditEvent({
      stage: "RequestReceived",
      user: PROXY,
      annotations: undefined,
      responseStatus: undefined,
    });
    expect(recordOf(event)).toMatchObject({
      stage: "RequestReceived",
      identity: PROXY,
      impersonator: undefined,
      decision: undefined,
      citation: undefined,
      code: undefined,
    });
  });

  it("rule 3: of one request have the same number in every stage", () => {
    const [received, complete] = [
      recordOf(auditEvent({ stage: "RequestReceived", stageTimestamp: "2026-03-10T10:40:56.465597Z" })),
      recordOf(auditEvent({ impersonatedUser: DAVE })),
    ];
    expect(received.request).toBe(complete.request);
    expect(Number.isSafeInteger(complete.request) && complete.request >= 0).toBe(true);
  });

  it.each<Json>([
    { auditID: "another" },
    { requestURI: "/api/v1/namespaces/shop/configmaps/prices" },
    { verb: "delete" },
    { user: PROXY },
    { requestReceivedTimestamp: "2026-03-10T10:40:56.465598Z" },
  ])(
    "rule 3: are other requests when anything differs but the stage, whatever audit id a client chose: %j",
    (changes) => {
      expect(recordOf(auditEvent(changes)).request).not.toBe(recordOf(auditEvent()).request);
    },
  );

  it("rule 3: of a source without URIs are told apart by what they ask for", () => {
    const [one, other] = ["a", "b"].map((name) => ({ resource: "secrets", namespace: "shop", name }));
    const number = (objectRef: Json | undefined) => recordOf(auditEvent({ requestURI: undefined, objectRef })).request;
    expect(number(one)).not.toBe(number(other));
    expect(number(one)).toBe(number({ ...one }));
  });

  it("rule 11: are of whoever was impersonated, and say who asked", () => {
    const record = recordOf(auditEvent({ user: PROXY, impersonatedUser: DAVE }));
    expect(record.identity).toEqual(DAVE);
    expect(record.impersonator).toEqual(PROXY);
  });

  it("rule 11: have groups sorted, each once, without empty ones", () => {
    const groups = ["b", "", "a", "b", "A"];
    expect(recordOf(auditEvent({ user: { username: "u", groups } })).identity.groups).toEqual(["A", "a", "b"]);
    expect(recordOf(auditEvent({ user: {} })).identity).toEqual({ username: "", groups: [] });
  });

  it("rule 11: name the pod of the token, which is that of who asked", () => {
    const extra = { "authentication.kubernetes.io/pod-name": ["evil"] };
    const record = recordOf(auditEvent({ impersonatedUser: { ...DAVE, extra } }));
    expect(record.pod).toEqual({ namespace: "shop", name: "cart-6b746f74dc-9rcxx" });
    expect(recordOf(auditEvent({ user: { ...PROXY, extra } })).pod).toBeUndefined();
  });

  it("rule 23: show what was impersonated besides a name and groups", () => {
    const impersonatedUser = { ...DAVE, uid: "u-1", extra: { scopes: ["view", "edit"], "a.b/c": ["d"] } };
    expect(recordOf(auditEvent({ user: PROXY, impersonatedUser })).signs).toEqual([
      { kind: "impersonated-uid", uid: "u-1" },
      { kind: "impersonated-extra", key: "scopes", value: "view" },
      { kind: "impersonated-extra", key: "scopes", value: "edit" },
      { kind: "impersonated-extra", key: "a.b/c", value: "d" },
    ]);
    const authenticationMetadata = { impersonationConstraint: "impersonate:user-info" };
    expect(recordOf(auditEvent({ user: PROXY, impersonatedUser: DAVE, authenticationMetadata })).signs).toEqual([
      { kind: "impersonation-mode", constraint: "impersonate:user-info" },
    ]);
  });

  it.each<[Json, string]>([
    [{ "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": "" }, "as Kubernetes writes them"],
    [{ "authorization_k8s_io/decision": "allow", "authorization_k8s_io/reason": "" }, "dedotted by Elastic"],
    [{ authorization: { k8s: { "io/decision": "allow", "io/reason": "" } } }, "as objects in each other"],
  ])("have decisions %j: %s", (annotations, _name) => {
    expect(recordOf(auditEvent({ annotations }))).toMatchObject({
      decision: "allow",
      citation: { kind: "other", reason: "" },
    });
  });

  it("have no citation where none was decided, told or due", () => {
    const reason = "RBAC: something";
    const citation = (annotations: Json | undefined) => recordOf(auditEvent({ annotations })).citation;
    expect(citation(undefined)).toBeUndefined();
    expect(
      citation({ "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": reason }),
    ).toBeUndefined();
    expect(citation({ "authorization.k8s.io/decision": "allow" })).toBeUndefined();
    expect(citation({ "authorization.k8s.io/reason": reason })).toBeUndefined();
  });

  it("say when a token is old-fashioned or stale", () => {
    const token = (annotations: Json) => recordOf(auditEvent({ annotations })).token;
    expect(token({ "authentication.k8s.io/legacy-token": "system:serviceaccount:shop:cart" })).toBe("legacy");
    expect(token({ "authentication.k8s.io/stale-token": "subject: x, seconds after warning threshold: 5" })).toBe(
      "stale",
    );
  });

  it.each([
    [{ requestReceivedTimestamp: undefined, timestamp: "2017-09-11T19:55:05Z" }, "2017-09-11T19:55:05Z"],
    [{ requestReceivedTimestamp: undefined }, "2026-03-10T10:40:56.471Z"],
    [{ requestReceivedTimestamp: "soon", stageTimestamp: 5 }, undefined],
  ])("have the first time that can be read: %j", (changes, expected) => {
    expect(recordOf(auditEvent(changes)).time).toBe(expected === undefined ? undefined : Date.parse(expected));
  });

  it.each(["audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1", undefined, null])(
    "may be of version %s",
    (apiVersion) => {
      expect(recordOf(auditEvent({ apiVersion }))).toEqual(recordOf(auditEvent()));
    },
  );

  it("take null and what is left out for the same", () => {
    const names = [
      "impersonatedUser",
      "responseStatus",
      "userAgent",
      "sourceIPs",
      "annotations",
      "authenticationMetadata",
    ];
    const absent = recordOf(auditEvent(Object.fromEntries(names.map((name) => [name, undefined]))));
    expect(recordOf(auditEvent(Object.fromEntries(names.map((name) => [name, null]))))).toEqual(absent);
  });

  it("share what they have in common", () => {
    const decoder = new AuditDecoder();
    const read = (event: Json) =>
      decoder.decode({
        kind: "audit-event",
        fields: structuredClone(event),
        source: { origin: undefined, cluster: undefined },
      }).record;
    const [one, other] = [read(auditEvent()), read(auditEvent({ auditID: "x" }))];
    expect(one?.identity).toBe(other?.identity);
    expect(one?.citation).toBe(other?.citation);
    const fewer = read(auditEvent({ user: { username: one?.identity.username, groups: ["system:authenticated"] } }));
    expect(fewer?.identity).toEqual({ username: one?.identity.username, groups: ["system:authenticated"] });
  });
});

describe("events that can't be taken", () => {
  it.each<[Json, string]>([
    [{ apiVersion: "audit.k8s.io/v2" }, 'apiVersion is "audit.k8s.io/v2", not audit.k8s.io/v1'],
    [{ stage: "Later" }, "stage"],
    [{ stage: undefined }, "stage"],
    [{ verb: 5 }, "verb is"],
    [{ requestURI: ["/api"] }, "requestURI"],
    [{ user: "root" }, "user is"],
    [{ user: { username: 5 } }, "user.username"],
    [{ user: { username: "u", groups: [5] } }, "user.groups"],
    [{ user: { username: "u", groups: { a: 1 } } }, "user.groups"],
    [{ impersonatedUser: [] }, "impersonatedUser is"],
    [{ impersonatedUser: {} }, "impersonatedUser.username is"],
    [{ impersonatedUser: { username: "u", uid: 5 } }, "impersonatedUser.uid"],
    [{ impersonatedUser: { username: "u", extra: { k: [5] } } }, "impersonatedUser.extra.k"],
    [{ authenticationMetadata: 5, impersonatedUser: DAVE }, "authenticationMetadata"],
    [{ objectRef: "pods" }, "objectRef"],
    [{ objectRef: { resource: 5 } }, "objectRef.resource"],
    [{ annotations: [] }, "annotations"],
    [{ annotations: { "authorization.k8s.io/decision": "maybe" } }, 'annotations["authorization.k8s.io/decision"]'],
    [{ annotations: { "authorization.k8s.io/decision": true } }, 'annotations["authorization.k8s.io/decision"]'],
    [
      { annotations: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": 5 } },
      'annotations["authorization.k8s.io/reason"]',
    ],
    [{ responseStatus: 200 }, "responseStatus"],
    [{ responseStatus: { code: "ok" } }, "responseStatus.code"],
    [{ responseStatus: { code: 1e9 } }, "responseStatus.code"],
    [{ sourceIPs: [[]] }, "sourceIPs"],
    [{ userAgent: {} }, "userAgent"],
  ])("say which member is wrong and what it is: %j", (changes, fault) => {
    expect(faultOf(auditEvent(changes))).toContain(fault);
  });
});
