import { sortedBy } from "../../lib/sort.ts";
import type { ProposedFile, ProposedManifest, Refusal } from "../../model/placement.ts";
import type { FileChange } from "../../model/repository.ts";

/** What was placed: what to change, sorted by path, and what somebody has to do by hand. */
export interface Placed {
  readonly changes: readonly FileChange[];
  readonly refused: readonly Refusal[];
}

/** What a language can't say of an object (a sentence's end; undefined: it can), and how it says the rest. */
export interface Language {
  readonly obstacle: (manifest: ProposedManifest) => string | undefined;
  readonly print: (manifest: ProposedManifest) => string;
}

/**
 * The objects of some files that go into one file, sorted by kind, namespace and name, each once. What the language can't say,
 * and what is given twice and differently, is refused in the name of that file.
 */
export function distinctObjects(
  path: string,
  files: readonly ProposedFile[],
  { obstacle, print }: Language,
): { readonly written: readonly ProposedManifest[]; readonly refused: readonly Refusal[] } {
  const written: ProposedManifest[] = [];
  const refused: Refusal[] = [];
  const all = files.flatMap((file) => file.manifests);
  const byName = Map.groupBy(sortedBy(all, objectName), objectName);
  for (const [name, manifests] of byName) {
    const [first] = manifests;
    if (first === undefined) continue;
    const isSame = new Set(manifests.map((manifest) => JSON.stringify(manifest))).size === 1;
    const because = isSame ? obstacle(first) : "is given twice, differently";
    if (because === undefined) written.push(first);
    else
      refused.push({ path, message: `${name} ${because}.`, patch: sortedBy(manifests.map(print), String).join("\n") });
  }
  return { written, refused };
}

function objectName({ kind, metadata: { namespace, name } }: ProposedManifest): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
