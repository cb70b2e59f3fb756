/**
 * What went wrong with a file or an object in it; the rest still counts. `code`: `manifest-unparsable` (no YAML),
 * `manifest-unreadable` (too large, binary, no permission), `template-not-rendered`, `directory-loop`.
 */
export interface ManifestProblem {
  readonly code: "directory-loop" | "manifest-unparsable" | "manifest-unreadable" | "template-not-rendered";
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** One sentence; may hold text of the file. */
  readonly message: string;
  readonly choice: string;
  /** The line of the file and, below it, a caret; undefined where there is none to show. */
  readonly excerpt: string | undefined;
}

/** A problem with a file as a whole. */
export function unreadable(file: string, message: string, choice: string): ManifestProblem {
  return { code: "manifest-unreadable", file, line: 1, message, choice, excerpt: undefined };
}
