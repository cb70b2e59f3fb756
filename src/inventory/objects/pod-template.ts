import type { Labels } from "../../model/graph.ts";
import type { InventoryWorkload } from "../../model/inventory.ts";
import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";
import { type FieldProblem, textProblems } from "../manifests/text-fields.ts";
import { fieldOf, groupOf, isRecord, listOf } from "./fields.ts";
import { readLabels } from "./object-labels.ts";
import { readPorts } from "./pod-spec.ts";

/** Where each kind keeps the template of its pods; a pod is its own. */
const TEMPLATES: ReadonlyMap<string, { readonly group: string; readonly path: readonly string[] }> = new Map([
  ["Pod", { group: "", path: [] }],
  ["ReplicationController", { group: "", path: ["spec", "template"] }],
  ["Deployment", { group: "apps", path: ["spec", "template"] }],
  ["StatefulSet", { group: "apps", path: ["spec", "template"] }],
  ["DaemonSet", { group: "apps", path: ["spec", "template"] }],
  ["ReplicaSet", { group: "apps", path: ["spec", "template"] }],
  ["Job", { group: "batch", path: ["spec", "template"] }],
  ["CronJob", { group: "batch", path: ["spec", "jobTemplate", "spec", "template"] }],
]);

/** True for an object that makes pods, or is one. */
export function makesPods({ apiVersion, kind }: ManifestObject): boolean {
  return TEMPLATES.get(kind)?.group === groupOf(apiVersion);
}

/** Where the template of its pods stands in an object that {@link makesPods}. */
export function podsPath({ kind }: ManifestObject): ManifestPath {
  return TEMPLATES.get(kind)?.path ?? [];
}

/**
 * Reads the pods of an object that {@link makesPods}.
 *
 * @returns the workload; undefined for pods that have run to their end, which no policy concerns; what is wrong when
 *   it says nothing usable
 */
export function readWorkload(object: ManifestObject): InventoryWorkload | readonly FieldProblem[] | undefined {
  const { kind, namespace, name, value } = object;
  const path = podsPath(object);
  const problems = textProblems(object, path);
  if (problems.length > 0) return problems;
  if (name === undefined) return [problemAt(["metadata", "name"], "is missing, so its pods can't be told apart")];
  const template = path.reduce<unknown>((at, key) => fieldOf(at, String(key)), value);
  if (!isRecord(template)) return [problemAt(path, "is missing, so nothing is known of its pods")];
  const labels = readLabels(fieldOf(fieldOf(template, "metadata"), "labels"));
  if (labels === undefined) return [problemAt([...path, "metadata", "labels"], "must be a mapping of texts")];
  const spec = fieldOf(template, "spec");
  const status = kind === "Pod" ? fieldOf(value, "status") : undefined;
  const phase = fieldOf(status, "phase");
  if (phase === "Succeeded" || phase === "Failed") return undefined;
  const node = fieldOf(spec, "nodeName");
  return {
    kind,
    namespace,
    name,
    owner: `${namespace}/${kind === "Pod" ? ownerName(value, labels) : name}`,
    labels,
    ports: readPorts(spec),
    hostNetwork: fieldOf(spec, "hostNetwork") === true,
    ips: readAddresses(status),
    node: kind === "Pod" && typeof node === "string" ? node : undefined,
    labelsPath: labelsPath(path, template),
    object,
  };
}

/** Something that is wrong with a field. */
export function problemAt(path: ManifestPath, problem: string): FieldProblem {
  return { path, problem: `${path.join(".")}: ${problem}` };
}

function labelsPath(path: ManifestPath, template: unknown): ManifestPath {
  const metadata = fieldOf(template, "metadata");
  return fieldOf(metadata, "labels") === undefined ? path : [...path, "metadata", "labels"];
}

/** The controller's name; a Deployment's ReplicaSets and a CronJob's Jobs carry a suffix of their own. */
function ownerName(pod: unknown, labels: Labels): string {
  const metadata = fieldOf(pod, "metadata");
  const own = String(fieldOf(metadata, "name"));
  const owners = listOf(fieldOf(metadata, "ownerReferences"));
  const owner = owners.find((one) => fieldOf(one, "controller") === true) ?? owners[0];
  const name = fieldOf(owner, "name");
  if (typeof name !== "string") return own;
  const hash = new Map(Object.entries(labels)).get("pod-template-hash");
  if (hash !== undefined && name.endsWith(`-${hash}`)) return name.slice(0, -hash.length - 1);
  return fieldOf(owner, "kind") === "Job" ? name.replace(/-\d{8,10}$/u, "") : name;
}

function readAddresses(status: unknown): readonly string[] {
  const listed = listOf(fieldOf(status, "podIPs")).map((entry) => fieldOf(entry, "ip"));
  return [...new Set([fieldOf(status, "podIP"), ...listed])].filter((ip) => typeof ip === "string");
}
