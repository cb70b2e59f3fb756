import { clusterOfEntry, clusterOfEnvelope } from "./audit/cluster.ts";
import { flatEvent, logSourceOf } from "./audit/envelope.ts";
import { originOfEntry } from "./audit/gke.ts";
import type { AuditSource } from "./audit/recognise.ts";
import { eventListItems, isAuditEvent, logEntryKind } from "./audit/recognise.ts";
import { criText } from "./container-log.ts";
import { recogniseHubble } from "./hubble/event.ts";
import type { FormatRule } from "./input-format.ts";
import type { Fields } from "./json.ts";
import { isFields, own, parseJson, preview, previewValue } from "./json.ts";
import type { Leaf } from "./leaf.ts";
import { brokenJson, foundLeaf, isTaken, notAFlow, tooDeep, wrongFormat } from "./leaf.ts";
import { nested, otlpRecords } from "./otlp.ts";
import { unpackBase64 } from "./packed-text.ts";

/** How deep envelopes may be packed into each other: every object opened counts, and every unpacking of a text. */
const DEEPEST = 6;

/** Where shippers put the line or the parsed record, in the order they are tried when no format is pinned. */
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
  "kubernetes.audit",
  "kubernetes_audit",
  "events",
  "items",
] as const;

/** What the unwrapping of one record needs to know. */
export interface UnwrapOptions {
  readonly format: FormatRule;
  /** Bytes a compressed text inside a record may unfold to. */
  readonly maxRecordBytes: number;
}

/** Finds the Hubble objects and audit events in a text: a JSON text, a line with a prefix before it, several lines, base64. */
export function unwrapText(text: string, options: UnwrapOptions): readonly Leaf[] {
  return new Unwrapper(options).text(text, 0);
}

/** As {@link unwrapText}, for a text that is parsed already. Empty for an empty list. */
export function unwrapValue(value: unknown, options: UnwrapOptions): readonly Leaf[] {
  return new Unwrapper(options).value(value, 0);
}

const NO_SOURCE: AuditSource = { origin: undefined, cluster: undefined };

class Unwrapper {
  readonly #options: UnwrapOptions;
  /** What the envelopes opened so far say of their log. */
  #source: AuditSource = NO_SOURCE;

  constructor(options: UnwrapOptions) {
    this.#options = options;
  }

  text(text: string, depth: number): readonly Leaf[] {
    if (depth > DEEPEST) {
      return [tooDeep(DEEPEST)];
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
      return [tooDeep(DEEPEST)];
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
      return [brokenJson(preview(text))];
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
    const bare = this.#bare(fields, pinned);
    if (bare !== undefined) {
      return bare;
    }
    const found = this.#envelope(fields, depth, pinned);
    if (pinned !== undefined && !found.some(isTaken)) {
      return [wrongFormat(pinned, fields)];
    }
    return found;
  }

  /** What an object is by its own members, whatever stands beside them. */
  #bare(fields: Fields, pinned: FormatRule | undefined): readonly Leaf[] | undefined {
    const root = pinned?.root ?? "any";
    if (root === "any" || root === "audit") {
      if (isAuditEvent(fields)) {
        return [this.#event(fields)];
      }
      const items = eventListItems(fields);
      if (items !== undefined) {
        return items.map((item) => (isFields(item) ? this.#event(item) : notAFlow(previewValue(item))));
      }
    }
    const hubble = root === "any" || root === "hubble" ? recogniseHubble(fields) : undefined;
    return hubble === undefined ? undefined : [foundLeaf(hubble)];
  }

  #event(fields: Fields): Leaf {
    return foundLeaf({ kind: "audit-event", fields, source: this.#source });
  }

  #envelope(fields: Fields, depth: number, pinned: FormatRule | undefined): readonly Leaf[] {
    const entry = mayHold(pinned, "protoPayload") ? logEntryKind(fields) : undefined;
    if (entry !== undefined) {
      return [this.#logEntry(entry, fields)];
    }
    const source = logSourceOf(fields);
    if (source?.kind === "other") {
      return [foundLeaf({ kind: "passed-over", name: source.name })];
    }
    const outer = this.#source;
    const cluster = clusterOfEnvelope(fields);
    if (source !== undefined || cluster !== undefined) {
      this.#source = { origin: source?.origin ?? outer.origin, cluster: cluster ?? outer.cluster };
    }
    const leaves = this.#opened(fields, depth, pinned);
    this.#source = outer;
    return leaves;
  }

  #logEntry(kind: "kubernetes" | "other", fields: Fields): Leaf {
    if (kind === "other") {
      return foundLeaf({ kind: "passed-over", name: "google-cloud-other-service" });
    }
    const source = { origin: originOfEntry(fields), cluster: clusterOfEntry(fields) ?? this.#source.cluster };
    return foundLeaf({ kind: "audit-log-entry", fields, source });
  }

  #opened(fields: Fields, depth: number, pinned: FormatRule | undefined): readonly Leaf[] {
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
    const odd = pinned !== undefined && pinned.root !== "any" ? undefined : this.#oddlyNamed(fields);
    return odd ?? found ?? nothing();
  }

  /** Fluent Bit's Merge_Log_Key may be called anything, and hubble-otel and Elastic may flatten what they were given. */
  #oddlyNamed(fields: Fields): readonly Leaf[] | undefined {
    const flat = recogniseHubble(nested(fields));
    if (flat !== undefined) {
      return [foundLeaf(flat)];
    }
    const event = flatEvent(fields);
    if (event !== undefined && isAuditEvent(event)) {
      return [this.#event(event)];
    }
    for (const value of Object.values(fields)) {
      const leaves = isFields(value) ? this.#bare(value, undefined) : undefined;
      if (leaves !== undefined) {
        return leaves;
      }
    }
    return undefined;
  }

  /** What the first value with anything in it holds; else the most telling of the failures. */
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

function member(fields: Fields, path: string): unknown {
  const whole = own(fields, path);
  const dot = path.indexOf(".");
  if (whole !== undefined || dot < 0) {
    return whole;
  }
  const parent = own(fields, path.slice(0, dot));
  return isFields(parent) ? own(parent, path.slice(dot + 1)) : undefined;
}

function mayHold(pinned: FormatRule | undefined, key: string): boolean {
  return pinned === undefined || pinned.keys.includes(key);
}

function mayBeOtlp(pinned: FormatRule | undefined): boolean {
  return pinned === undefined || pinned.name === "otlp-json";
}

/** Loki's values are `[nanoseconds, line]`, newer ones with metadata after it. */
function lokiLine(item: unknown): unknown {
  return Array.isArray(item) && typeof item[0] === "string" && /^\d{10,}$/.test(item[0]) ? item[1] : item;
}
