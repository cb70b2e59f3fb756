import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";
import type { Node, Read, ReadDocument } from "./documents.ts";
import type { FileText } from "./file-text.ts";
import type { PlaceFinder } from "./places.ts";

/** What an object of a file needs to know of it. */
export interface ObjectSource {
  readonly text: FileText;
  readonly places: PlaceFinder;
  /** For objects that name no namespace. */
  readonly namespace: string;
  /** Index of the document in the file. */
  readonly document: number;
}

/** The Kubernetes objects of a document, those of a List taken out of it. */
export function objectsOf({ whole, items }: ReadDocument, source: ObjectSource): readonly ManifestObject[] {
  if ("fault" in whole) return [];
  if (items === undefined) return objectsIn(whole.value, whole.node, source);
  if (isRecord(whole.value) && isListKind(whole.value)) {
    const { kind, apiVersion } = whole.value;
    return items.flatMap((item) =>
      "fault" in item ? [] : objectsIn(typed(item.value, { kind, apiVersion }), item.node, source),
    );
  }
  const values = items.flatMap((item: Read) => ("fault" in item ? [] : [item.value]));
  // Something else that has items, such as a ResourceQuota's scope: an object of its own, or nothing.
  if (values.length < items.length || !isRecord(whole.value)) return [];
  return objectsIn({ ...whole.value, items: values }, { ...whole.node, hasMisread: true }, source);
}

/** True for a document that is a List with nothing in it. */
export function isEmptyList({ whole, items }: ReadDocument): boolean {
  return !("fault" in whole) && items === undefined && isRecord(whole.value) && isList(whole.value);
}

function objectsIn(value: unknown, node: Node, source: ObjectSource): readonly ManifestObject[] {
  if (!isRecord(value)) return [];
  const { kind, apiVersion } = value;
  if (isList(value)) {
    return value.items.flatMap((item, index) =>
      objectsIn(typed(item, { kind, apiVersion }), { ...node, path: [...node.path, "items", index] }, source),
    );
  }
  // A policy that somebody forgot to finish is refused by name later on, not passed over.
  const version = apiVersion === undefined && kind === "NetworkPolicy" ? "" : apiVersion;
  if (typeof kind !== "string" || typeof version !== "string") return [];
  return [objectOf(value, { kind, apiVersion: version }, node, source)];
}

/** The API leaves kind and apiVersion of the items to the list where it is a typed one: `PodList` v1 holds `Pod`s v1. */
function typed(item: unknown, { kind, apiVersion }: { readonly kind: unknown; readonly apiVersion: unknown }): unknown {
  const own = String(kind).slice(0, -LIST.length);
  if (!isRecord(item) || own === "") return item;
  return { ...item, kind: item["kind"] ?? own, apiVersion: item["apiVersion"] ?? apiVersion };
}

const LIST = "List";

function isListKind({ kind }: Readonly<Record<string, unknown>>): boolean {
  return typeof kind === "string" && kind.endsWith(LIST);
}

function isList(
  value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & { readonly items: readonly unknown[] } {
  return isListKind(value) && Array.isArray(value["items"]);
}

function objectOf(
  value: Readonly<Record<string, unknown>>,
  type: { readonly kind: string; readonly apiVersion: string },
  node: Node,
  { text, places, namespace, document }: ObjectSource,
): ManifestObject {
  const metadata = isRecord(value["metadata"]) ? value["metadata"] : undefined;
  const name = metadata?.["name"];
  const own = metadata?.["namespace"];
  const isSilent = own === undefined || own === null || own === "";
  const at = (path: ManifestPath): Node => ({ ...node, path: [...node.path, ...path] });
  return {
    ...type,
    name: typeof name === "string" ? name : undefined,
    namespace: typeof own === "string" && own !== "" ? own : namespace,
    value: metadata !== undefined && isSilent ? { ...value, metadata: { ...metadata, namespace } } : value,
    file: text.file,
    document,
    lineOf: (path) => places.lineOf(at(path)),
    misreadAt: node.hasMisread ? (path) => places.misreadAt(at(path)) : undefined,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
