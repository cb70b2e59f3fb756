import { styleText } from "node:util";

/** How to draw on a terminal. */
export interface TerminalStyle {
  /** Columns; lines are kept within, single long words excepted. */
  readonly width: number;
  readonly colour: boolean;
  /** Show every row of every list. */
  readonly verbose: boolean;
}

export type Tone = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

/** Colours text if the style has colours. */
export function paint(style: TerminalStyle, tones: Tone | readonly Tone[], text: string): string {
  return style.colour ? styleText([tones].flat(), text, { validateStream: false }) : text;
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

/** Wrapped text whose lines all start with the same indentation, the first with `lead` in its place. */
export function indented(style: TerminalStyle, indent: number, text: string, lead = ""): readonly string[] {
  const room = Math.max(style.width - indent, 16);
  return wrapText(text, room).map((line, index) => {
    const start = index === 0 && lead !== "" ? lead.padEnd(indent) : " ".repeat(indent);
    return `${start}${line}`.trimEnd();
  });
}

/** A label and its text: side by side where there is room, else the text below. */
export function labelled(style: TerminalStyle, label: string, text: string): readonly string[] {
  if (style.width < NARROW) {
    return [paint(style, "bold", label), ...indented(style, 2, text)];
  }
  const [first = "", ...rest] = indented(style, LABEL_WIDTH, text);
  return [`${paint(style, "bold", label.padEnd(LABEL_WIDTH))}${first.slice(LABEL_WIDTH)}`, ...rest];
}

/** Rows with a number in front, aligned to the right; `more` says how many were left out. */
export function counted(
  style: TerminalStyle,
  rows: readonly { readonly count: number; readonly text: string }[],
): readonly string[] {
  const indent = style.width < NARROW ? 2 : LABEL_WIDTH;
  const shown = style.verbose ? rows : rows.slice(0, LONGEST_LIST);
  const widest = Math.max(0, ...shown.map((row) => thousands(row.count).length));
  return [
    ...shown.flatMap((row) =>
      indented(style, indent + widest + 2, row.text, " ".repeat(indent) + thousands(row.count).padStart(widest)),
    ),
    ...more(style, rows.length - shown.length, indent),
  ];
}

/** The line that says that a list goes on. */
export function more(style: TerminalStyle, hidden: number, indent: number): readonly string[] {
  return hidden <= 0
    ? []
    : indented(style, indent, `… and ${thousands(hidden)} more (see --report or --verbose)`).map((line) =>
        paint(style, "dim", line),
      );
}

/** `12345` as `12,345`, on every machine. */
export function thousands(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+(?!\d))/gu, ",");
}

/** Rows a list shows unless asked for all. */
export const LONGEST_LIST = 10;
/** Below this many columns labels stand above their text. */
export const NARROW = 60;
export const LABEL_WIDTH = 11;

/** Columns a text takes: its characters; wide ones are not told apart. */
export function columns(text: string): number {
  return Array.from(text).length;
}
