import type { RejectionReason } from "../../model/observation.ts";
import { criText } from "./container-log.ts";
import type { HubbleObject } from "./hubble/event.ts";
import { recogniseHubble } from "./hubble/event.ts";
import type { FormatRule } from "./input-format.ts";
import type { Fields } from "./json.ts";
import { isFields, own, parseJson, preview, previewValue } from "./json.ts";
import { nested, otlpRecords } from "./otlp.ts";
import { unpackBase64 } from "./packed-text.ts";

/** What was found inside a record: an object of Hubble's, or why there is none at that place. */
export type Leaf =
  | { readonly hubble: HubbleObject; readonly reason: undefined; readonly detail: undefined }
  | { readonly hubble: undefined; readonly reason: RejectionReason; readonly detail: string };

/** How deep envelopes may be packed into each other: every object opened counts, and every unpacking of a text. */
const DEEPEST = 6;

/** Where shippers put the line or the parsed flow, in the order they are tried when no format is pinned. */
const KEYS = [
  "log_processed",
  "log",
  "message",
  "msg",
  "body",
  "payload",
  "jsonPayload",
  "textPayload",
  "properties",
  "line",
  "event.original",
  "short_message",
  "json",
  "data",
  "record",
  "records",
  "streams",
  "values",
  "logEvents",
  "awslogs",
  "result",
] as const;

/** What the unwrapping of one record needs to know. */
export interface UnwrapOptions {
  readonly format: FormatRule;
  /** Bytes a compressed text inside a record may unfold to. */
  readonly maxRecordBytes: number;
}

/** Finds the Hubble objects in a text: a JSON text, a line with a prefix before it, several lines, base64. Never empty. */
export function unwrapText(text: string, options: UnwrapOptions): readonly Leaf[] {
  return new Unwrapper(options).text(text, 0);
}

/** As {@link unwrapText}, for a text that is parsed already. */
export function unwrapValue(value: unknown, options: UnwrapOptions): readonly Leaf[] {
  return new Unwrapper(options).value(value, 0);
}

class Unwrapper {
  readonly #options: UnwrapOptions;

  constructor(options: UnwrapOptions) {
    this.#options = options;
  }

