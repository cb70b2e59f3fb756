const PREFIX = "system:serviceaccount:";

/** The ServiceAccount that a username stands for; undefined for everybody else. */
export function serviceAccountOf(username: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!username.startsWith(PREFIX)) return undefined;
  const [namespace = "", name = "", ...rest] = username.slice(PREFIX.length).split(":");
  return namespace === "" || name === "" || rest.length > 0 ? undefined : { namespace, name };
}

/** The username of a ServiceAccount. */
export function accountUsername({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${PREFIX}${namespace}:${name}`;
}

/**
 * The groups that the API server puts somebody in without anybody's doing (k8s.io/apiserver, pkg/authentication/user and
 * serviceaccount).
 */
export function certainGroups(username: string): readonly string[] {
  if (username === "system:anonymous") return ["system:unauthenticated"];
  const account = serviceAccountOf(username);
  const own = account === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${account.namespace}`];
  return ["system:authenticated", ...own];
}
