import type { FileChange } from "../../model/repository.ts";

// As many lines as `git diff` shows around a change.
const CONTEXT = 3;

/** The changes as one unified diff that `git apply` takes: one hunk for each file, in the order given. */
export function unifiedPatch(changes: readonly FileChange[]): string {
  return changes.map(filePatch).join("");
}

function filePatch(change: FileChange): string {
  const before = change.before === undefined ? undefined : linesOf(change.before);
  const after = change.kind === "delete" ? undefined : linesOf(change.text);
  const from = quoted(`a/${change.path}`);
  const to = quoted(`b/${change.path}`);
  const mode =
    before === undefined ? ["new file mode 100644"] : after === undefined ? ["deleted file mode 100644"] : [];
  const hunk = hunkOf(before ?? [], after ?? []);
  const files =
    hunk.length === 0
      ? []
      : [before === undefined ? "--- /dev/null" : `--- ${from}`, after === undefined ? "+++ /dev/null" : `+++ ${to}`];
  return [`diff --git ${from} ${to}`, ...mode, ...files, ...hunk].map((line) => `${line}\n`).join("");
}

/** Lines with their line breaks: the last may have none. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
}

function hunkOf(before: readonly string[], after: readonly string[]): readonly string[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (head === before.length && head === after.length) return [];
  const start = Math.max(0, head - CONTEXT);
  const kept = Math.min(tail, CONTEXT);
  const oldEnd = before.length - tail;
  const newEnd = after.length - tail;
  return [
    `@@ -${span(start, oldEnd + kept)} +${span(start, newEnd + kept)} @@`,
    ...marked(" ", before.slice(start, head)),
    ...marked("-", before.slice(head, oldEnd)),
    ...marked("+", after.slice(head, newEnd)),
    ...marked(" ", before.slice(oldEnd, oldEnd + kept)),
  ];
}

function span(start: number, end: number): string {
  return end === start ? `${start},0` : `${start + 1},${end - start}`;
}

function marked(mark: string, lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) =>
    line.endsWith("\n") ? [mark + line.slice(0, -1)] : [mark + line, String.raw`\ No newline at end of file`],
  );
}

/** As git writes paths that hold quotes, backslashes or control characters: in C's way. */
function quoted(path: string): string {
  if (!/[\p{Cc}"\\]/u.test(path)) return path;
  const inside = path.replaceAll(/[\p{Cc}"\\]/gu, (character) =>
    /["\\]/u.test(character)
      ? `\\${character}`
      : [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
  );
  return `"${inside}"`;
}
