import { sortedBy } from "../../lib/sort.ts";
import type { CheckFinding } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";

const RANK: Readonly<Record<Severity, string>> = { error: "0", warning: "1", info: "2" };

/** Errors first, then by place and text; of equal findings one. */
export function orderedFindings(findings: readonly CheckFinding[]): readonly CheckFinding[] {
  const unique = new Map(findings.map((finding) => [keyOf(finding), finding]));
  return sortedBy(unique.values(), keyOf);
}

function keyOf({ severity, place, code, message, identity }: CheckFinding): string {
  const line = String(place?.line ?? 0).padStart(9, "0");
  return JSON.stringify([RANK[severity], place?.file ?? "", line, code, message, identity]);
}
