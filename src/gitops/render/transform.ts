import { type Fields, fieldsAt, isFields, listAt } from "../fields.ts";
import { textAt } from "./read-yaml.ts";

/** An object on its way through kustomizations. */
export interface RenderedObject {
  readonly object: Fields;
  /** The file that it stands in. */
  readonly source: string;
  /** What it was called before kustomizations renamed or moved it: what others still call it. */
  readonly formerNames: readonly string[];
  readonly formerNamespaces: readonly string[];
}

/** Kinds without a namespace that stand in repositories (kustomize asks the OpenAPI document of Kubernetes). */
const CLUSTER_SCOPED = new Set([
  "APIService",
  "ClusterRole",
  "ClusterRoleBinding",
  "CSIDriver",
  "CustomResourceDefinition",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Kinds that keep their names (kustomize, api/filters/prefix: skipped by default). */
const NEVER_RENAMED = new Set(["APIService", "CustomResourceDefinition", "Namespace"]);

/** Empty where it is missing. */
export function kindOf(object: Fields): string {
  return textAt(object, "kind");
}

/** Empty where it is missing. */
export function nameOf(object: Fields): string {
  return textAt(fieldsAt(object, "metadata"), "name");
}

/** Empty where it is missing. */
export function namespaceOf(object: Fields): string {
  return textAt(fieldsAt(object, "metadata"), "namespace");
}

function withMetadata(object: Fields, fields: Fields): Fields {
  return { ...object, metadata: { ...fieldsAt(object, "metadata"), ...fields } };
}

/** `namespace:`, and what it does to accounts that bindings name. */
export function setNamespace(objects: readonly RenderedObject[], namespace: string): RenderedObject[] {
  if (namespace === "") return [...objects];
  const moved = objects.map((item): RenderedObject => {
    const kind = kindOf(item.object);
    if (kind === "Namespace") return { ...item, object: withMetadata(item.object, { name: namespace }) };
    if (CLUSTER_SCOPED.has(kind)) return item;
    const formerNamespaces = [...item.formerNamespaces, namespaceOf(item.object)];
    return { ...item, object: withMetadata(item.object, { namespace }), formerNamespaces };
  });
  const withDefault = moved.map((item) =>
    withSubjects(item, (subject) => (textAt(subject, "name") === "default" ? { ...subject, namespace } : subject)),
  );
  return withReferences(withDefault);
}

/** `namePrefix:` and `nameSuffix:`. */
export function rename(objects: readonly RenderedObject[], prefix: string, suffix: string): RenderedObject[] {
  if (prefix === "" && suffix === "") return [...objects];
  const renamed = objects.map((item): RenderedObject => {
    if (NEVER_RENAMED.has(kindOf(item.object))) return item;
    const name = nameOf(item.object);
    const object = withMetadata(item.object, { name: `${prefix}${name}${suffix}` });
    return { ...item, object, formerNames: [...item.formerNames, name] };
  });
  return withReferences(renamed);
}

/** Bindings follow roles and accounts of the same build that were renamed or moved. */
function withReferences(objects: readonly RenderedObject[]): RenderedObject[] {
  return objects.map((item) => {
    if (!kindOf(item.object).endsWith("RoleBinding")) return item;
    const reference = fieldsAt(item.object, "roleRef");
    const role = objects.find(
      (other) =>
        kindOf(other.object) === textAt(reference, "kind") &&
        other.formerNames.includes(textAt(reference, "name")) &&
        (kindOf(other.object) === "ClusterRole" || namespaceOf(other.object) === namespaceOf(item.object)),
    );
    const roleRef = role === undefined ? reference : { ...reference, name: nameOf(role.object) };
    return withSubjects({ ...item, object: { ...item.object, roleRef } }, (subject) => followed(subject, objects));
  });
}

function followed(subject: Fields, objects: readonly RenderedObject[]): Fields {
  const name = textAt(subject, "name");
  const namespace = textAt(subject, "namespace");
  const account = objects.find(
    ({ object, formerNames, formerNamespaces }) =>
      kindOf(object) === "ServiceAccount" &&
      (nameOf(object) === name || formerNames.includes(name)) &&
      (namespaceOf(object) === namespace || formerNamespaces.includes(namespace)),
  );
  if (account === undefined) return subject;
  const moved = namespaceOf(account.object);
  return { ...subject, name: nameOf(account.object), ...(moved === "" ? {} : { namespace: moved }) };
}

function withSubjects(item: RenderedObject, change: (subject: Fields) => Fields): RenderedObject {
  const { object } = item;
  if (!kindOf(object).endsWith("RoleBinding") || !Array.isArray(object["subjects"])) return item;
  const subjects = listAt(object, "subjects").map((subject) =>
    isFields(subject) && kindOf(subject) === "ServiceAccount" ? change(subject) : subject,
  );
  return { ...item, object: { ...object, subjects } };
}

/** `labels:` and `commonLabels:`; selectors are those of policies, peers among them (kustomize issue 5912). */
export function label(
  objects: readonly RenderedObject[],
  pairs: Readonly<Record<string, string>>,
  includeSelectors: boolean,
): RenderedObject[] {
  if (Object.keys(pairs).length === 0) return [...objects];
  return objects.map((item) => {
    const labels = { ...fieldsAt(item.object, "metadata", "labels"), ...pairs };
    const object = withMetadata(item.object, { labels });
    const isPolicy = includeSelectors && kindOf(object) === "NetworkPolicy";
    return { ...item, object: isPolicy ? { ...object, spec: labelledSpec(fieldsAt(object, "spec"), pairs) } : object };
  });
}

function labelledSpec(spec: Fields, pairs: Fields): Fields {
  const rules = (key: "ingress" | "egress", peers: "from" | "to") =>
    Array.isArray(spec[key]) ? { [key]: listAt(spec, key).map((rule) => labelledRule(rule, peers, pairs)) } : {};
  return { ...labelledSelector(spec, pairs), ...rules("ingress", "from"), ...rules("egress", "to") };
}

function labelledRule(rule: unknown, key: "from" | "to", pairs: Fields): unknown {
  if (!isFields(rule) || !Array.isArray(rule[key])) return rule;
  return { ...rule, [key]: listAt(rule, key).map((peer) => (isFields(peer) ? labelledSelector(peer, pairs) : peer)) };
}

/** Selectors without `matchLabels` are left alone. */
function labelledSelector(holder: Fields, pairs: Fields): Fields {
  const selector = fieldsAt(holder, "podSelector");
  if (!isFields(selector["matchLabels"])) return holder;
  return { ...holder, podSelector: { ...selector, matchLabels: { ...selector["matchLabels"], ...pairs } } };
}

/** `commonAnnotations:`. */
export function annotate(
  objects: readonly RenderedObject[],
  pairs: Readonly<Record<string, string>>,
): RenderedObject[] {
  if (Object.keys(pairs).length === 0) return [...objects];
  return objects.map((item) => {
    const annotations = { ...fieldsAt(item.object, "metadata", "annotations"), ...pairs };
    return { ...item, object: withMetadata(item.object, { annotations }) };
  });
}
