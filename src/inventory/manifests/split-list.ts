import type { FileText, Stretch } from "./file-text.ts";

/** A document whose `items` stand below each other. */
export interface SplitList {
  /** What stands around the items, `items:` itself at the end of the first. */
  readonly around: readonly [Stretch, Stretch];
  /** Each with the dash it begins with. */
  readonly items: readonly Stretch[];
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const HASH = 35;
const DASH = 45;

/**
 * Splits a document that is a List in block style, as `kubectl get -o yaml` writes it, where its lines say how: an
 * item begins at a dash in the column of the first one, since nothing inside an item may stand so far left (YAML 1.2,
 * 8.1 and 8.2). Whoever uses the pieces has to parse each: where a piece alone is no YAML, only the whole can tell.
 *
 * @returns undefined for a document that is not written so
 */
export function splitList({ bytes }: FileText, document: Stretch): SplitList | undefined {
  const itemsAt = findItems(bytes, document);
  if (itemsAt === undefined) return undefined;
  const { starts, end } = findDashes(bytes, { start: itemsAt, end: document.end });
  const [first] = starts;
  if (first === undefined) return undefined;
  return {
    around: [
      { start: document.start, end: first },
      { start: end, end: document.end },
    ],
    items: starts.map((start, index) => ({ start, end: starts[index + 1] ?? end })),
  };
}

/** The lines in which items begin, and where the line behind the last item does. */
function findDashes(bytes: Buffer, lines: Stretch): { readonly starts: readonly number[]; readonly end: number } {
  const starts: number[] = [];
  let column = -1;
  for (let line = lines.start; line < lines.end; line = nextLine(bytes, line)) {
    const first = firstOf(bytes, line);
    if (isBlank(bytes[first])) continue;
    if (column < 0) column = first - line;
    if (first - line > column) continue;
    if (first - line < column || !isItem(bytes, first)) return { starts, end: line };
    starts.push(line);
  }
  return { starts, end: lines.end };
}

/** True for the first byte of a line that holds nothing, or a comment. */
function isBlank(byte: number | undefined): boolean {
  return byte === undefined || byte === NEWLINE || byte === RETURN || byte === HASH;
}

function isItem(bytes: Buffer, at: number): boolean {
  return bytes[at] === DASH && [SPACE, NEWLINE, RETURN, undefined].includes(bytes[at + 1]);
}

const KEY = "items:";

// What stands before the items of a List is a few lines.
const LONGEST_HEAD = 64 * 1024;

/** Where the line behind a line `items:` begins. */
function findItems(bytes: Buffer, { start, end }: Stretch): number | undefined {
  const head = bytes.subarray(start, Math.min(end, start + LONGEST_HEAD));
  for (let at = head.indexOf(KEY); at >= 0; at = head.indexOf(KEY, at + 1)) {
    const behind = firstOf(head, at + KEY.length);
    const isLine = (at === 0 || head[at - 1] === NEWLINE) && isBlank(head[behind]);
    if (isLine) return start + nextLine(head, behind);
  }
  return undefined;
}

function firstOf(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === SPACE) at++;
  return at;
}

function nextLine(bytes: Buffer, from: number): number {
  const at = bytes.indexOf(NEWLINE, from);
  return at < 0 ? bytes.length : at + 1;
}
