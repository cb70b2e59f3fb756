import type { FileChange } from "../../model/repository.ts";
import { type Edit, editsBetween } from "./line-edits.ts";

const CONTEXT = 3;

/**
 * The changes as a unified diff that `git apply` takes, byte for byte: with modes of new and deleted files, line ends as they
 * are, files without a line break at their end, and names quoted as git does.
 *
 * @returns empty when nothing differs
 */
export function patchText(changes: readonly FileChange[]): string {
  return changes.map(patchOf).join("");
}

function patchOf(change: FileChange): string {
  const after = change.kind === "write" ? change.text : undefined;
  const { before } = change;
  if (before === after) return "";
  const a = quoted(`a/${change.path}`);
  const b = quoted(`b/${change.path}`);
  const mode = modeLine(before, after);
  const hunks = hunksOf(before ?? "", after ?? "");
  // An empty file has no hunk, and git wants no names of sides without one: its mode says that it comes or goes.
  const sides = hunks === "" ? "" : `--- ${side(before, a)}\n+++ ${side(after, b)}\n`;
  return `diff --git ${a} ${b}\n${mode}${sides}${hunks}`;
}

function modeLine(before: string | undefined, after: string | undefined): string {
  if (before === undefined) return "new file mode 100644\n";
  return after === undefined ? "deleted file mode 100644\n" : "";
}

/** A blank in a name is followed by a tab, as otherwise what comes after it could be a time. */
function side(text: string | undefined, name: string): string {
  if (text === undefined) return "/dev/null";
  return name.includes(" ") && !name.startsWith('"') ? `${name}\t` : name;
}

const ESCAPES: Readonly<Record<number, string>> = {
  7: String.raw`\a`,
  8: String.raw`\b`,
  9: String.raw`\t`,
  10: String.raw`\n`,
  11: String.raw`\v`,
  12: String.raw`\f`,
  13: String.raw`\r`,
  34: String.raw`\"`,
  92: String.raw`\\`,
};

/** A name as git writes it: in quotes, with bytes in octal, where it has other than printable ASCII in it. */
export function quoted(name: string): string {
  if (/^[ !#-[\]-~]*$/u.test(name)) return name;
  const bytes = Array.from(Buffer.from(name), (byte) => {
    const escape = ESCAPES[byte];
    if (escape !== undefined) return escape;
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCodePoint(byte);
  });
  return `"${bytes.join("")}"`;
}

/** Lines with their line feed; only the last may be without. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
}

function hunksOf(before: string, after: string): string {
  const old = linesOf(before);
  const made = linesOf(after);
  const text: string[] = [];
  let group: Edit[] = [];
  for (const edit of editsBetween(old, made)) {
    const last = group.at(-1);
    if (last !== undefined && edit.from - last.to > 2 * CONTEXT) {
      text.push(hunk(old, made, group));
      group = [];
    }
    group.push(edit);
  }
  if (group.length > 0) text.push(hunk(old, made, group));
  return text.join("");
}

function hunk(old: readonly string[], made: readonly string[], edits: readonly Edit[]): string {
  const first = edits[0];
  const last = edits.at(-1);
  if (first === undefined || last === undefined) return "";
  const start = Math.max(0, first.from - CONTEXT);
  const end = Math.min(old.length, last.to + CONTEXT);
  const madeStart = first.madeFrom - (first.from - start);
  const madeEnd = last.madeTo + (end - last.to);
  const lines: string[] = [];
  let at = start;
  for (const edit of edits) {
    lines.push(...old.slice(at, edit.from).map((line) => shown(" ", line)));
    lines.push(...old.slice(edit.from, edit.to).map((line) => shown("-", line)));
    lines.push(...made.slice(edit.madeFrom, edit.madeTo).map((line) => shown("+", line)));
    at = edit.to;
  }
  lines.push(...old.slice(at, end).map((line) => shown(" ", line)));
  return `@@ -${range(start, end)} +${range(madeStart, madeEnd)} @@\n${lines.join("")}`;
}

/** Lines count from one; an empty range stands behind the line it names. */
function range(start: number, end: number): string {
  const length = end - start;
  const first = length === 0 ? start : start + 1;
  return length === 1 ? String(first) : `${first},${length}`;
}

function shown(sign: string, line: string): string {
  return line.endsWith("\n") ? `${sign}${line}` : `${sign}${line}\n\\ No newline at end of file\n`;
}
