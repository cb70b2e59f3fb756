import { sortedBy } from "../../lib/sort.ts";
import type { FileChange, Repository, RepositoryFile } from "../../model/repository.ts";

const FILES = new WeakMap<FileChange, RepositoryFile>();

/** The file that a change writes; of one change always the same, so that it is read once. */
export function fileOf(change: Extract<FileChange, { kind: "write" }>): RepositoryFile {
  const { path, text } = change;
  const file = FILES.get(change) ?? { path, kind: "file", size: Buffer.byteLength(text), text };
  FILES.set(change, file);
  return file;
}

/** The repository as it would be. */
export function withChanges(repository: Repository, changes: readonly FileChange[]): Repository {
  const files = new Map<string, RepositoryFile>(repository.files);
  for (const change of changes) {
    if (change.kind === "delete") files.delete(change.path);
    else files.set(change.path, fileOf(change));
  }
  return { commit: undefined, files: new Map(sortedBy(files, ([path]) => path)) };
}
