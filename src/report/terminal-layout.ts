import { styleText } from "node:util";
import { thousands } from "./wording.ts";

/** How to draw on a terminal. */
export interface TerminalStyle {
  /** Columns; lines are kept within, single long words excepted. */
  readonly width: number;
  readonly colour: boolean;
  /** Show every row of every list. */
  readonly verbose: boolean;
}

export type Tone = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** Rows a list shows unless asked for all. */
const LONGEST_LIST = 10;
/** Below this many columns labels stand above their text. */
const NARROW = 60;
const LABEL_WIDTH = 12;

/** Colours text if the style has colours. */
export function paint(style: TerminalStyle, tones: Tone | readonly Tone[], text: string): string {
  return style.colour ? styleText([tones].flat(), text, { validateStream: false }) : text;
}

/** Columns a text takes: its characters; wide ones are not told apart. */
export function columns(text: string): number {
  return Array.from(text).length;
}

/**
 * Breaks text at spaces.
 *
 * @param width columns of each line; a longer word stands alone on its line, whole, so that it can be copied
 * @returns lines without indentation; one empty line for empty text
 */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** Wrapped text whose lines start with an indentation, the first with `lead` in its place if there is one. */
export function indented(style: TerminalStyle, indent: number, text: string, lead?: string): readonly string[] {
  const room = Math.max(style.width - Math.max(indent, columns(lead ?? "")), 16);
  return wrapText(text, room).map((line, index) => {
    const start = index === 0 && lead !== undefined ? lead : " ".repeat(indent);
    return `${start}${line}`.trimEnd();
  });
}

/** Columns that rows below a label are indented by. */
export function rowIndent(style: TerminalStyle): number {
  return style.width < NARROW ? 2 : LABEL_WIDTH;
}

/** A label and its text: side by side where there is room, else the text below. */
export function labelled(style: TerminalStyle, label: string, text: string): readonly string[] {
  if (style.width < NARROW) {
    return [paint(style, "bold", label), ...indented(style, 2, text)];
  }
  const [first = "", ...rest] = indented(style, LABEL_WIDTH, text);
  return [`${paint(style, "bold", label.padEnd(LABEL_WIDTH))}${first.slice(LABEL_WIDTH)}`, ...rest];
}

/** Rows with a number in front, aligned to the right; a last row says how many were left out. */
export function countedRows(
  style: TerminalStyle,
  rows: readonly { readonly count: number; readonly text: string }[],
): readonly string[] {
  const indent = rowIndent(style);
  const widest = Math.max(0, ...rows.map((row) => thousands(row.count).length));
  return listed(style, rows, (row) =>
    indented(style, indent + widest + 2, row.text, `${" ".repeat(indent)}${thousands(row.count).padStart(widest)}  `),
  );
}

/** A labelled text with counted rows below it; nothing when there are no rows. */
export function section(
  style: TerminalStyle,
  label: string,
  text: string,
  rows: readonly { readonly count: number; readonly text: string }[],
): readonly string[] {
  return rows.length === 0 ? [] : [...labelled(style, label, text), ...countedRows(style, rows)];
}

/** The first rows of a list, or all where the style is verbose, and a line that says that it goes on. */
export function listed<Row>(
  style: TerminalStyle,
  rows: readonly Row[],
  render: (row: Row) => readonly string[],
): readonly string[] {
  const shown = style.verbose ? rows : rows.slice(0, LONGEST_LIST);
  const hidden = rows.length - shown.length;
  const rest = `… and ${thousands(hidden)} more (see --report or --verbose)`;
  return [
    ...shown.flatMap(render),
    ...(hidden === 0 ? [] : indented(style, rowIndent(style), rest).map((line) => paint(style, "dim", line))),
  ];
}
