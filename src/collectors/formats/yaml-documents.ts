import { StringDecoder } from "node:string_decoder";
import { parseDocument } from "yaml";

/** Where a document begins: its 1-based line. No part of it was reported before. */
interface YamlPosition {
  readonly line: number;
  readonly quiet: false;
}

/** What becomes of the documents of a YAML stream. */
export interface YamlTaker {
  document(value: unknown, position: YamlPosition): void;
  /** One that is longer than allowed, or no YAML: then with what the parser says. */
  fault(reason: "too-long" | "invalid-event", position: YamlPosition, beginning: string, problem?: string): void;
}

/** A line that begins another document, or ends one; in YAML these mean nothing else wherever they stand. */
const BOUNDARY = /\n(?:---|\.\.\.)(?=[ \t\r\n])/g;
const BOUNDARY_LENGTH = 5;

/** Cuts a YAML stream into its documents; no more than one is held. */
export class YamlDocuments {
  readonly #taker: YamlTaker;
  readonly #limit: number;
  readonly #decoder = new StringDecoder("utf8");
  /** The document that is being read, and how much of it is known to have no end. */
  #text = "";
  #searched = 0;
  #isTooLong = false;
  #line = 1;
  #isOver = false;

  /**
   * @param limit documents of more characters are left out
   */
  constructor(taker: YamlTaker, limit: number) {
    this.#taker = taker;
    this.#limit = limit;
  }

  /** Lines of the documents read. */
  get lines(): number {
    return this.#line - 1;
  }

  /** True after {@link end}. */
  get isOver(): boolean {
    return this.#isOver;
  }

  push(bytes: Buffer): void {
    this.#text += this.#decoder.write(bytes);
    for (let end = this.#boundary(); end !== undefined; end = this.#boundary()) {
      this.#take(this.#text.slice(0, end));
      this.#text = this.#text.slice(end);
      this.#searched = 0;
    }
    if (this.#text.length > this.#limit) {
      this.#tooLong();
    }
  }

  /** The stream is over. */
  end(): void {
    this.#text += this.#decoder.end();
    const text = this.#text;
    this.#text = "";
    this.#take(text);
    // The last line may have no break.
    this.#line += text === "" || text.endsWith("\n") ? 0 : 1;
    this.#isOver = true;
  }

  /** Where the next document begins. */
  #boundary(): number | undefined {
    BOUNDARY.lastIndex = Math.max(0, this.#searched - BOUNDARY_LENGTH);
    const found = BOUNDARY.exec(this.#text);
    this.#searched = this.#text.length;
    return found === null ? undefined : found.index + 1;
  }

  /** Of a document that is left out only the end is still looked for. */
  #tooLong(): void {
    if (!this.#isTooLong) {
      this.#taker.fault("too-long", positionAt(this.#line), this.#text.slice(0, 100));
    }
    this.#isTooLong = true;
    const rest = this.#text.slice(-BOUNDARY_LENGTH);
    this.#line += lineBreaks(this.#text) - lineBreaks(rest);
    this.#text = rest;
    this.#searched = 0;
  }

  #take(text: string): void {
    const line = this.#line;
    this.#line += lineBreaks(text);
    if (this.#isTooLong) {
      this.#isTooLong = false;
    } else if (text.length > this.#limit) {
      this.#taker.fault("too-long", positionAt(line), text.slice(0, 100));
    } else if (!EMPTY.test(text)) {
      this.#parse(text.replace(/^\.\.\..*/, ""), line);
    }
  }

  #parse(text: string, line: number): void {
    let problem: string;
    try {
      const document = parseDocument(text, { prettyErrors: false, logLevel: "error" });
      if (document.errors.length === 0) {
        this.#taker.document(document.toJS(), positionAt(line));
        return;
      }
      problem = document.errors[0]?.message ?? "";
    } catch (error) {
      // What is nested too deep for the parser, or unfolds too far by its aliases.
      problem = error instanceof Error ? error.message : String(error);
    }
    this.#taker.fault("invalid-event", positionAt(line), text.slice(0, 100), problem);
  }
}

/** Comments, directives and marks only. */
const EMPTY = /^(?:(?:---|\.\.\.)?[ \t\r]*(?:[#%].*)?(?:\n|$))*$/;

function positionAt(line: number): YamlPosition {
  return { line, quiet: false };
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
