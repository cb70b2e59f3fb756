import type { CheckFinding } from "../../model/check-finding.ts";
import type { Severity } from "../../model/finding.ts";
import type { ManifestObject, ManifestPath, Place } from "../../model/manifest-object.ts";

/** What a finding needs; the rest has defaults. */
export interface FindingDraft {
  readonly code: string;
  readonly severity: Severity;
  readonly about: string;
  readonly message: string;
  readonly choice: string;
  readonly place: Place | undefined;
  readonly related?: CheckFinding["related"];
  readonly evidence?: CheckFinding["evidence"];
  readonly details?: CheckFinding["details"];
  /** What tells this finding from others of its code about the same thing, without lines and counts. */
  readonly detail: string;
}

/** Makes a finding of its draft. */
export function findingOf(draft: FindingDraft): CheckFinding {
  const { detail, related = [], details = [], evidence, ...rest } = draft;
  return { ...rest, related, details, evidence, identity: JSON.stringify([draft.code, draft.about, detail]) };
}

/** The place of a part of an object. */
export function placeOf({ file, lineOf }: ManifestObject, path: ManifestPath): Place {
  return { file, line: lineOf(path) };
}

/** The first names of a list and how many follow. */
export function namesOf(names: readonly string[], most = 3): string {
  const rest = names.length - most;
  return rest <= 0 ? names.join(", ") : `${names.slice(0, most).join(", ")} and ${rest} more`;
}
