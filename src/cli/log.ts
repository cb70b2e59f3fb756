import type { NetlearnError } from "../lib/errors.ts";
import { terminalSentence } from "../report/escape.ts";
import { indented, paint, type TerminalStyle } from "../report/terminal-layout.ts";
import type { OutputStream } from "./io.ts";

export type LogLevel = "error" | "warning" | "info" | "debug";

/** One message for a machine; `event` is stable. */
export interface LogRecord {
  readonly level: LogLevel;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** What of all messages is shown, and how. */
export interface LogOptions {
  readonly format: "text" | "json";
  readonly level: LogLevel;
  readonly style: TerminalStyle;
}

const RANK: Readonly<Record<LogLevel, number>> = { error: 0, warning: 1, info: 2, debug: 3 };

/** The log on standard error: text for people, or one JSON object per line. It owns the line the progress bar draws on. */
export class Log {
  readonly options: LogOptions;
  readonly #stream: OutputStream;
  #beforeWrite: () => void = () => {};

  constructor(stream: OutputStream, options: LogOptions) {
    this.#stream = stream;
    this.options = options;
  }

  /** Calls `hook` before every message, for what must leave the terminal first. */
  onWrite(hook: () => void): void {
    this.#beforeWrite = hook;
  }

  shows(level: LogLevel): boolean {
    return RANK[level] <= RANK[this.options.level];
  }

  /** A message of one sentence; cluster text in it may be raw. */
  say(level: LogLevel, event: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.block([{ level, event, message, ...fields }], () => {
      const shown =
        level === "error" || level === "warning" ? `${level}: ${terminalSentence(message)}` : terminalSentence(message);
      return indented(this.options.style, 0, shown).join("\n");
    });
  }

  /** A longer text for people and, in its place, records for machines; levels decide record by record. */
  block(records: readonly LogRecord[], renderText: () => string): void {
    const shown = records.filter((record) => this.shows(record.level));
    if (shown.length === 0) {
      return;
    }
    const text = this.options.format === "json" ? shown.map(jsonLine).join("\n") : renderText();
    if (text === "") return;
    this.#beforeWrite();
    this.#stream.write(`${text}\n`);
  }

  /** An error that ends the run. */
  failure(error: NetlearnError): void {
    const { code, message, hint } = error;
    this.block([{ level: "error", event: "failed", code, message, hint }], () => {
      const { style } = this.options;
      const [first = "", ...rest] = message.split("\n").map(terminalSentence);
      const lead = `error[${code}]:`;
      const [headline = "", ...wrapped] = indented(style, 2, `${lead} ${first}`, "");
      return [
        headline.replace(lead, paint(style, ["bold", "red"], lead)),
        ...wrapped,
        ...rest.flatMap((line) => indented(style, 4, line, "  ")),
        ...(hint === undefined ? [] : indented(style, 2, terminalSentence(hint))),
      ].join("\n");
    });
  }
}

// JSON.stringify leaves C1, bidirectional and invisible characters as they are; a log viewer is a terminal too.
function jsonLine(record: LogRecord): string {
  return JSON.stringify(record).replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
    (character) =>
      character
        .split("")
        .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
        .join(""),
  );
}
