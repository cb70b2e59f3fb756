import path from "node:path";
import type { Repository } from "../../model/repository.ts";

/** Why nothing may be written to this path of a repository, a sentence's end; undefined: it may. */
export function pathObstacle(repository: Repository, file: string): string | undefined {
  const parts = file.split("/");
  if (
    file !== path.posix.normalize(file) ||
    path.posix.isAbsolute(file) ||
    parts.includes("..") ||
    file.includes("\\") ||
    file.includes("\0")
  ) {
    return "is no plain path inside the repository";
  }
  if (parts[0] === ".github" || parts.some((part) => part.toLowerCase() === ".git")) {
    return "lies where no manifests belong";
  }
  const link = parts
    .map((_, index) => parts.slice(0, index + 1).join("/"))
    .find((one) => ["symlink", "submodule"].includes(repository.files.get(one)?.kind ?? "file"));
  return link === undefined ? undefined : `goes through ${link}, which is a link or a submodule`;
}
