import { by } from "../../src/lib/sort.ts";
import type { Repository, RepositoryFile } from "../../src/model/repository.ts";

/**
 * A repository that holds these texts, by path.
 *
 * @param links paths of symbolic links
 */
export function repositoryOf(texts: Readonly<Record<string, string>>, links: readonly string[] = []): Repository {
  const files: RepositoryFile[] = [
    ...Object.entries(texts).map(([path, text]) => {
      return { path, kind: "file" as const, size: Buffer.byteLength(text), text };
    }),
    ...links.map((path) => ({ path, kind: "symlink" as const, size: 1, text: undefined })),
  ];
  return { commit: undefined, files: new Map(files.toSorted(by(({ path }) => path)).map((file) => [file.path, file])) };
}
