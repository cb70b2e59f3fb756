import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asking, auditEvent, faultOf, recordOf, shownAttributes } from "../../support/audit.ts";
import type { Json } from "../../support/flows.ts";

const POD: Json = { resource: "pods", namespace: "shop", name: "cart-0" };
const PODS: Json = { resource: "pods", namespace: "shop" };
const DEPLOYMENT: Json = { apiGroup: "apps", resource: "deployments", namespace: "shop", name: "cart" };

/** What the authorizer was asked, by an event of that verb, URI and objectRef. */
function asked(verb: string, uri: string, objectRef?: Json): string {
  return shownAttributes(recordOf(asking(verb, uri, objectRef)).attributes);
}

/** The same of a source without URIs. */
function askedByReference(verb: string, objectRef: Json): string {
  return shownAttributes(recordOf(auditEvent({ verb, requestURI: undefined, objectRef })).attributes);
}

describe("attributes of requests", () => {
  it.each([
    ["get", "/api/v1/namespaces/shop/pods/cart-0", POD, "get pods shop/cart-0"],
    [
      "get",
      "/api/v1/namespaces/shop/pods/cart-0/log?follow=true",
      { ...POD, subresource: "log" },
      "get pods/log shop/cart-0",
    ],
    ["list", "/api/v1/namespaces/shop/pods?limit=500", PODS, "list pods shop/*"],
    ["list", "/api/v1/pods", { resource: "pods" }, "list pods */*"],
    ["get", "/api/v1/nodes/n1", { resource: "nodes", name: "n1" }, "get nodes */n1"],
    [
      "update",
      "/apis/apps/v1/namespaces/shop/deployments/cart/scale",
      { ...DEPLOYMENT, subresource: "scale" },
      "update apps/deployments/scale shop/cart",
    ],
    [
      "get",
      "/api/v1/namespaces/shop/services/web:80/proxy/a/b",
      { resource: "services", namespace: "shop", name: "web:80", subresource: "proxy" },
      "get services/proxy shop/web:80",
    ],
  ])("rule 12: %s %s is a request for a resource, since there is an objectRef", (verb, uri, objectRef, expected) => {
    expect(asked(verb, uri, objectRef)).toBe(expected);
    expect(askedByReference(verb, objectRef)).toBe(expected);
  });

  it("rule 12: the group is the URL's, and none is translated", () => {
    const uri = "/apis/extensions/v1beta1/namespaces/shop/deployments/cart";
    expect(asked("get", uri, { ...DEPLOYMENT, apiGroup: "extensions" })).toBe("get extensions/deployments shop/cart");
    const eviction = "/api/v1/namespaces/shop/pods/cart-0/eviction";
    expect(asked("create", eviction, { ...POD, subresource: "eviction" })).toBe("create pods/eviction shop/cart-0");
  });

  it("rule 13: a create without a subresource has no name, though the body filled one in", () => {
    expect(asked("create", "/api/v1/namespaces/shop/pods", POD)).toBe("create pods shop/*");
    expect(askedByReference("create", POD)).toBe("create pods shop/*");
    expect(asked("create", "/api/v1/nodes", { resource: "nodes", name: "n1" })).toBe("create nodes */*");
  });

  it("rule 13: a namespace that only the body has is none", () => {
    const uri = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const objectRef = {
      apiGroup: "authorization.k8s.io",
      resource: "subjectaccessreviews",
      namespace: "shop",
      name: "x",
    };
    expect(asked("create", uri, objectRef)).toBe("create authorization.k8s.io/subjectaccessreviews */*");
  });

  it.each(["exec", "eviction", "binding"])(
    "rule 14: a create with a subresource keeps its name: pods/%s",
    (subresource) => {
      const objectRef = { ...POD, subresource };
      const expected = `create pods/${subresource} shop/cart-0`;
      expect(asked("create", `/api/v1/namespaces/shop/pods/cart-0/${subresource}`, objectRef)).toBe(expected);
      expect(askedByReference("create", objectRef)).toBe(expected);
    },
  );

  it("rule 14: a token is made for one ServiceAccount", () => {
    const objectRef = { resource: "serviceaccounts", namespace: "shop", name: "cart", subresource: "token" };
    const uri = "/api/v1/namespaces/shop/serviceaccounts/cart/token";
    expect(asked("create", uri, objectRef)).toBe("create serviceaccounts/token shop/cart");
  });

  it.each([
    ["fieldSelector=metadata.name%3Dcart-0", "cart-0"],
    ["fieldSelector=metadata.name%3D%3Dcart-0&limit=1", "cart-0"],
    ["limit=1&fieldSelector=status.phase%21%3DFailed%2Cmetadata.name%3Dcart-0", "cart-0"],
    ["fieldSelector=metadata.name=cart-0", "cart-0"],
    ["fieldSelector=metadata.name%21%3Dcart-0", "*"],
    ["fieldSelector=metadata.namespace%3Dcart-0", "*"],
    ["fieldSelector=xmetadata.name%3Dcart-0", "*"],
    ["fieldSelector=metadata.name%3D..", "*"],
    ["fieldSelector=metadata.name%3Da%2Fb", "*"],
    ["labelSelector=metadata.name%3Dcart-0", "*"],
    ["limit=500", "*"],
  ])("rule 15: list and watch have the name of the selector: %s", (query, name) => {
    const objectRef = name === "*" ? PODS : { ...PODS, name };
    for (const verb of ["list", "watch"]) {
      const uri = `/api/v1/namespaces/shop/pods?${query}${verb === "watch" ? "&watch=true" : ""}`;
      expect(asked(verb, uri, objectRef)).toBe(`${verb} pods shop/${name}`);
    }
    expect(asked("list", `/api/v1/pods?${query}`, { ...objectRef, namespace: undefined })).toBe(`list pods */${name}`);
  });

  it("rule 15: where the server could not read the query, it looked for no name", () => {
    const uri = "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dcart-0&limit=many";
    expect(asked("list", uri, PODS)).toBe("list pods shop/*");
  });

  it("rule 15: deletecollection has no name, with that selector either", () => {
    const uri = "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dcart-0";
    expect(asked("deletecollection", uri, PODS)).toBe("deletecollection pods shop/*");
    expect(askedByReference("deletecollection", POD)).toBe("deletecollection pods shop/*");
  });

  it("rule 16: a namespace is in itself, and namespaces are made, listed and watched in none", () => {
    const one = { resource: "namespaces", name: "shop", namespace: "shop" };
    for (const verb of ["get", "delete", "patch", "update"]) {
      expect(asked(verb, "/api/v1/namespaces/shop", one)).toBe(`${verb} namespaces shop/shop`);
      expect(askedByReference(verb, { ...one, namespace: undefined })).toBe(`${verb} namespaces shop/shop`);
    }
    for (const verb of ["list", "watch", "create"]) {
      expect(asked(verb, "/api/v1/namespaces", { resource: "namespaces" })).toBe(`${verb} namespaces */*`);
      expect(askedByReference(verb, { resource: "namespaces" })).toBe(`${verb} namespaces */*`);
    }
    expect(asked("create", "/api/v1/namespaces", { resource: "namespaces", name: "shop" })).toBe(
      "create namespaces */*",
    );
    const selected = "/api/v1/namespaces?fieldSelector=metadata.name%3Dshop";
    expect(asked("list", selected, { resource: "namespaces", name: "shop" })).toBe("list namespaces */shop");
    expect(asked("update", "/api/v1/namespaces/shop/finalize", { ...one, subresource: "finalize" })).toBe(
      "update namespaces/finalize shop/shop",
    );
  });

  it.each([
    ["watch", "/api/v1/watch/namespaces/shop/pods", PODS, "watch pods shop/*"],
    ["watch", "/api/v1/watch/namespaces/shop/pods/cart-0", POD, "watch pods shop/cart-0"],
    [
      "watch",
      "/apis/apps/v1/watch/deployments",
      { apiGroup: "apps", resource: "deployments" },
      "watch apps/deployments */*",
    ],
    ["proxy", "/api/v1/proxy/namespaces/shop/pods/cart-0/metrics", POD, "proxy pods shop/cart-0"],
    ["HEAD", "/api/v1/namespaces/shop/pods/cart-0", POD, "get pods shop/cart-0"],
    ["head", "/api/v1/namespaces/shop/pods", PODS, "list pods shop/*"],
    ["head", "/api/v1/namespaces/shop/pods?watch=1", PODS, "watch pods shop/*"],
    ["", "/api/v1/pods", { resource: "pods" }, " pods */*"],
    [
      "use",
      "/apis/policy/v1beta1/podsecuritypolicies/p",
      { apiGroup: "policy", resource: "podsecuritypolicies", name: "p" },
      "use policy/podsecuritypolicies */p",
    ],
    [
      "get",
      "/api/v1/namespaces/shop/pods/cart-0/exec?stdin=true",
      { ...POD, subresource: "exec" },
      "get pods/exec shop/cart-0",
    ],
  ])("rule 17: the verb of %s %s", (verb, uri, objectRef, expected) => {
    expect(asked(verb, uri, objectRef)).toBe(expected);
  });

  it.each([
    ["get", "/metrics?format=text", "get /metrics"],
    ["get", "/", "get /"],
    ["get", "/api", "get /api"],
    ["get", "/api/v1?timeout=32s", "get /api/v1"],
    ["get", "/apis/apps/v1?timeout=32s", "get /apis/apps/v1"],
    ["get", "/openapi/v3/apis/apps/v1?hash=0A", "get /openapi/v3/apis/apps/v1"],
    ["POST", "/healthz", "post /healthz"],
    ["head", "/healthz/ping", "head /healthz/ping"],
    ["get", "/a%20b?c", "get /a b"],
    ["get", "/a%zz%e2%82", "get /a%zz\ufffd"],
  ])("rule 18: a path that is no resource is without its query: %s %s", (verb, uri, expected) => {
    expect(asked(verb, uri)).toBe(expected);
  });

  it.each([
    [
      "another namespace",
      "get",
      "/api/v1/namespaces/shop/pods/cart-0",
      { ...POD, namespace: "prod" },
      'objectRef.namespace is "prod", not "shop", as requestURI "/api/v1/namespaces/shop/pods/cart-0" says',
    ],
    ["another name", "get", "/api/v1/namespaces/shop/pods/cart-0", { ...POD, name: "cart-1" }, "objectRef.name"],
    [
      "another group",
      "get",
      "/apis/apps/v1/namespaces/shop/deployments/cart",
      { ...DEPLOYMENT, apiGroup: "extensions" },
      "objectRef.apiGroup",
    ],
    [
      "another resource",
      "get",
      "/api/v1/namespaces/shop/pods/cart-0",
      { ...POD, resource: "secrets" },
      "objectRef.resource",
    ],
    ["another subresource", "get", "/api/v1/namespaces/shop/pods/cart-0/log", POD, "objectRef.subresource"],
    ["a name no selector has", "list", "/api/v1/namespaces/shop/pods", POD, "objectRef.name"],
    [
      "another name than the selector",
      "list",
      "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dx",
      POD,
      "objectRef.name",
    ],
    ["a namespace the path lacks", "list", "/api/v1/pods", PODS, "objectRef.namespace"],
    ["a name in deletecollection", "deletecollection", "/api/v1/namespaces/shop/pods", POD, "objectRef.name"],
    ["no objectRef", "get", "/api/v1/namespaces/shop/pods/cart-0", undefined, "objectRef is missing"],
    ["no resource in the path", "get", "/healthz", POD, "names no resource"],
    ["a verb for one, of many", "get", "/api/v1/namespaces/shop/pods", PODS, "verb"],
    ["a verb for many, of one", "list", "/api/v1/namespaces/shop/pods/cart-0", POD, "verb"],
    ["another verb than the path's", "list", "/api/v1/watch/pods", { resource: "pods" }, "verb"],
  ])("rule 19: a contradiction is a fault that says both: %s", (...[, verb, uri, objectRef, fault]) => {
    expect(faultOf(asking(verb, uri, objectRef))).toContain(fault);
  });

  it("rule 19: without a URI and an objectRef nothing tells what was asked for", () => {
    expect(faultOf(auditEvent({ requestURI: undefined, objectRef: undefined }))).toContain("requestURI is missing");
  });

  it("rule 20: groups of custom resources and aggregated servers are taken word for word, whatever became of the request", () => {
    const uri = "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods";
    const event = asking("list", uri, { ...PODS, apiGroup: "metrics.k8s.io" });
    const record = recordOf({ ...event, responseStatus: { code: 503 } });
    expect(shownAttributes(record.attributes)).toBe("list metrics.k8s.io/pods shop/*");
    expect(record).toMatchObject({ decision: "allow", code: 503 });
    const custom = "/apis/Etcd.Database.coreos.com/v1beta2/namespaces/shop/etcdclusters/a";
    const objectRef = { apiGroup: "Etcd.Database.coreos.com", resource: "etcdclusters", namespace: "shop", name: "a" };
    expect(asked("get", custom, objectRef)).toBe("get Etcd.Database.coreos.com/etcdclusters shop/a");
  });
});

const segment = fc.string({
  unit: fc.constantFrom("a", "b", "-", ".", ":", "%", "é", " ", "1"),
  minLength: 1,
  maxLength: 6,
});
const path = fc.record({
  apiGroup: fc.option(segment, { nil: "" }),
  namespace: fc.option(segment, { nil: "" }),
  resource: segment,
  name: segment,
  subresource: fc.option(segment, { nil: "" }),
});

describe("a URI made of attributes", () => {
  it("rule 19: gives them back, and agrees with its objectRef in any verb and spelling", () => {
    fc.assert(
      fc.property(path, fc.constantFrom("get", "update", "patch", "delete"), (target, verb) => {
        const root = target.apiGroup === "" ? "/api/v1" : `/apis/${encodeURIComponent(target.apiGroup)}/v1`;
        const scope = target.namespace === "" ? [] : ["namespaces", target.namespace];
        const parts = [
          ...scope,
          target.resource,
          target.name,
          ...(target.subresource === "" ? [] : [target.subresource]),
        ];
        const uri = `${root}/${parts.map(encodeURIComponent).join("/")}?timeout=1s`;
        expect(recordOf(asking(verb, uri, target)).attributes).toEqual({ kind: "resource", verb, ...target });
      }),
    );
  });
});
