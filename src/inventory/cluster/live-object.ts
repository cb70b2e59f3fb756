import { sortedBy } from "../../lib/sort.ts";
import type { JsonObject } from "../../model/kubernetes-api.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";

const onlyLine = (): number => 1;
const notMisread: ManifestObject["misreadAt"] = () => ({ key: undefined, value: undefined });

/**
 * Objects of a live cluster as if they stood in a file: one line each, sorted by group, kind, namespace and name, so that
 * the order in which a cluster tells of them changes nothing.
 *
 * @param source what stands for the file's name
 */
export function liveObjects(values: readonly JsonObject[], source: string): readonly ManifestObject[] {
  return sortedBy(values, sortKey).map((value, document) => liveObject(value, source, document));
}

function sortKey(value: JsonObject): string {
  const metadata = recordOf(value["metadata"]);
  const { group } = groupAndKind(value);
  const parts = [value["kind"], metadata["namespace"], metadata["name"]];
  return [group, ...parts.map((part) => textOf(part) ?? "")].join("\0");
}

function liveObject(value: JsonObject, source: string, document: number): ManifestObject {
  const metadata = recordOf(value["metadata"]);
  return {
    apiVersion: textOf(value["apiVersion"]) ?? "",
    kind: textOf(value["kind"]) ?? "",
    name: textOf(metadata["name"]),
    // As manifests of cluster-wide objects are read.
    namespace: textOf(metadata["namespace"]) ?? "default",
    value,
    file: source,
    document,
    lineOf: onlyLine,
    misreadAt: notMisread,
  };
}

/** A kind of any version. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** The owner that controls an object; the first one where none says that it does. */
export function controllerOf(value: JsonObject): GroupKind | undefined {
  const references = recordOf(value["metadata"])["ownerReferences"];
  const owners = (Array.isArray(references) ? references : []).map(recordOf);
  const owner = owners.find((one) => one["controller"] === true) ?? owners[0];
  const found = owner === undefined ? undefined : groupAndKind(owner);
  return found?.kind === "" ? undefined : found;
}

/** What an object, or a reference to one, is. */
export function groupAndKind(value: JsonObject): GroupKind {
  const apiVersion = textOf(value["apiVersion"]) ?? "";
  const slash = apiVersion.indexOf("/");
  return { group: slash < 0 ? "" : apiVersion.slice(0, slash), kind: textOf(value["kind"]) ?? "" };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function recordOf(value: unknown): JsonObject {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
