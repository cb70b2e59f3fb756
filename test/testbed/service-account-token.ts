import type { ApiClient } from "./api-client.ts";

/** A ServiceAccount, and the pod its token is bound to, if any. */
export interface TokenFor {
  readonly namespace: string;
  readonly name: string;
  readonly pod?: { readonly name: string; readonly uid: string };
}

/**
 * A token of a ServiceAccount that exists, minted by the server (TokenRequest).
 *
 * @throws Error with the server's answer when it mints none
 */
export async function serviceAccountToken(admin: ApiClient, { namespace, name, pod }: TokenFor): Promise<string> {
  const boundObjectRef = pod === undefined ? {} : { boundObjectRef: { apiVersion: "v1", kind: "Pod", ...pod } };
  const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: boundObjectRef };
  const { body } = await admin.send({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
    content: { type: "application/json", body: JSON.stringify(request) },
  });
  const { status } = body as { readonly status?: { readonly token?: string } };
  if (status?.token === undefined) throw new Error(`no token for ${namespace}/${name}: ${JSON.stringify(body)}`);
  return status.token;
}
