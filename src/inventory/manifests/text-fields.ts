import type { ManifestObject, ManifestPath } from "../../model/manifest-object.ts";

/** A field the API server would refuse. */
export interface FieldProblem {
  readonly path: ManifestPath;
  /** One sentence that begins with the path. */
  readonly problem: string;
}

/**
 * The names and labels of an object that are no texts: whoever writes `version: 1` or `country: no` without quotes
 * writes a number or a boolean, and the API server refuses the whole object.
 *
 * @param pods where the template of the object's pods stands; `[]` for a pod, undefined for what makes none
 */
export function textProblems(object: ManifestObject, pods: ManifestPath | undefined): readonly FieldProblem[] {
  const inPods = pods === undefined || pods.length === 0 ? [] : metadataPaths(object, pods);
  const paths = [
    ...metadataPaths(object, []),
    ...inPods,
    ...keysOf(object, ["spec", "selector", "matchLabels"]),
    ...(pods === undefined ? [] : portNamePaths(object, pods)),
  ];
  return paths.flatMap((path) => {
    const value = valueAt(object.value, path);
    return typeof value === "string" || value === null || value === undefined ? [] : [problemAt(object, path, value)];
  });
}

function problemAt(object: ManifestObject, path: ManifestPath, value: unknown): FieldProblem {
  const misread = object.misreadAt?.(path).value;
  const found =
    misread === undefined
      ? `${JSON.stringify(value)} must be text`
      : `${misread.written} must be text, and kubectl, which reads YAML 1.1, takes it for ${JSON.stringify(value)}`;
  return { path, problem: `${pathText(path)}: ${found}; put it in quotes` };
}

function metadataPaths(object: ManifestObject, at: ManifestPath): readonly ManifestPath[] {
  const metadata = [...at, "metadata"];
  return [
    [...metadata, "name"],
    [...metadata, "namespace"],
    ...keysOf(object, [...metadata, "labels"]),
    ...keysOf(object, [...metadata, "annotations"]),
  ];
}

function portNamePaths(object: ManifestObject, pods: ManifestPath): readonly ManifestPath[] {
  return containersPaths(object, pods).flatMap((container) =>
    itemsOf(object, [...container, "ports"]).map((port) => [...port, "name"]),
  );
}

/** Where the containers of a pod template stand, those that only start it included. */
export function containersPaths({ value }: Pick<ManifestObject, "value">, pods: ManifestPath): readonly ManifestPath[] {
  return ["containers", "initContainers"].flatMap((list) => itemsOf({ value }, [...pods, "spec", list]));
}

/** The items of the list at a path; none where there is no list. */
export function itemsOf({ value }: Pick<ManifestObject, "value">, path: ManifestPath): readonly ManifestPath[] {
  const list = valueAt(value, path);
  return Array.isArray(list) ? list.map((_item, index) => [...path, index]) : [];
}

/** The fields of the mapping at a path; none where there is no mapping. */
export function keysOf({ value }: Pick<ManifestObject, "value">, path: ManifestPath): readonly ManifestPath[] {
  const mapping = valueAt(value, path);
  return isRecord(mapping) ? Object.keys(mapping).map((key) => [...path, key]) : [];
}

/** What a path leads to; undefined where it ends early. */
export function valueAt(value: unknown, path: ManifestPath): unknown {
  let at = value;
  for (const step of path) {
    if (Array.isArray(at)) at = typeof step === "number" ? at[step] : undefined;
    else at = isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined;
  }
  return at;
}

/** A path as it stands in messages: `metadata.labels["app"]`. */
export function pathText(path: ManifestPath): string {
  const steps = path.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    return /^\w+$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
  });
  return steps.join("").replace(/^\./u, "");
}

function isRecord(value: unknown): value is Readonly<Record<string | number, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
