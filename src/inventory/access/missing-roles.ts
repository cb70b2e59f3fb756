import { some } from "../../lib/some.ts";
import { by } from "../../lib/sort.ts";
import { DEFAULT_BINDINGS, DEFAULT_ROLES } from "../../model/default-rbac.ts";
import type { Finding } from "../../model/finding.ts";
import type { KnownBinding, KnownRole, RbacGaps, RbacState } from "../../model/rbac.ts";
import { RBAC_KINDS, type RbacKind } from "./read-object.ts";

type Objects = Pick<RbacState, "roles" | "bindings">;

/** With the roles and bindings that every cluster has, where they were not given and might have been removed by nobody. */
export function withDefaults({ roles, bindings }: Objects, whole: ReadonlySet<RbacKind>): Objects {
  return {
    roles: merged(roles, whole.has("ClusterRole") ? [] : DEFAULT_ROLES),
    bindings: merged(bindings, whole.has("ClusterRoleBinding") ? [] : DEFAULT_BINDINGS),
  };
}

/** Those given count. ClusterRoles and ClusterRoleBindings stand first of their kinds. */
function merged<Known extends KnownRole | KnownBinding>(
  given: readonly Known[],
  defaults: readonly Known[],
): readonly Known[] {
  const isClusterWide = ({ kind }: Known): boolean => kind === "ClusterRole" || kind === "ClusterRoleBinding";
  const clusterWide = given.filter(isClusterWide);
  const names = new Set(clusterWide.map(({ metadata }) => metadata.name));
  const added = defaults.filter(({ metadata }) => !names.has(metadata.name));
  return [
    ...[...clusterWide, ...added].toSorted(by(({ metadata }) => metadata.name)),
    ...given.filter((known) => !isClusterWide(known)),
  ];
}

/** Roles that bindings refer to and that are not there: unknown, or known not to exist. */
export function missingRoles(
  objects: Objects,
  whole: ReadonlySet<RbacKind>,
): { readonly state: RbacState; readonly findings: readonly Finding[] } {
  const known = new Set(
    objects.roles.map(({ kind, metadata }) => keyOf(kind, metadata.namespace ?? "", metadata.name)),
  );
  const unknown = new Map<string, RbacGaps["unknownRoles"][number]>();
  const [notGiven, absent]: [string[], string[]] = [[], []];
  for (const { kind: bindingKind, metadata, roleRef, place } of objects.bindings) {
    const { kind, name } = roleRef;
    const namespace = kind === "Role" ? (metadata.namespace ?? "") : "";
    const key = keyOf(kind, namespace, name);
    if (known.has(key)) continue;
    const text = `${labelOf(kind, namespace, name)} of ${labelOf(bindingKind, metadata.namespace ?? "", metadata.name)} (${place})`;
    if (whole.has(kind)) absent.push(text);
    else {
      notGiven.push(text);
      unknown.set(key, { kind, namespace, name });
    }
  }
  const unknownRoles = [...unknown].toSorted(by(([key]) => key)).map(([, role]) => role);
  const isPartial = RBAC_KINDS.some((kind) => !whole.has(kind));
  return {
    state: isPartial || unknownRoles.length > 0 ? { ...objects, gaps: { isPartial, unknownRoles } } : objects,
    findings: [...(isPartial ? [PARTIAL] : []), ...unknownFindings(notGiven), ...absentFindings(absent)],
  };
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}\0${namespace}\0${name}`;
}

function labelOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}

const DUMP = "kubectl get roles,clusterroles,rolebindings,clusterrolebindings -A -o yaml";

const PARTIAL: Finding = {
  code: "rbac-partial",
  severity: "info",
  about: undefined,
  message:
    "Not all of the cluster's RBAC was given: roles and bindings that stand elsewhere may be in force, and what they grant is not known.",
  choice: `Give all of it: --cluster, or a dump (${DUMP}).`,
};

function unknownFindings(roles: readonly string[]): readonly Finding[] {
  if (roles.length === 0) return [];
  return [
    {
      code: "role-unknown",
      severity: "warning",
      about: undefined,
      message: `Bindings are of roles that were not given: ${some(roles)}. What they grant is not known, so whoever is bound by them may hold more than is said here.`,
      choice: `Give the roles too: --cluster, or a dump (${DUMP}).`,
    },
  ];
}

function absentFindings(roles: readonly string[]): readonly Finding[] {
  if (roles.length === 0) return [];
  return [
    {
      code: "role-absent",
      severity: "info",
      about: undefined,
      message: `Bindings are of roles that do not exist: ${some(roles)}. They grant nothing until somebody makes a role of that name.`,
      choice: "Remove them, or mend their roleRef.",
    },
  ];
}
