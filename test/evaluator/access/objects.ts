import type { Identity, NonResourceAttributes, ResourceAttributes } from "../../../src/model/access.ts";
import type { BindingManifest, PolicyRule, RbacSubject, RoleManifest } from "../../../src/model/rbac.ts";
import { certainGroups } from "../../../src/model/service-account.ts";

const VERSION = "rbac.authorization.k8s.io/v1";
const GROUP = "rbac.authorization.k8s.io";

/** `get pods`, `get,list pods,services`, `create pods/exec named web`: a rule of the core group, in short. */
export function rule(text: string, apiGroup = ""): PolicyRule {
  const [verbs = "", resources = "", , names] = text.split(" ");
  return {
    apiGroups: [apiGroup],
    resources: resources.split(","),
    ...(names === undefined ? {} : { resourceNames: names.split(",") }),
    verbs: verbs.split(","),
  };
}

/** `get /metrics`: a rule about paths. */
export function pathRule(text: string): PolicyRule {
  const [verbs = "", paths = ""] = text.split(" ");
  return { nonResourceURLs: paths.split(","), verbs: verbs.split(",") };
}

/** `shop/reader` is a Role, `reader` a ClusterRole. */
export function role(path: string, ...rules: readonly PolicyRule[]): RoleManifest {
  const [namespace, name] = partsOf(path);
  return namespace === undefined
    ? { apiVersion: VERSION, kind: "ClusterRole", metadata: { name }, rules }
    : { apiVersion: VERSION, kind: "Role", metadata: { name, namespace }, rules };
}

/** `shop/b` is a RoleBinding, `b` a ClusterRoleBinding; `Role x` or `ClusterRole x` is what it is of. */
export function binding(path: string, of: string, ...subjects: readonly RbacSubject[]): BindingManifest {
  const [namespace, name] = partsOf(path);
  const [kind, roleName = ""] = of.split(" ");
  return {
    apiVersion: VERSION,
    kind: namespace === undefined ? "ClusterRoleBinding" : "RoleBinding",
    metadata: namespace === undefined ? { name } : { name, namespace },
    roleRef: { apiGroup: GROUP, kind: kind === "Role" ? "Role" : "ClusterRole", name: roleName },
    subjects,
  };
}

function partsOf(path: string): readonly [namespace: string | undefined, name: string] {
  const [first = "", second] = path.split("/");
  return second === undefined ? [undefined, first] : [first, second];
}

/** `shop/web`; without a namespace, one of the binding's. */
export function account(path: string): RbacSubject {
  const [namespace, name] = partsOf(path);
  return { kind: "ServiceAccount", name, ...(namespace === undefined ? {} : { namespace }) };
}

export function group(name: string): RbacSubject {
  return { kind: "Group", apiGroup: GROUP, name };
}

export function user(name: string): RbacSubject {
  return { kind: "User", apiGroup: GROUP, name };
}

/** `shop/web` is a ServiceAccount, everything else a user. */
export function identity(who: string, ...groups: readonly string[]): Identity {
  const [namespace, name] = partsOf(who);
  const username = namespace === undefined ? who : `system:serviceaccount:${namespace}:${name}`;
  return { username, groups: [...certainGroups(username), ...groups] };
}

/** `get pods`, `get pods/log in shop named web`, `list deployments.apps in shop`: what is asked, in short. */
export function ask(text: string): ResourceAttributes {
  const [, verb = "", type = "", namespace = "", name = ""] =
    /^(\S+) (\S+)(?: in (\S+))?(?: named (\S+))?$/u.exec(text) ?? [];
  const [whole = "", subresource = ""] = type.split("/");
  const [resource = "", ...rest] = whole.split(".");
  return { kind: "resource", verb, apiGroup: rest.join("."), resource, subresource, namespace, name };
}

/** `get /metrics`. */
export function askPath(text: string): NonResourceAttributes {
  const [verb = "", path = ""] = text.split(" ");
  return { kind: "non-resource", verb, path };
}
