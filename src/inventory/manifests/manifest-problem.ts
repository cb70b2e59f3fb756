import type { Fault } from "./fault.ts";
import { type FileText, type Stretch, textOf } from "./file-text.ts";

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

/** A template of Helm instead of what it is rendered to. */
export function templateProblem(file: string, line: number): ManifestProblem {
  return {
    code: "template-not-rendered",
    file,
    line,
    message: "this is a template with {{ ... }} in it, not a manifest: what it will be is not known here",
    choice: "Render it first with `helm template` and check the result: helm template CHART | netlearn check -",
    excerpt: undefined,
  };
}

/**
 * Something that can't be parsed.
 *
 * @param what was lost: nothing else in the file was
 */
export function unparsable(
  source: FileText,
  { stretch, fault }: { readonly stretch: Stretch; readonly fault: Fault },
  what: "document" | "item",
): ManifestProblem {
  const before = fault.offset === 0 ? 0 : Buffer.byteLength(textOf(source, stretch).slice(0, fault.offset));
  const at = stretch.start + before;
  const { where, excerpt } = around(source, at);
  return {
    code: fault.choice === undefined ? "manifest-unparsable" : "manifest-unreadable",
    file: source.file,
    line: source.lineAt(at),
    message: `${fault.message} (${where})`,
    choice: fault.choice ?? `Mend the file; nothing in this ${what} was checked.`,
    excerpt,
  };
}

const NEWLINE = 10;
const LONGEST_LINE = 64 * 1024;
const LONGEST_EXCERPT = 100;

/** A place in its line, and the line with a caret below it where that fits. */
function around(source: FileText, at: number): { readonly where: string; readonly excerpt: string | undefined } {
  const { bytes } = source;
  const from = Math.max(at - LONGEST_LINE, 0);
  const newline = bytes.subarray(from, at).lastIndexOf(NEWLINE);
  // Dumps of one line: nobody counts that far, but an editor can go there.
  if (newline < 0 && from > 0) return { where: `byte ${at + 1}`, excerpt: undefined };
  const start = from + newline + 1;
  const column = textOf(source, { start, end: at }).length + 1;
  // A character takes at most four bytes.
  const [line = ""] = textOf(source, { start, end: start + 4 * LONGEST_EXCERPT }).split(/\r?\n/u, 1);
  const isShown = line.length > 0 && column <= LONGEST_EXCERPT;
  return {
    where: `column ${column}`,
    excerpt: isShown ? `${line.slice(0, LONGEST_EXCERPT)}\n${" ".repeat(column - 1)}^` : undefined,
  };
}
