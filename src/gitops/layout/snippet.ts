import type { PlacementTarget, Unplaced } from "../../model/placement.ts";

/** Why there is no place, with what a person can paste. Names are quoted as JSON, which YAML reads as well. */
export function unplaced(
  target: PlacementTarget,
  reason: Unplaced["reason"],
  found: { readonly message: string; readonly path?: string },
): Unplaced {
  const rows: readonly (readonly [string, string])[] = [
    ["cluster", target.cluster],
    ["namespace", target.namespace],
    ["workload", target.workload?.name ?? ""],
    ["path", found.path ?? "FOLDER"],
  ];
  const lines = rows.filter(([, value]) => value !== "").map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return {
    kind: "unplaced",
    reason,
    message: found.message,
    snippet: `mappings:\n  - ${lines.join("\n    ")}\n`,
  };
}

/** `Deployment cart in shop`, `namespace shop`, for a sentence. */
export function called({ namespace, workload }: PlacementTarget): string {
  if (workload !== undefined) return `${workload.kind} ${workload.name} in ${namespace}`;
  return namespace === "" ? "what is cluster-scoped" : `namespace ${namespace}`;
}
