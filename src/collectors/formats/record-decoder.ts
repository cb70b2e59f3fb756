import type { ObservationSink, RejectionReason } from "../../model/observation.ts";
import type { AuditDecoder } from "./audit/decoder.ts";
import { PartialLines } from "./container-log.ts";
import type { EndpointTable } from "./hubble/endpoint.ts";
import { reportHubble } from "./hubble/event.ts";
import { isHumanOutput } from "./human-output.ts";
import type { FormatRule } from "./input-format.ts";
import { parseJson, preview } from "./json.ts";
import type { Leaf, UnreadLeaf } from "./leaf.ts";
import { unwrapText, unwrapValue } from "./unwrap.ts";

/** What a decoder works with. */
export interface DecoderOptions {
  /** Named in rejections. */
  readonly source: string;
  readonly sink: ObservationSink;
  readonly format: FormatRule;
  readonly endpoints: EndpointTable;
  readonly audit: AuditDecoder;
  readonly maxRecordBytes: number;
}

/** Where a record begins, and whether its failure was reported already as part of a larger one. */
export interface RecordPlace {
  readonly line: number | undefined;
  readonly quiet: boolean;
}

/** Text of one record -> observations. One for each source, since container runtimes cut lines into pieces. */
export class RecordDecoder {
  readonly #options: DecoderOptions;
  readonly #partial: PartialLines;
  #humanOutput = false;

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#partial = new PartialLines(options.maxRecordBytes);
  }

  /**
   * One line. False when it begins as JSON does and is none: then nothing is reported, as it may go on on the next
   * line.
   */
  line(text: string, place: RecordPlace): boolean {
    if (text.startsWith("{")) {
      const joined = this.#joined(text, place);
      if (joined === undefined) {
        return true;
      }
      const value = parseJson(joined);
      if (value === undefined) {
        return joined !== text && this.text(joined, place);
      }
      this.value(value, place);
      return true;
    }
    return this.text(text, place);
  }

  /** One line or value that is complete, whatever it is. Always true. */
  text(text: string, place: RecordPlace): true {
    const joined = this.#joined(text, place);
    if (joined !== undefined) {
      this.#report(unwrapText(joined, this.#options), place, joined);
    }
    return true;
  }

  /** A record that was parsed already. */
  value(value: unknown, place: RecordPlace): void {
    this.#report(unwrapValue(value, this.#options), place);
  }

  /** True while pieces of a record wait for their rest. */
  get isWaiting(): boolean {
    return this.#partial.isWaiting;
  }

  /** Reports what waited for more pieces. */
  end(line: number | undefined): void {
    for (const piece of this.#partial.rest()) {
      this.reject(
        "truncated",
        { line, quiet: false },
        `${preview(piece)} ends before its line does; its rest was rotated away`,
      );
    }
  }

  /** Reports a record that was not taken. */
  reject(reason: RejectionReason, place: RecordPlace, detail: string): void {
    if (place.quiet && QUIET.has(reason)) {
      return;
    }
    this.#options.sink.rejected({ reason, place: { source: this.#options.source, line: place.line }, detail });
  }

  #joined(text: string, place: RecordPlace): string | undefined {
    const joined = this.#partial.join(text);
    if (joined.state === "too-long") {
      this.reject("too-long", place, `a log line in pieces is longer than ${this.#options.maxRecordBytes} bytes`);
    }
    return joined.text;
  }

  #report(leaves: readonly Leaf[], place: RecordPlace, text = ""): void {
    for (const leaf of leaves) {
      if (leaf.found === undefined) {
        this.#rejectText(leaf, place, text);
      } else {
        this.#take(leaf.found, place);
      }
    }
  }

  #take(found: NonNullable<Leaf["found"]>, place: RecordPlace): void {
    const { sink, endpoints, audit } = this.#options;
    if (found.kind === "passed-over") {
      sink.otherEvent(found.name);
    } else if ("wrapper" in found) {
      const fault = reportHubble(found, sink, endpoints);
      if (fault !== undefined) {
        this.reject("invalid-flow", place, `${fault}; the record is left out`);
      }
    } else {
      const { record, fault } = audit.decode(found);
      if (record === undefined) {
        this.reject("invalid-event", place, `${fault}; the record is left out`);
      } else {
        sink.access(record);
      }
    }
  }

  /** Text meant for people is one mistake, however many lines it has. */
  #rejectText(leaf: UnreadLeaf, place: RecordPlace, text: string): void {
    const plain = leaf.reason === "not-a-flow" && text !== "" && !text.startsWith("{");
    if (plain && !this.#humanOutput && isHumanOutput(text)) {
      this.#humanOutput = true;
      this.reject(
        "human-output",
        place,
        `${preview(text)} is hubble's output for people, which lacks labels; record with \`hubble observe -o jsonpb\``,
      );
    } else if (!plain || !this.#humanOutput) {
      this.reject(leaf.reason, place, leaf.detail);
    }
  }
}

/** Reasons a part of a broken record may be left out of the count for. */
const QUIET: ReadonlySet<RejectionReason> = new Set(["invalid-json", "not-a-flow", "truncated"]);
