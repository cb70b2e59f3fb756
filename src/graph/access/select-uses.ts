import type { AccessGraph } from "../../model/access.ts";
import { requestPattern } from "../../model/request-pattern.ts";

/** Use of the API after the operator's word. */
export interface SelectedUses {
  readonly access: AccessGraph;
  /** What matched nothing that was seen. */
  readonly idle: readonly string[];
}

/** Takes the uses out that somebody rejected, as `requestPattern` reads it. */
export function selectUses(access: AccessGraph, rejected: readonly string[]): SelectedUses {
  if (rejected.length === 0) return { access, idle: [] };
  const patterns = rejected.map((text) => ({ text, matches: requestPattern(text) }));
  const uses = access.uses.filter((use) => !patterns.some(({ matches }) => matches(use)));
  const idle = patterns.filter(({ matches }) => !access.uses.some(matches)).map(({ text }) => text);
  return { access: { ...access, uses }, idle };
}
