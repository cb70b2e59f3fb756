import type { KnownNamespace } from "../../model/directory.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt } from "./fields.ts";
import { lastingLabels } from "./object-labels.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";

/** Reads a Namespace; undefined for one without a name. The API server gives each a label with its name. */
export function readNamespace({ name, value }: ManifestObject): KnownNamespace | undefined {
  if (name === undefined) return undefined;
  const labels = lastingLabels({ ...labelsOf(value), [NAME_LABEL]: name });
  return { name, labels };
}

function labelsOf(value: unknown): Readonly<Record<string, unknown>> {
  const labels = fieldAt(value, "metadata", "labels");
  return typeof labels === "object" && labels !== null ? { ...labels } : {};
}
