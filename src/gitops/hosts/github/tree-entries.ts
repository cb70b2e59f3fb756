import type { FileChange } from "../../../model/repository.ts";
import { foldersAround } from "../../paths.ts";
import type { TreeEntry } from "../read-tree.ts";

/** An entry of a tree as GitHub takes it. */
export interface NewTreeEntry {
  readonly path: string;
  readonly mode: "100644" | "100755";
  readonly type: "blob";
  /** Null takes the file away. */
  readonly sha?: null;
  readonly content?: string;
}

/**
 * What a commit changes, against the tree that it stands on: modes stay, links are not followed.
 *
 * @returns a text where it can't be done: one sentence
 */
export function newTreeEntries(
  changes: readonly FileChange[],
  tree: readonly TreeEntry[],
): readonly NewTreeEntry[] | string {
  const kinds = new Map(tree.map(({ path, kind }) => [path, kind]));
  const entries: NewTreeEntry[] = [];
  for (const change of changes) {
    const { path } = change;
    const kind = kinds.get(path);
    if (kind === "symlink" || kind === "submodule") return `${JSON.stringify(path)} is a ${kind} by now.`;
    const taken = [...foldersAround(path)].find((folder) => kinds.has(folder));
    if (taken !== undefined)
      return `${JSON.stringify(taken)} is a ${kinds.get(taken) ?? "file"} by now, and no folder.`;
    const mode = kind === "executable" ? "100755" : "100644";
    if (change.kind === "write") entries.push({ path, mode, type: "blob", content: change.text });
    else if (kind !== undefined) entries.push({ path, mode, type: "blob", sha: null });
  }
  return entries;
}
