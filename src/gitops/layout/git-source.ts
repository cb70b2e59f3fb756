import type { GitSource } from "./origin.ts";
import { textAt } from "./values.ts";

// A commit, a version, a range of versions: Argo CD asks the repository which it is.
const FIXED = /^(?:[0-9a-f]{7,40}|v?\d+(?:\.[\dx*]+)*(?:[-+].*)?|refs\/tags\/.*|.*[*^~<>=\s].*)$/iu;

/** Where a source of an Application, or a generator of an ApplicationSet, reads from. */
export function gitSource(source: unknown, isHere: boolean): GitSource {
  const revision = textAt(source, "targetRevision") ?? textAt(source, "revision");
  return {
    address: textAt(source, "repoURL"),
    revision,
    fixed: revision !== undefined && FIXED.test(revision) ? "looks" : "no",
    isHere,
  };
}
