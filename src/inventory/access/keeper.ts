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
  const label = (key: string): string | undefined => textOf(fieldOf(metadata, "labels"), key);
  const annotation = (key: string): string | undefined => textOf(fieldOf(metadata, "annotations"), key);
  if (label("kubernetes.io/bootstrapping") !== undefined) return "Kubernetes makes it anew at each start";
  if (annotation("rbac.authorization.kubernetes.io/autoupdate") === "true") {
    return "Kubernetes puts back at each start what is missing in it";
  }
  if (textOf(metadata, "name")?.startsWith("system:") === true) return "its name is reserved for Kubernetes";
  const owner = listOf(fieldAt(metadata, "ownerReferences"))[0];
  if (owner !== undefined) return `${textOf(owner, "kind") ?? "something"} ${textOf(owner, "name") ?? ""} owns it`;
  if (label("olm.owner") !== undefined) return "the Operator Lifecycle Manager made it";
  if (label("addonmanager.kubernetes.io/mode") === "Reconcile") return "the cluster's addon manager puts it back";
  const release = annotation("meta.helm.sh/release-name");
  const isHelms = release !== undefined || label("app.kubernetes.io/managed-by") === "Helm";
  if (!isHelms || isWritten) return undefined;
  return release === undefined ? "Helm manages it" : `Helm manages it (release ${release})`;
}
