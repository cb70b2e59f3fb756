import type { Repository } from "../../model/repository.ts";
import { whyNotWritten } from "../closed-paths.ts";

/**
 * Why no manifest may be written to this path of a repository, a sentence's end; undefined: it may. Not in git's or the host's
 * own folders, and not behind a link.
 */
export function pathObstacle(repository: Repository, path: string): string | undefined {
  const closed = whyNotWritten(path);
  if (closed !== undefined) return closed;
  const parts = path.split("/");
  if (parts[0]?.toLowerCase() === ".github") return "lies where no manifests belong";
  for (const index of parts.keys()) {
    const found = repository.files.get(parts.slice(0, index + 1).join("/"));
    const isPlain = found?.kind === "file" || found?.kind === "executable";
    if (found === undefined || (isPlain && index === parts.length - 1)) continue;
    return isPlain
      ? `goes through ${found.path}, which is a file`
      : `goes through ${found.path}, which is a link or a submodule`;
  }
  return undefined;
}
