import { describe, expect, it } from "vitest";
import { AuditDecoder } from "../../../../src/collectors/formats/audit/decoder.ts";
import type { AccessRecord } from "../../../../src/model/access.ts";
import { shownAttributes } from "../../support/audit.ts";
import { collectBytes } from "../../support/collect.ts";
import { type Json, jsonLines } from "../../support/flows.ts";

const REASON = 'RBAC: allowed by ClusterRoleBinding "devs" of ClusterRole "edit" to Group "devs@example.com"';

/** An entry of GKE's log; `payload` replaces members of its payload. */
function entry(payload: Json = {}, changes: Json = {}): Json {
  return {
    insertId: "9d1f",
    logName: "projects/p/logs/cloudaudit.googleapis.com%2Factivity",
    labels: { "authorization.k8s.io/decision": "allow", "authorization.k8s.io/reason": REASON },
    operation: { id: "805e8918", producer: "k8s.io", first: true, last: true },
    protoPayload: {
      "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
      serviceName: "k8s.io",
      methodName: "io.k8s.core.v1.pods.delete",
      resourceName: "core/v1/namespaces/shop/pods/cart-0",
      authenticationInfo: { principalEmail: "dave@example.com" },
      requestMetadata: { callerIp: "1.2.3.4", callerSuppliedUserAgent: "kubectl/v1.32" },
      status: {},
      ...payload,
    },
    resource: { type: "k8s_cluster", labels: { cluster_name: "c" } },
    timestamp: "2026-03-10T10:40:56.465597Z",
    ...changes,
  };
}

function decoded(fields: Json): ReturnType<AuditDecoder["decode"]> {
  return new AuditDecoder().decode({
    kind: "audit-log-entry",
    fields,
    source: { origin: "gke:activity", cluster: undefined },
  });
}

function recordOfEntry(fields: Json): AccessRecord {
  const { record, fault } = decoded(fields);
  if (record === undefined) throw new Error(fault);
  return record;
}

function asked(methodName: string, resourceName: string): string {
  return shownAttributes(recordOfEntry(entry({ methodName, resourceName })).attributes);
}

