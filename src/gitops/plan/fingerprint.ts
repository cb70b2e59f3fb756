import { createHash } from "node:crypto";
import { canonicalText } from "../../lib/canonical.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { ProposedFile } from "../../model/placement.ts";
import type { Decision } from "../../model/proposal.ts";
import type { FileChange } from "../../model/repository.ts";

/** Of a proposal, what its fingerprint is made of. */
export interface Fingerprinted {
  readonly files: readonly ProposedFile[];
  readonly changes: readonly FileChange[];
  readonly decisions: readonly Decision[];
}

/**
 * Says whether two proposals mean the same: the intended objects, the decisions and the paths are in it; counters, dates and
 * the rest of people's files are not.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf({ files, changes, decisions }: Fingerprinted): string {
  const objects = sortedBy(
    files.flatMap(({ manifests }) => manifests.map(canonicalText)),
    (text) => text,
  );
  const paths = changes.map(({ kind, path }) => `${kind} ${path}`);
  const decided = sortedBy(
    decisions.map(({ kind, what, until }) => canonicalText([kind, what, until ?? ""])),
    (text) => text,
  );
  const text = canonicalText([objects, sortedBy(paths, (path) => path), decided]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
