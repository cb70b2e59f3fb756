import { type FileText, type Stretch, textOf } from "./file-text.ts";

/**
 * The documents of a YAML file, each with the marker it begins with. A line that begins with `---` and a blank ends a
 * document wherever it stands, inside a block of text as well (YAML 1.2, 9.1.2), so nothing has to be parsed for it.
 */
export function splitDocuments(source: FileText): readonly Stretch[] {
  const { bytes } = source;
  const documents: Stretch[] = [];
  let start = hasByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
  for (let at = nextMarker(bytes, start + 1); at >= 0; at = nextMarker(bytes, at + 1)) {
    // What directives say is for the document behind their marker.
    if (!isDirectives(source, { start, end: at })) {
      documents.push({ start, end: at });
      start = at;
    }
  }
  return [...documents, { start, end: bytes.length }];
}

const MARKER = "---";
const LINE_AND_MARKER = `\n${MARKER}`;
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
const BLANKS: readonly (number | undefined)[] = [9, 10, 13, 32, undefined];

function hasByteOrderMark(bytes: Buffer): boolean {
  return BYTE_ORDER_MARK.every((byte, index) => bytes[index] === byte);
}

/** The marker behind a line break at or behind `from - 1`; -1 when there is none. */
function nextMarker(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(LINE_AND_MARKER, from - 1);
  while (at >= 0 && !BLANKS.includes(bytes[at + LINE_AND_MARKER.length])) at = bytes.indexOf(LINE_AND_MARKER, at + 1);
  return at < 0 ? -1 : at + 1;
}

const LONGEST_DIRECTIVES = 4096;

function isDirectives(source: FileText, stretch: Stretch): boolean {
  if (stretch.end - stretch.start > LONGEST_DIRECTIVES) return false;
  const lines = textOf(source, stretch).split(/\r?\n/u);
  return lines.some((line) => line.startsWith("%")) && lines.every((line) => /^(?:[%#]|\s*(?:#|$))/u.test(line));
}