describe("entries of GKE's audit log", () => {
  it("become records", () => {
    expect(recordOfEntry(entry())).toEqual({
      time: Date.parse("2026-03-10T10:40:56.465Z"),
      stage: "ResponseComplete",
      request: expect.any(Number),
      identity: { username: "dave@example.com", groups: [] },
      impersonator: undefined,
      attributes: {
        kind: "resource",
        verb: "delete",
        apiGroup: "",
        resource: "pods",
        subresource: "",
        namespace: "shop",
        name: "cart-0",
      },
      decision: "allow",
      citation: {
        kind: "rbac",
        binding: { kind: "ClusterRoleBinding", namespace: "", name: "devs" },
        role: { kind: "ClusterRole", name: "edit" },
        subject: { kind: "Group", namespace: "", name: "devs@example.com" },
      },
      code: 200,
      signs: [],
      pod: undefined,
      userAgent: "kubectl/v1.32",
      sourceIp: "1.2.3.4",
      token: undefined,
      origin: "gke:activity",
      cluster: undefined,
    });
  });

  it.each([
    ["io.k8s.core.v1.pods.list", "core/v1/namespaces/shop/pods", "list pods shop/*"],
    ["io.k8s.core.v1.pods.list", "core/v1/pods", "list pods */*"],
    ["io.k8s.core.v1.nodes.list", "core/v1/nodes", "list nodes */*"],
    ["io.k8s.core.v1.nodes.get", "core/v1/nodes/n1", "get nodes */n1"],
    ["io.k8s.core.v1.pods.exec.create", "core/v1/namespaces/shop/pods/cart-0/exec", "create pods/exec shop/cart-0"],
    [
      "io.k8s.core.v1.pods.exec.create",
      "core/v1/namespaces/shop/pods/cart-0/exec/cart-0",
      "create pods/exec shop/cart-0",
    ],
    [
      "io.k8s.core.v1.pods.binding.create",
      "core/v1/namespaces/shop/pods/cart-0/binding",
      "create pods/binding shop/cart-0",
    ],
    ["io.k8s.core.v1.pods.create", "core/v1/namespaces/shop/pods/cart-0", "create pods shop/*"],
    ["io.k8s.core.v1.namespaces.delete", "core/v1/namespaces/shop", "delete namespaces shop/shop"],
    ["io.k8s.core.v1.namespaces.create", "core/v1/namespaces/shop", "create namespaces */*"],
    [
      "io.k8s.core.v1.namespaces.finalize.update",
      "core/v1/namespaces/shop/finalize",
      "update namespaces/finalize shop/shop",
    ],
    [
      "io.k8s.apps.v1.deployments.patch",
      "apps/v1/namespaces/shop/deployments/cart",
      "patch apps/deployments shop/cart",
    ],
    [
      "io.k8s.apps.v1.deployments.scale.patch",
      "apps/v1/namespaces/shop/deployments/cart/scale",
      "patch apps/deployments/scale shop/cart",
    ],
    [
      "io.k8s.authorization.rbac.v1.clusterroles.create",
      "rbac.authorization.k8s.io/v1/clusterroles/x",
      "create rbac.authorization.k8s.io/clusterroles */*",
    ],
    [
      "io.k8s.coordination.v1.leases.update",
      "coordination.k8s.io/v1/namespaces/shop/leases/l",
      "update coordination.k8s.io/leases shop/l",
    ],
    [
      "com.coreos.database.etcd.v1beta2.etcdbackups.create",
      "etcd.database.coreos.com/v1beta2/namespaces/shop/etcdbackups",
      "create etcd.database.coreos.com/etcdbackups shop/*",
    ],
    ["io.k8s.core.v1.pods.deletecollection", "core/v1/namespaces/shop/pods", "deletecollection pods shop/*"],
    ["io.k8s.get", "readyz", "get /readyz"],
    ["io.k8s.get", "apis/apps/v1", "get /apis/apps/v1"],
    ["io.k8s.post", "a%b?c", "post /a%b?c"],
  ])("rule 12: ask for what %s of %s means", (method, resource, expected) => {
    expect(asked(method, resource)).toBe(expected);
  });

  it.each([
    ["io.k8s.core.v1.secrets.get", "core/v1/namespaces/shop/pods/cart-0"],
    ["io.k8s.core.v1.pods.get", "core/v1/namespaces/shop/pods/cart-0/log"],
    ["io.k8s.core.v1.pods.log.get", "core/v1/namespaces/shop/pods/cart-0"],
    ["io.k8s.core.v2.pods.get", "core/v1/namespaces/shop/pods/cart-0"],
    [
      "etcd.database.coreos.com.v1beta2.etcdbackups.create",
      "etcd.database.coreos.com/v1beta2/namespaces/shop/etcdbackups",
    ],
    ["io.k8s.core.v1.pods.", "core/v1/namespaces/shop/pods/cart-0"],
    ["", "core/v1/pods"],
  ])("rule 19: are broken when method and resource differ: %s of %s", (methodName, resourceName) => {
    const { fault } = decoded(entry({ methodName, resourceName }));
    expect(fault).toContain("protoPayload.methodName is ");
    expect(fault).toContain(resourceName);
  });

  it.each<[Json, string]>([
    [entry({ resourceName: "pods" }), "protoPayload.resourceName"],
    [entry({ resourceName: 5 }), "protoPayload.resourceName"],
    [entry({ authenticationInfo: [] }), "protoPayload.authenticationInfo"],
    [entry({ authenticationInfo: { principalEmail: 5 } }), "protoPayload.authenticationInfo.principalEmail"],
    [entry({ status: { code: {} } }), "protoPayload.status.code"],
    [entry({}, { labels: 5 }), "labels"],
    [entry({}, { labels: { "authorization.k8s.io/decision": "maybe" } }), "authorization.k8s.io/decision"],
  ])("say what is wrong with them %#", (fields, fault) => {
    expect(decoded(fields).fault).toContain(fault);
  });

  it.each([
    [undefined, undefined],
    [{}, 200],
    [{ code: 2 }, undefined],
    [{ code: 5, message: "not found" }, 404],
    [{ code: 7 }, 403],
    [{ code: "7" }, 403],
    [{ code: 16 }, 401],
    [{ code: 99 }, undefined],
  ])("have gRPC's status %j as HTTP's: %s", (status, code) => {
    expect(recordOfEntry(entry({ status })).code).toBe(code);
  });

  it("are allowed where the decision says so, or a permission was granted, and whatever the status is", () => {
    const authorizationInfo = [{ granted: true, permission: "io.k8s.core.v1.pods.delete" }];
    expect(recordOfEntry(entry({ status: { code: 2 } })).decision).toBe("allow");
    expect(recordOfEntry(entry({ authorizationInfo }, { labels: {} }))).toMatchObject({
      decision: "allow",
      citation: undefined,
    });
    const forbid = { "authorization.k8s.io/decision": "forbid" };
    expect(recordOfEntry(entry({ authorizationInfo }, { labels: forbid })).decision).toBe("forbid");
    expect(recordOfEntry(entry({}, { labels: {} })).decision).toBeUndefined();
  });

  it("rule 11: are of the authority that was selected", () => {
    const authenticationInfo = { principalEmail: "proxy@example.com", authoritySelector: "dave@example.com" };
    expect(recordOfEntry(entry({ authenticationInfo }))).toMatchObject({
      identity: { username: "dave@example.com" },
      impersonator: { username: "proxy@example.com" },
    });
  });

  it("rule 2: that are the first of a long request are its beginning", () => {
    const stage = (operation: Json) => recordOfEntry(entry({}, { operation })).stage;
    expect(stage({ id: "a", first: true })).toBe("ResponseStarted");
    expect(stage({ id: "a", last: true })).toBe("ResponseComplete");
  });

  it("rule 24: tell roles from bodies", () => {
    const payload = {
      methodName: "io.k8s.authorization.rbac.v1.clusterrolebindings.create",
      resourceName: "rbac.authorization.k8s.io/v1/clusterrolebindings/x",
      request: { "@type": "x", roleRef: { kind: "ClusterRole", name: "view" } },
    };
    expect(recordOfEntry(entry(payload)).signs).toEqual([
      { kind: "role-bound", role: { kind: "ClusterRole", name: "view" } },
    ]);
  });

  it("are told by their log, and those of other services are passed over", async () => {
    const name = "projects/p/logs/cloudaudit.googleapis.com%2Fdata_access";
    const other = entry({ serviceName: "container.googleapis.com" });
    const text = jsonLines([entry(), entry({}, { logName: name }), entry({}, { logName: 5 }), other]);
    for (const format of ["auto", "cloud-logging"] as const) {
      const collected = await collectBytes(text, { format });
      expect(collected.rejections).toEqual([]);
      expect(collected.accesses.map(({ origin }) => origin)).toEqual(["gke:activity", "gke:data_access", "gke"]);
      expect(collected.others).toEqual(["google-cloud-other-service"]);
    }
  });
});
