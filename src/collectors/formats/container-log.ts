import type { Fields } from "./json.ts";
import { isFields, own, parseJson } from "./json.ts";

/** A line of a container's log file, as the kubelet's CRI format or Docker's json-file driver writes it. */
interface ContainerLine {
  readonly stream: string;
  /** True when the runtime cut a long line here and goes on in the next entry. */
  readonly partial: boolean;
  readonly text: string;
  /** The same entry with another text. */
  readonly with: (text: string) => string;
}

/** A line with its pieces put together, or why there is none yet. */
export type JoinedLine =
  | { readonly state: "whole"; readonly text: string }
  | { readonly state: "pending" | "too-long"; readonly text: undefined };

/** `<RFC 3339> stdout F <text>`; tags after `P`/`F` are reserved (kubernetes/kubernetes pkg/kubelet/kuberuntime/logs). */
const CRI = /^(\d{4}-\d\d-\d\dT\S+) (stdout|stderr) ([FP])(?::\S*)?(?: ([\s\S]*))?$/;

/** What a line of a CRI log file says; undefined when `text` is no such line. */
export function criText(text: string): string | undefined {
  return criLine(text)?.text;
}

/** Puts the pieces of a long line together again. One for each log file: pieces of different files must not meet. */
export class PartialLines {
  readonly #limit: number;
  readonly #pending = new Map<string, string>();

  /** @param limit how many characters a line put together may have */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What a line of the file says once all its pieces are there; the line itself when it is no container log. */
  join(line: string): JoinedLine {
    const entry = criLine(line) ?? this.#dockerLine(line);
    if (entry === undefined) {
      return { state: "whole", text: line };
    }
    const before = this.#pending.get(entry.stream) ?? "";
    if (before.length + entry.text.length > this.#limit) {
      this.#pending.delete(entry.stream);
      return { state: "too-long", text: undefined };
    }
    if (entry.partial) {
      this.#pending.set(entry.stream, before + entry.text);
      return { state: "pending", text: undefined };
    }
    this.#pending.delete(entry.stream);
    return { state: "whole", text: before === "" ? line : entry.with(before + entry.text) };
  }

  /** True while pieces wait for their rest. */
  get isWaiting(): boolean {
    return this.#pending.size > 0;
  }

  /** The pieces that nothing completed. */
  rest(): readonly string[] {
    const pieces = [...this.#pending.values()];
    this.#pending.clear();
    return pieces;
  }

  /** Docker marks the end of a line with its line break; a whole JSON text without one is no piece either. */
  #dockerLine(line: string): ContainerLine | undefined {
    if (!line.startsWith('{"log":"')) {
      return undefined;
    }
    const value = parseJson(line);
    const entry = isFields(value) ? dockerEntry(value) : undefined;
    if (entry === undefined) {
      return undefined;
    }
    const open = this.#pending.has(entry.stream) || entry.text.startsWith("{");
    return open ? { ...entry, partial: entry.partial && !this.#completes(entry) } : undefined;
  }

  #completes(entry: ContainerLine): boolean {
    return parseJson((this.#pending.get(entry.stream) ?? "") + entry.text) !== undefined;
  }
}

function criLine(line: string): ContainerLine | undefined {
  const match = CRI.exec(line);
  if (match === null) {
    return undefined;
  }
  const [, time = "", stream = "", tag = "", text = ""] = match;
  return { stream, partial: tag === "P", text, with: (whole) => `${time} ${stream} F ${whole}` };
}

function dockerEntry(fields: Fields): ContainerLine | undefined {
  const text = own(fields, "log");
  const stream = own(fields, "stream");
  if (typeof text !== "string" || typeof stream !== "string") {
    return undefined;
  }
  return { stream, partial: !text.endsWith("\n"), text, with: (log) => JSON.stringify({ log, stream }) };
}
