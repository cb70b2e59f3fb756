import type { GitSource } from "./origin.ts";
import { textAt } from "./values.ts";

// A commit, a version, a range of versions: what Argo CD takes for no branch, as far as its text tells.
const FIXED = /^(?:[0-9a-f]{7,40}|v?\d+(?:\.[\dx*]+)*(?:[-+].*)?|refs\/tags\/.*|.*[*^~<>=\s].*)$/iu;

/** Where a source of an Application, or a generator of an ApplicationSet, reads from. */
export function gitSource(source: unknown, isHere: boolean): GitSource {
  const revision = textAt(source, "targetRevision") ?? textAt(source, "revision");
  return {
    address: textAt(source, "repoURL"),
    revision,
    isFixed: revision !== undefined && FIXED.test(revision),
    isHere,
  };
}
