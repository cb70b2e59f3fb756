import { fieldAt, fieldOf, listOf, textOf } from "../objects/fields.ts";

/**
 * Who keeps an object of RBAC as it is, so that nobody else may change it: half a sentence for people; undefined for one
 * that is its owner's to change.
 *
 * @param value the object
 * @param isWritten true where it stands in a manifest too, which is its source then
 */
export function keeperOf(value: unknown, isWritten: boolean): string | undefined {
  const metadata = fieldOf(value, "metadata");
  return kubernetesKeeps(metadata) ?? operatorKeeps(metadata) ?? (isWritten ? undefined : helmKeeps(metadata));
}

function kubernetesKeeps(metadata: unknown): string | undefined {
  if (labelOf(metadata, "kubernetes.io/bootstrapping") !== undefined) return "Kubernetes makes it anew at each start";
  if (annotationOf(metadata, "rbac.authorization.kubernetes.io/autoupdate") === "true") {
    return "Kubernetes puts back at each start what is missing in it";
  }
  return textOf(metadata, "name")?.startsWith("system:") === true ? "its name is reserved for Kubernetes" : undefined;
}

function operatorKeeps(metadata: unknown): string | undefined {
  const [owner] = listOf(fieldAt(metadata, "ownerReferences"));
  if (owner !== undefined) return `${textOf(owner, "kind") ?? "something"} ${textOf(owner, "name") ?? ""} owns it`;
  if (labelOf(metadata, "olm.owner") !== undefined) return "the Operator Lifecycle Manager made it";
  const isAddon = labelOf(metadata, "addonmanager.kubernetes.io/mode") === "Reconcile";
  return isAddon ? "the cluster's addon manager puts it back" : undefined;
}

function helmKeeps(metadata: unknown): string | undefined {
  const release = annotationOf(metadata, "meta.helm.sh/release-name");
  if (release !== undefined) return `Helm manages it (release ${release})`;
  return labelOf(metadata, "app.kubernetes.io/managed-by") === "Helm" ? "Helm manages it" : undefined;
}

function labelOf(metadata: unknown, key: string): string | undefined {
  return textOf(fieldOf(metadata, "labels"), key);
}

function annotationOf(metadata: unknown, key: string): string | undefined {
  return textOf(fieldOf(metadata, "annotations"), key);
}
