import { sortedBy } from "../../lib/sort.ts";
import type { FileChange, Repository, RepositoryFile } from "../../model/repository.ts";

/** The repository as it would be. */
export function withChanges(repository: Repository, changes: readonly FileChange[]): Repository {
  const files = new Map<string, RepositoryFile>(repository.files);
  for (const change of changes) {
    if (change.kind === "delete") files.delete(change.path);
    else {
      const { path, text } = change;
      files.set(path, { path, kind: "file", size: Buffer.byteLength(text), text });
    }
  }
  return { commit: undefined, files: new Map(sortedBy(files, ([path]) => path)) };
}
