import type {
  AccessPolicySet,
  ReplacedBinding,
  SuggestedBinding,
  SuggestedRole,
} from "../../src/model/access-policy.ts";
import { OWN_LABELS } from "../../src/model/labels.ts";
import type { BindingManifest, RbacManifest, RbacMetadata, RoleManifest } from "../../src/model/rbac.ts";

/** The username or group it is for, as it is: names of objects and labels can't say all of them. */
const SUBJECT = "netlearn/subject";

const API_VERSION = "rbac.authorization.k8s.io/v1";

/** What `kubectl delete -f` needs of an object. */
export interface RbacDeletion {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: "RoleBinding" | "ClusterRoleBinding";
  readonly metadata: RbacMetadata;
}

/** Writes a policy set down as rbac.authorization.k8s.io/v1 objects: each role, and its bindings behind it. */
export function rbacManifests(set: AccessPolicySet): RbacManifest[] {
  const behind = Map.groupBy(set.bindings, roleKeyOf);
  const known = new Set(set.roles.map((role) => roleKey(role.kind, role.namespace, role.name)));
  return [
    ...set.roles.flatMap((role) => [
      roleManifest(role),
      ...(behind.get(roleKey(role.kind, role.namespace, role.name)) ?? []).map(bindingManifest),
    ]),
    ...set.bindings.filter((binding) => !known.has(roleKeyOf(binding))).map(bindingManifest),
  ];
}

/** The bindings in force that may be removed as a whole, with as much of them as `kubectl delete -f` needs. */
export function rbacDeletions(set: AccessPolicySet): RbacDeletion[] {
  return removable(set)
    .filter(({ keptSubjects }) => keptSubjects.length === 0)
    .map(({ kind, namespace, name }) => ({ apiVersion: API_VERSION, kind, metadata: metadata(namespace, name) }));
}

/** The bindings in force that keep some of their subjects, for `kubectl apply -f`: labels and annotations stay as they are. */
export function rbacEdits(set: AccessPolicySet): BindingManifest[] {
  return removable(set)
    .filter(({ keptSubjects }) => keptSubjects.length > 0)
    .map(({ kind, namespace, name, role, keptSubjects }) => ({
      apiVersion: API_VERSION,
      kind,
      metadata: metadata(namespace, name),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", ...role },
      subjects: keptSubjects,
    }));
}

function removable({ replaced }: AccessPolicySet): ReplacedBinding[] {
  return replaced.filter(({ keep }) => keep === undefined);
}

function roleManifest(role: SuggestedRole): RoleManifest {
  const { kind, namespace, name, rules } = role;
  return { apiVersion: API_VERSION, kind, metadata: ownMetadata(namespace, name, role.subjectName), rules };
}

function bindingManifest(binding: SuggestedBinding): BindingManifest {
  const { kind, namespace, name, role, subject } = binding;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: ownMetadata(namespace, name, subjectName(binding)),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", ...role },
    subjects: [subject],
  };
}

function subjectName({ subject }: SuggestedBinding): string {
  if (subject.kind !== "ServiceAccount") return subject.name;
  return `system:serviceaccount:${subject.namespace ?? ""}:${subject.name}`;
}

function ownMetadata(namespace: string, name: string, subject: string): RbacMetadata {
  return { ...metadata(namespace, name), labels: OWN_LABELS, annotations: { [SUBJECT]: subject } };
}

function metadata(namespace: string, name: string): RbacMetadata {
  return namespace === "" ? { name } : { name, namespace };
}

function roleKeyOf({ namespace, role }: SuggestedBinding): string {
  return roleKey(role.kind, role.kind === "Role" ? namespace : "", role.name);
}

function roleKey(kind: string, namespace: string, name: string): string {
  return JSON.stringify([kind, namespace, name]);
}
