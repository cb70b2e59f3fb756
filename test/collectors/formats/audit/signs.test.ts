import { describe, expect, it } from "vitest";
import type { AccessSign } from "../../../../src/model/access.ts";
import { asking, recordOf } from "../../support/audit.ts";
import type { Json } from "../../support/flows.ts";

const RBAC = "rbac.authorization.k8s.io";

/** Signs of a request for a Deployment, or what of it else `path` says. */
function deploymentSigns(verb: string, changes: Json = {}, path = ""): readonly AccessSign[] {
  const subresource = path.startsWith("/") ? path.slice(1) : undefined;
  const objectRef = { apiGroup: "apps", resource: "deployments", namespace: "shop", name: "cart", subresource };
  const scope = "/apis/apps/v1/namespaces/shop/deployments";
  return recordOf({ ...asking(verb, verb === "create" ? scope : `${scope}/cart${path}`, objectRef), ...changes }).signs;
}

/** Signs of writing an object of a group. */
function writtenSigns(verb: string, group: string, what: string, bodies: Json = {}): readonly AccessSign[] {
  const [resource = "", subresource] = what.split("/");
  const objectRef = { apiGroup: group, resource, name: "x", subresource };
  const scope = `/apis/${group}/v1/${resource}`;
  const uri = verb === "create" ? scope : `${scope}/x${subresource === undefined ? "" : `/${subresource}`}`;
  return recordOf({ ...asking(verb, uri, objectRef), ...bodies }).signs;
}

describe("signs of creating", () => {
  it("rule 21: a patch or update that was answered with 201 created its object", () => {
    const responseStatus = { code: 201 };
    expect(deploymentSigns("patch", { responseStatus })).toEqual([{ kind: "created" }]);
    expect(deploymentSigns("update", { responseStatus })).toEqual([{ kind: "created" }]);
    expect(deploymentSigns("create", { responseStatus })).toEqual([]);
    expect(deploymentSigns("patch")).toEqual([]);
  });

  it.each([
    ["?fieldManager=argocd&force=true", "curl"],
    ["?fieldManager=my-operator", "manager/v1"],
    ["?fieldManager=kubectl&force=false", "kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07"],
    ["?force=true&fieldManager=kubectl-client-side-apply", "curl"],
    ["", "argocd-application-controller/v2.14.0"],
    ["?timeout=10s", "kustomize-controller/v1.5.1"],
    ["", "helm-controller"],
  ])("rule 21: a patch with %j of %s is a server-side apply", (query, userAgent) => {
    expect(deploymentSigns("patch", { userAgent }, query)).toEqual([{ kind: "applied" }]);
    expect(deploymentSigns("update", { userAgent }, query)).toEqual([]);
    expect(deploymentSigns("patch", { userAgent }, "/status")).toEqual([]);
  });

  it.each([
    ["", "kubectl/v1.32.4 (linux/amd64) kubernetes/4cb5f07"],
    ["?fieldManager=kubectl-set&timeout=20s", "kubectl/v1.32.4"],
    ["?fieldManager=kubectl-client-side-apply", "kubectl/v1.32.4"],
    ["?fieldManager=", "manager/v1"],
    ["?enforce=1", "manager/v1"],
    ["", "not-argocd-application-controller"],
    ["", "helm-controllers-of-mine"],
  ])("rule 21: a patch with %j of %s is none", (query, userAgent) => {
    expect(deploymentSigns("patch", { userAgent }, query)).toEqual([]);
  });
});

describe("signs in bodies", () => {
  it.each(["create", "update", "patch"])("rule 24: a role was written by %s", (verb) => {
    expect(writtenSigns(verb, RBAC, "clusterroles")).toEqual([{ kind: "role-written" }]);
    expect(writtenSigns(verb, RBAC, "roles")).toEqual([{ kind: "role-written" }]);
    expect(writtenSigns(verb, "example.com", "roles")).toEqual([]);
  });

  it("rule 24: a binding was written, to the role that a body tells", () => {
    const roleRef = { apiGroup: RBAC, kind: "ClusterRole", name: "view" };
    const role = { kind: "ClusterRole", name: "view" };
    const signs = (bodies: Json) => writtenSigns("create", RBAC, "clusterrolebindings", bodies);
    expect(signs({ requestObject: { roleRef } })).toEqual([{ kind: "role-bound", role }]);
    expect(signs({ responseObject: { roleRef } })).toEqual([{ kind: "role-bound", role }]);
    expect(signs({ requestObject: [{ op: "add" }], responseObject: { kind: "Status" } })).toEqual([
      { kind: "role-bound", role: undefined },
    ]);
    expect(signs({ requestObject: { roleRef: { kind: "Pod", name: "view" } } })).toEqual([
      { kind: "role-bound", role: undefined },
    ]);
    expect(signs({})).toEqual([{ kind: "role-bound", role: undefined }]);
  });

  it("rule 24: reading and deleting roles and bindings writes none", () => {
    for (const verb of ["get", "delete"]) {
      for (const resource of ["roles", "rolebindings"]) expect(writtenSigns(verb, RBAC, resource)).toEqual([]);
    }
  });

  it("rule 25: an owner whose deletion is blocked stands in the request's body", () => {
    const ownerReferences = [
      { apiVersion: "apps/v1", kind: "ReplicaSet", name: "a", blockOwnerDeletion: true },
      { apiVersion: "v1", kind: "Node", name: "n", blockOwnerDeletion: true },
      { apiVersion: "apps/v1", kind: "DaemonSet", name: "b", blockOwnerDeletion: false },
      { apiVersion: "apps/v1", kind: "Deployment", name: "c" },
      { apiVersion: 5, kind: 5, blockOwnerDeletion: true },
      "ReplicaSet",
    ];
    const body = { metadata: { ownerReferences } };
    const signs = [
      { kind: "owner-blocked", apiGroup: "apps", ownerKind: "ReplicaSet" },
      { kind: "owner-blocked", apiGroup: "", ownerKind: "Node" },
    ];
    for (const verb of ["create", "update", "patch"])
      expect(deploymentSigns(verb, { requestObject: body })).toEqual(signs);
    expect(deploymentSigns("update", { requestObject: body }, "/status")).toEqual([]);
    expect(deploymentSigns("create", { responseObject: body })).toEqual([]);
    expect(deploymentSigns("get", { requestObject: body })).toEqual([]);
  });

  it.each(["approval", "status"])("rule 26: the signer of a request that was approved or signed: %s", (subresource) => {
    const body = { spec: { signerName: "example.com/signer" } };
    const what = `certificatesigningrequests/${subresource}`;
    const sign = [{ kind: "signer", name: "example.com/signer" }];
    expect(writtenSigns("update", "certificates.k8s.io", what, { requestObject: body })).toEqual(sign);
    expect(writtenSigns("patch", "certificates.k8s.io", what, { responseObject: body })).toEqual(sign);
    expect(writtenSigns("update", "certificates.k8s.io", what)).toEqual([]);
    expect(writtenSigns("get", "certificates.k8s.io", what, { responseObject: body })).toEqual([]);
  });

  it("rule 26: the signer of a trust bundle", () => {
    const requestObject = { spec: { signerName: "example.com/signer" } };
    const signs = (resource: string) => writtenSigns("create", "certificates.k8s.io", resource, { requestObject });
    expect(signs("clustertrustbundles")).toEqual([{ kind: "signer", name: "example.com/signer" }]);
    expect(signs("certificatesigningrequests")).toEqual([]);
  });
});
