import { vi } from "vitest";
import type { AuditRule } from "../../../src/model/rbac.ts";
import { type ApiClient, apiClient } from "../../testbed/api-client.ts";
import { type Apiserver, startApiserver } from "../../testbed/apiserver.ts";
import type { Part } from "../../testbed/part.ts";
import { serviceAccountToken } from "../../testbed/service-account-token.ts";
import { make, PATIENCE, settled } from "./rbac.ts";
import { ACCOUNTS, ODD_USER, PEOPLE, WORLD } from "./world.ts";

/** Somebody as the authorizer sees them. */
export interface Member {
  readonly username: string;
  readonly groups: readonly string[];
  readonly client: ApiClient;
}

/** A server with the world in it, and everybody who plays, by short name. */
export interface Cluster {
  readonly server: Apiserver;
  readonly admin: ApiClient;
  readonly cast: ReadonlyMap<string, Member>;
  readonly stop: () => Promise<void>;
}

/**
 * Everything at Metadata, what hands on rights with its bodies, the questions that this test asks not at all, and one
 * thing that one account does not either.
 */
const AUDIT: readonly AuditRule[] = [
  { level: "None", users: ["admin"], resources: [{ group: "authorization.k8s.io" }] },
  {
    level: "None",
    users: ["system:serviceaccount:monitoring:discoverer"],
    resources: [{ group: "", resources: ["endpoints"] }],
  },
  {
    level: "Request",
    resources: [{ group: "rbac.authorization.k8s.io" }, { group: "certificates.k8s.io" }],
  },
  { level: "Request", resources: [{ group: "", resources: ["configmaps"] }], namespaces: ["prod"] },
  { level: "Metadata" },
];

/** The audit policy as a file for the program. */
export const AUDIT_POLICY = { apiVersion: "audit.k8s.io/v1", kind: "Policy", rules: AUDIT };

/** Starts a server, makes the world and mints the tokens. */
export async function openCluster(part: Part): Promise<Cluster> {
  const users = Object.entries(PEOPLE).map(([name, groups]) => ({ name, groups }));
  const flags = ["--enable-admission-plugins=OwnerReferencesPermissionEnforcement"];
  const server = await startApiserver(part, { users, flags, audit: AUDIT });
  try {
    const admin = server.client("admin");
    for (const one of WORLD) await make(admin, one);
    await settled(admin);
    await served(admin);
    const cast = await castOf(server, admin);
    return {
      server,
      admin,
      cast,
      stop: async () => {
        cast.forEach(({ client }) => client.close());
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** New kinds are served a moment after they are defined, and an APIService is missed a moment after it is made. */
async function served(admin: ApiClient): Promise<void> {
  const paths = {
    "/apis/example.com/v1/widgets": 200,
    "/apis/example.com/v1/planets": 200,
    "/apis/example.com/v1/mice": 200,
    "/apis/metrics.example.com/v1/x": 503,
  };
  await vi.waitFor(async () => {
    for (const [path, code] of Object.entries(paths)) {
      const { status } = await admin.get(path);
      if (status !== code) throw new Error(`${path}: ${status}`);
    }
  }, PATIENCE);
}

async function castOf(server: Apiserver, admin: ApiClient): Promise<ReadonlyMap<string, Member>> {
  const { url, ca } = server;
  const cast = new Map<string, Member>();
  for (const place of ACCOUNTS) {
    const [namespace = "", name = ""] = place.split("/");
    const pod =
      name === "reporter"
        ? { pod: { name: "reporter-1", uid: await uidOf(admin, `/api/v1/namespaces/shop/pods/reporter-1`) } }
        : {};
    const token = await serviceAccountToken(admin, { namespace, name, ...pod });
    const groups = ["system:authenticated", "system:serviceaccounts", `system:serviceaccounts:${namespace}`];
    const username = `system:serviceaccount:${namespace}:${name}`;
    cast.set(name, { username, groups, client: apiClient({ url, ca, token }) });
  }
  for (const [username, groups] of Object.entries(PEOPLE)) {
    const name = username === ODD_USER ? "odd" : username;
    const all = [...groups, "system:authenticated"].toSorted();
    cast.set(name, { username, groups: all, client: server.client(username) });
  }
  const anonymous = { username: "system:anonymous", groups: ["system:unauthenticated"] };
  cast.set("anonymous", { ...anonymous, client: apiClient({ url, ca, token: undefined }) });
  cast.set("stranger", { username: "", groups: [], client: apiClient({ url, ca, token: "of-nobody" }) });
  return cast;
}

async function uidOf(admin: ApiClient, path: string): Promise<string> {
  const { body } = await admin.get(path);
  return (body as { metadata: { uid: string } }).metadata.uid;
}
