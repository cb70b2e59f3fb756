import { vi } from "vitest";
import type { BindingManifest, RbacManifest, RoleManifest } from "../../../src/model/rbac.ts";
import type { ApiClient } from "../../testbed/api-client.ts";
import { binding, type Made, RBAC, role, rule } from "./objects.ts";

/** For what happens in a moment, on a machine that has much else to do. */
export const PATIENCE = { timeout: 30_000, interval: 50 };

/** Names are of use once: what is removed is seen to be gone a moment later. */
let settlements = 0;

/** @throws Error with the server's answer when it does not take the object */
export async function make(admin: ApiClient, object: Made): Promise<void> {
  const { status, body } = await admin.create(object);
  const isThere = status === 409 && object.kind === "Namespace";
  if (status !== 201 && !isThere) throw new Error(`${object.kind} ${object.metadata.name}: ${JSON.stringify(body)}`);
}

/**
 * Waits until the authorizer knows all roles and bindings that were written: it sees each kind in the order in which it
 * was written, so the last of each kind are enough.
 */
export async function settled(admin: ApiClient): Promise<void> {
  settlements += 1;
  const user = `settled-${settlements}`;
  const last = [
    role(`default/${user}`, rule("get", "last-role")),
    role(user, rule("get", "last-cluster-role")),
    binding(`default/${user}`, `Role/${user}`, `User ${user}`),
    binding(user, `ClusterRole/${user}`, `User ${user}`),
  ];
  for (const one of last) await make(admin, one);
  await vi.waitFor(async () => {
    const common = { verb: "get", version: "v1" };
    const answers = [
      await isAllowed(admin, { user, resourceAttributes: { ...common, resource: "last-role", namespace: "default" } }),
      await isAllowed(admin, { user, resourceAttributes: { ...common, resource: "last-cluster-role" } }),
    ];
    if (answers.includes(false)) throw new Error("not yet");
  }, PATIENCE);
  for (const one of last.toReversed()) await admin.remove(one);
}

/** Asks the server's authorizer (SubjectAccessReview). */
export async function isAllowed(admin: ApiClient, spec: object): Promise<boolean> {
  const review = { apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview", spec };
  const { body } = await admin.send({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    content: { type: "application/json", body: JSON.stringify(review) },
  });
  const { status } = body as { readonly status?: { readonly allowed?: boolean } };
  if (status?.allowed === undefined) throw new Error(`no answer to ${JSON.stringify(spec)}: ${JSON.stringify(body)}`);
  return status.allowed;
}

/** The RBAC objects of a server, as they stand in it. */
export async function rbacOf(admin: ApiClient): Promise<readonly RbacManifest[]> {
  const [roles, clusterRoles, bindings, clusterBindings] = [
    await listed<RoleManifest>(admin, "roles", "Role"),
    await listed<RoleManifest>(admin, "clusterroles", "ClusterRole"),
    await listed<BindingManifest>(admin, "rolebindings", "RoleBinding"),
    await listed<BindingManifest>(admin, "clusterrolebindings", "ClusterRoleBinding"),
  ];
  return [
    // The rules of an aggregated role are null until a controller fills them, and subjects may be left out.
    ...[...roles, ...clusterRoles].map((one) => ({ ...one, rules: one.rules ?? [] })),
    ...[...bindings, ...clusterBindings].map((one) => ({ ...one, subjects: one.subjects ?? [] })),
  ];
}

/** Items of a list do not say what they are. */
async function listed<T extends RbacManifest>(
  admin: ApiClient,
  plural: string,
  kind: T["kind"],
): Promise<readonly T[]> {
  const { body } = await admin.get(`/apis/${RBAC}/${plural}`);
  const { items } = body as { readonly items: readonly T[] };
  return items.map((item) => ({ ...item, apiVersion: RBAC, kind }));
}
