import type { PlacementTarget, Unplaced } from "../../model/placement.ts";
import { markdownCode, markdownText } from "../escape.ts";
import { fenced } from "./comments.ts";

/** `shop` or `shop` on `prod`, as code, for Markdown. */
export function namespaceName({
  cluster,
  namespace,
}: {
  readonly cluster: string;
  readonly namespace: string;
}): string {
  const name = namespace === "" ? "(cluster-wide)" : markdownCode(namespace);
  return cluster === "" ? name : `${name} on ${markdownCode(cluster)}`;
}

/** What has no place, and why. */
export interface UnplacedTarget {
  readonly target: PlacementTarget;
  readonly unplaced: Unplaced;
}

/** An item for each: what it is, why it has no place, and the lines to paste in a fence. Sorted, each once. */
export function unplacedRows(all: readonly UnplacedTarget[]): readonly string[] {
  const rows = all.map(
    ({ target, unplaced: { message, snippet } }) =>
      `- ${targetName(target)}: ${markdownText(message)}\n\n${fenced("yaml", snippet)}\n`,
  );
  return [...new Set(rows)].toSorted();
}

function targetName(target: PlacementTarget): string {
  const { workload } = target;
  return workload === undefined
    ? namespaceName(target)
    : `${markdownText(workload.kind)} ${markdownCode(workload.name)} in ${namespaceName(target)}`;
}