  text(text: string, depth: number): readonly Leaf[] {
    if (depth > DEEPEST) {
      return [tooDeep()];
    }
    const trimmed = text.trim();
    if (/^[[{"]/.test(trimmed)) {
      const value = parseJson(trimmed);
      if (value !== undefined) {
        return this.value(value, typeof value === "string" ? depth + 1 : depth);
      }
    }
    if (trimmed.includes("\n")) {
      const lines = trimmed.split("\n").filter((line) => line.trim() !== "");
      return lines.flatMap((line) => this.text(line, depth + 1));
    }
    return this.#prefixed(trimmed, depth);
  }

  value(value: unknown, depth: number): readonly Leaf[] {
    if (depth > DEEPEST) {
      return [tooDeep()];
    }
    if (typeof value === "string") {
      return this.text(value, depth);
    }
    if (Array.isArray(value)) {
      return value.flatMap((item) => this.value(lokiLine(item), Array.isArray(item) ? depth + 1 : depth));
    }
    return isFields(value) ? this.#object(value, depth) : [notAFlow(previewValue(value))];
  }

  /** A text that is no JSON as a whole: base64, or something (a time, a pod's name) before the JSON. */
  #prefixed(text: string, depth: number): readonly Leaf[] {
    if (text.startsWith("{")) {
      return [
        {
          hubble: undefined,
          reason: "invalid-json",
          detail: `${preview(text)} is broken JSON; the record is left out`,
        },
      ];
    }
    const { format } = this.#options;
    if (depth > 0 || format.prefix) {
      const unpacked = unpackBase64(text, this.#options.maxRecordBytes);
      if (unpacked !== undefined) {
        return this.text(unpacked, depth + 1);
      }
      const line = criText(text);
      if (line !== undefined) {
        return this.text(line, depth + 1);
      }
      const start = format.name === "cri" && depth === 0 ? -1 : text.search(/\{\s*"/);
      const value = start < 0 ? undefined : parseJson(text.slice(start));
      if (value !== undefined) {
        return this.value(value, depth + 1);
      }
    }
    return [notAFlow(preview(text))];
  }

  #object(fields: Fields, depth: number): readonly Leaf[] {
    const pinned = depth === 0 && this.#options.format.name !== "auto" ? this.#options.format : undefined;
    const hubble = pinned === undefined || pinned.root ? recogniseHubble(fields) : undefined;
    if (hubble !== undefined) {
      return [{ hubble, reason: undefined, detail: undefined }];
    }
    const found = this.#envelope(fields, depth, pinned);
    if (pinned !== undefined && !found.some(isTaken)) {
      return [wrongFormat(pinned, fields)];
    }
    return found;
  }

  #envelope(fields: Fields, depth: number, pinned: FormatRule | undefined): readonly Leaf[] {
    const nothing = (): readonly Leaf[] => [notAFlow(previewValue(fields))];
    const records = mayBeOtlp(pinned) ? otlpRecords(fields) : undefined;
    if (records !== undefined) {
      return records.flatMap((candidates) => this.#firstTaken(candidates, depth) ?? nothing());
    }
    const keys = pinned?.keys ?? KEYS;
    const values = keys.map((path) => member(fields, path)).filter((value) => value !== undefined);
    const found = this.#firstTaken(values, depth);
    if (found?.some(isTaken) === true) {
      return found;
    }
    const odd = pinned?.root === false ? undefined : oddlyNamed(fields);
    return odd === undefined ? (found ?? nothing()) : [odd];
  }

  /** What the first value with a flow in it holds; else the most telling of the failures. */
  #firstTaken(values: readonly unknown[], depth: number): readonly Leaf[] | undefined {
    let failure: readonly Leaf[] | undefined;
    for (const value of values) {
      const leaves = this.value(value, depth + 1);
      if (leaves.some(isTaken)) {
        return leaves;
      }
      if (failure === undefined || failure[0]?.reason === "not-a-flow") {
        failure = leaves.length === 0 ? failure : leaves;
      }
    }
    return failure;
  }
}

/** Fluent Bit's Merge_Log_Key may be called anything, and hubble-otel may flatten the flow. */
function oddlyNamed(fields: Fields): Leaf | undefined {
  const flat = recogniseHubble(nested(fields));
  if (flat !== undefined) {
    return { hubble: flat, reason: undefined, detail: undefined };
  }
  for (const value of Object.values(fields)) {
    const hubble = isFields(value) ? recogniseHubble(value) : undefined;
    if (hubble !== undefined) {
      return { hubble, reason: undefined, detail: undefined };
    }
  }
  return undefined;
}

function member(fields: Fields, path: string): unknown {
  const whole = own(fields, path);
  const dot = path.indexOf(".");
  if (whole !== undefined || dot < 0) {
    return whole;
  }
  const parent = own(fields, path.slice(0, dot));
  return isFields(parent) ? own(parent, path.slice(dot + 1)) : undefined;
}

function mayBeOtlp(pinned: FormatRule | undefined): boolean {
  return pinned === undefined || pinned.name === "otlp-json";
}

/** Loki's values are `[nanoseconds, line]`, newer ones with metadata after it. */
function lokiLine(item: unknown): unknown {
  return Array.isArray(item) && typeof item[0] === "string" && /^\d{10,}$/.test(item[0]) ? item[1] : item;
}

function isTaken(leaf: Leaf): boolean {
  return leaf.hubble !== undefined;
}

function tooDeep(): Leaf {
  return {
    hubble: undefined,
    reason: "too-deep",
    detail: `more than ${DEEPEST} envelopes in each other; ship the flow with fewer`,
  };
}

/** @param shown the beginning of what was found */
function notAFlow(shown: string): Leaf {
  return {
    hubble: undefined,
    reason: "not-a-flow",
    detail: `${shown} holds no Hubble flow; use the Hubble exporter or \`hubble observe -o jsonpb\``,
  };
}

function wrongFormat(format: FormatRule, fields: Fields): Leaf {
  const detail = `${previewValue(fields)} is no ${format.name} record (${format.description}); drop --format to have it recognised`;
  return { hubble: undefined, reason: "not-a-flow", detail };
}
