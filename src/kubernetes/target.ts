import { NetlearnError } from "../lib/errors.ts";
import type { JsonObject } from "../model/kubernetes-api.ts";
import type { Target } from "./connect-options.ts";
import { fieldOf, isObject, listOf, textOf, textsOf } from "./fields.ts";
import { type KubeconfigEntry, resolved } from "./read-kubeconfig.ts";

/** What a context leads to. */
export interface ContextParts {
  readonly name: string;
  readonly userName: string | undefined;
  readonly cluster: KubeconfigEntry;
  readonly user: KubeconfigEntry;
}

/**
 * A context as one small kubeconfig that holds nothing else.
 *
 * @throws NetlearnError `NETLEARN_INPUT_UNREADABLE` when the server has no usable address
 */
export function targetOf({ name, userName, cluster, user }: ContextParts): Target {
  const server = serverOf(cluster, name);
  const parts = { cluster: "cluster", user: "user" };
  const exec = fieldOf(user.value, "exec");
  const command = textOf(exec, "command");
  const isPlain = server.protocol === "http:";
  const url = server.href.replace(/\/+$/u, "");
  return {
    name,
    server: url,
    userName,
    plugin: command === undefined ? undefined : { command, installHint: textOf(exec, "installHint") },
    isProxied: textOf(cluster.value, "proxy-url") !== undefined,
    headers: impersonation(user.value),
    kubeconfig: JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": name,
      contexts: [{ name, context: parts }],
      clusters: [
        {
          name: parts.cluster,
          cluster: {
            ...withPaths(cluster, ["certificate-authority"]),
            server: url,
            // Without this the library refuses http, even to this machine.
            ...(isPlain ? { "insecure-skip-tls-verify": true } : {}),
          },
        },
      ],
      users: [{ name: parts.user, user: userPart(user, cluster) }],
    }),
  };
}

function serverOf({ value, file }: KubeconfigEntry, name: string): URL {
  const text = textOf(value, "server");
  const server = text === undefined ? null : URL.parse(text);
  const problem =
    server === null || !["http:", "https:"].includes(server.protocol)
      ? "has no server with an https address"
      : server.protocol === "http:" && !isLoopback(server.hostname)
        ? `has the server ${server.host} without TLS: credentials and answers would travel for everybody to read`
        : undefined;
  if (server === null || problem !== undefined) {
    const message = `the kubeconfig ${file}: the cluster of context ${JSON.stringify(name)} ${problem ?? ""}`;
    throw new NetlearnError("NETLEARN_INPUT_UNREADABLE", message, { hint: "Give its https address as `server`." });
  }
  return server;
}

// `kubectl proxy` listens there.
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d+\.\d+\.\d+$/u.test(host);
}

function withPaths(entry: KubeconfigEntry, keys: readonly string[]): JsonObject {
  const paths = keys.flatMap((key) => {
    const file = textOf(entry.value, key);
    return file === undefined ? [] : [[key, resolved(entry, file)] as const];
  });
  return { ...entry.value, ...Object.fromEntries(paths) };
}

/** What the library does not do as kubectl does: token files, paths of plugins, and telling plugins about the cluster. */
function userPart(user: KubeconfigEntry, cluster: KubeconfigEntry): JsonObject {
  const { tokenFile, exec, token, ...rest } = withPaths(user, ["client-certificate", "client-key", "tokenFile"]);
  if (isObject(exec)) return { ...rest, token, exec: pluginPart(exec, user, cluster) };
  if (typeof tokenFile !== "string") return { ...rest, token };
  // The file counts before the token (k8s.io/client-go tools/clientcmd/api/v1, AuthInfo.TokenFile).
  return { ...rest, "auth-provider": { name: "tokenFile", config: { tokenFile } } };
}

function pluginPart(exec: JsonObject, user: KubeconfigEntry, cluster: KubeconfigEntry): JsonObject {
  const command = textOf(exec, "command") ?? "";
  // kubernetes.io "client-go credential plugins": a path with a separator goes out from the file, a bare name from PATH.
  const isPath = /[/\\]/u.test(command);
  return {
    ...exec,
    ...(isPath ? { command: resolved(user, command) } : {}),
    env: [...listOf(exec, "env"), { name: "KUBERNETES_EXEC_INFO", value: JSON.stringify(execInfo(exec, cluster)) }],
  };
}

/** What a plugin is told (client.authentication.k8s.io ExecCredential); about the cluster only where it asks for it. */
function execInfo(exec: JsonObject, { value }: KubeconfigEntry): JsonObject {
  const cluster = {
    server: fieldOf(value, "server"),
    "tls-server-name": fieldOf(value, "tls-server-name"),
    "insecure-skip-tls-verify": fieldOf(value, "insecure-skip-tls-verify"),
    "certificate-authority-data": fieldOf(value, "certificate-authority-data"),
    "proxy-url": fieldOf(value, "proxy-url"),
    config: extensionOf(value),
  };
  const isAsked = fieldOf(exec, "provideClusterInfo") === true;
  return {
    apiVersion: textOf(exec, "apiVersion") ?? "client.authentication.k8s.io/v1",
    kind: "ExecCredential",
    spec: { interactive: false, ...(isAsked ? { cluster } : {}) },
  };
}

function extensionOf(cluster: JsonObject): unknown {
  const own = listOf(cluster, "extensions").find((one) => textOf(one, "name") === "client.authentication.k8s.io/exec");
  return fieldOf(own, "extension");
}

/** `as` is the library's; groups, uid and extra are not (kubernetes.io "Authenticating", user impersonation). */
function impersonation(user: JsonObject): Readonly<Record<string, string | string[]>> {
  const groups = textsOf(user, "as-groups");
  const uid = textOf(user, "as-uid");
  const extra = fieldOf(user, "as-user-extra");
  const extras = Object.keys(isObject(extra) ? extra : {}).map(
    (key) => [`Impersonate-Extra-${encodeURIComponent(key)}`, textsOf(extra, key)] as const,
  );
  return {
    ...(groups.length === 0 ? {} : { "Impersonate-Group": groups }),
    ...(uid === undefined ? {} : { "Impersonate-Uid": uid }),
    ...Object.fromEntries(extras),
  };
}
