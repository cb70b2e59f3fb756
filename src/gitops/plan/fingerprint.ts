import { createHash } from "node:crypto";
import { canonicalText } from "../../lib/canonical.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { ProposedFile } from "../../model/placement.ts";
import type { Decision } from "../../model/proposal.ts";
import type { FileChange } from "../../model/repository.ts";
import { isKustomization } from "../paths.ts";
import { CHART_TEMPLATE_FILE } from "../place/chart.ts";
import { pathAlone } from "./named-apart.ts";
import { namespacesOf } from "./own-objects.ts";

/** Of a proposal, what its fingerprint is made of. */
export interface Fingerprinted {
  readonly files: readonly ProposedFile[];
  readonly changes: readonly FileChange[];
  readonly decisions: readonly Decision[];
}

/**
 * Says whether two proposals mean the same: the intended objects, the decisions and where they stand are in it; counters, dates
 * and the rest of people's files are not. What only brings them in (the line of a kustomization, the list of our folder, the
 * template of a chart) is not either: it is there already once another proposal is merged. Nor is what tells a file from another
 * namespace's, which may come and go.
 *
 * @returns 16 hexadecimal digits
 */
export function fingerprintOf({ files, changes, decisions }: Fingerprinted): string {
  const objects = sortedBy(
    files.flatMap(({ manifests }) => manifests.map(canonicalText)),
    (text) => text,
  );
  const namespaces = [...namespacesOf(files.flatMap(({ manifests }) => manifests))];
  const paths = changes
    .filter(({ path }) => !bringsIn(path))
    .map(({ kind, path }) => `${kind} ${namespaces.reduce(pathAlone, path)}`);
  const decided = sortedBy(
    decisions.map(({ kind, what, until }) => canonicalText([kind, what, until ?? ""])),
    (text) => text,
  );
  const text = canonicalText([objects, sortedBy(paths, (path) => path), decided]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function bringsIn(path: string): boolean {
  return isKustomization(path) || path.endsWith(`/${CHART_TEMPLATE_FILE}`);
}
