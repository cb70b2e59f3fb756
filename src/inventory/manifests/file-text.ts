/** The bytes of a file, and which line each of them is on. */
export interface FileText {
  /** Its name as shown to people. */
  readonly file: string;
  /** UTF-8. */
  readonly bytes: Buffer;
  /** The line of a byte, counted from 1. */
  readonly lineAt: (offset: number) => number;
}

/** Some of the bytes of a file. */
export interface Stretch {
  readonly start: number;
  /** Behind the last byte. */
  readonly end: number;
}

const NEWLINE = 10;
const BLOCK = 4 * 1024;

/** The text of a file; lines are counted when the first is asked for. */
export function fileText(file: string, bytes: Buffer): FileText {
  let counted: Uint32Array | undefined;
  return {
    file,
    bytes,
    lineAt: (offset) => {
      counted ??= countLines(bytes);
      const block = Math.min(Math.floor(offset / BLOCK), counted.length - 1);
      return 1 + (counted[block] ?? 0) + newlinesIn(bytes, { start: block * BLOCK, end: offset });
    },
  };
}

/** A part of the file as text. */
export function textOf({ bytes }: FileText, { start, end }: Stretch): string {
  return bytes.toString("utf8", start, end);
}

/** How many line breaks lie before each block of bytes. */
function countLines(bytes: Buffer): Uint32Array {
  const counts = new Uint32Array(Math.floor(bytes.length / BLOCK) + 1);
  let total = 0;
  for (let block = 0; block < counts.length; block++) {
    counts[block] = total;
    total += newlinesIn(bytes, { start: block * BLOCK, end: Math.min((block + 1) * BLOCK, bytes.length) });
  }
  return counts;
}

function newlinesIn(bytes: Buffer, { start, end }: Stretch): number {
  // A view, so that no search runs on to the next line break, which may be far away.
  const part = bytes.subarray(start, end);
  let count = 0;
  for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
