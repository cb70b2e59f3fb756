import type { ManifestObject, ManifestPath, Misread } from "../../model/manifest-object.ts";
import { containersPaths, itemsOf, keysOf, valueAt } from "./text-fields.ts";

/** A key or number that means one thing to kubectl and another one to whoever reads YAML 1.2. */
export interface MisreadField {
  readonly object: ManifestObject;
  readonly path: ManifestPath;
  readonly what: "key" | "number";
  readonly misread: Misread;
}

/** Those of a NetworkPolicy, where every key and number decides something. */
export function misreadInPolicy(object: ManifestObject): readonly MisreadField[] {
  return object.misreadAt === undefined ? [] : pathsBelow(object, []).flatMap((path) => misreadAt(object, path));
}

/**
 * Those of a workload or namespace that say something about the network: keys of labels, and ports.
 *
 * @param pods where the template of the object's pods stands; undefined for what makes none
 */
export function misreadInLabels(object: ManifestObject, pods: ManifestPath | undefined): readonly MisreadField[] {
  if (object.misreadAt === undefined) return [];
  const paths = [
    ...keysOf(object, ["metadata", "labels"]),
    ...(pods === undefined ? [] : [...keysOf(object, [...pods, "metadata", "labels"]), ...portPaths(object, pods)]),
  ];
  return paths.flatMap((path) => misreadAt(object, path));
}

function portPaths(object: ManifestObject, pods: ManifestPath): readonly ManifestPath[] {
  return containersPaths(object, pods).flatMap((container) =>
    itemsOf(object, [...container, "ports"]).map((port) => [...port, "containerPort"]),
  );
}

function misreadAt(object: ManifestObject, path: ManifestPath): readonly MisreadField[] {
  const { key, value } = object.misreadAt?.(path) ?? {};
  return [
    ...(key === undefined || typeof path.at(-1) === "number"
      ? []
      : [{ object, path, what: "key" as const, misread: key }]),
    // What is no number and has to be text is refused anyway, with the reason.
    ...(typeof value?.byKubectl === "number" && NUMBERS.has(path.at(-1))
      ? [{ object, path, what: "number" as const, misread: value }]
      : []),
  ];
}

const NUMBERS: ReadonlySet<string | number | undefined> = new Set(["port", "endPort", "containerPort"]);

function pathsBelow(object: ManifestObject, path: ManifestPath): readonly ManifestPath[] {
  const value = valueAt(object.value, path);
  const own = Array.isArray(value) ? itemsOf(object, path) : keysOf(object, path);
  return own.flatMap((below) => [below, ...pathsBelow(object, below)]);
}
