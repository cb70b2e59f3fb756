import {
  constructFromEvents,
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  type ScalarEvent,
  YAMLException,
} from "js-yaml";
import type { Fault } from "./fault.ts";
import { aliasFault } from "./yaml-aliases.ts";
import { kubernetesSchema } from "./yaml-schema.ts";

/** What a text holds: the values of its documents, or why nothing in it can be believed. */
export type ReadText =
  | {
      readonly values: readonly unknown[];
      /** Something in it is one thing to kubectl and another one to YAML 1.2. */
      readonly hasMisread: boolean;
    }
  | { readonly fault: Fault };

/** No schema of Kubernetes nests a tenth as deep, and each level takes room on the stack. */
export const DEEPEST = 1000;

// Merges are copies; a document of Kubernetes has a handful.
const MOST_MERGED_KEYS = 100_000;

/**
 * Reads YAML as Kubernetes' tools do. Numbers without end (`.inf`) and keys that are no text are refused, as there:
 * JSON has no word for them.
 *
 * @returns values that are plain data: what `JSON.parse` can give
 */
export function readYaml(text: string): ReadText {
  let events: Event[] = [];
  hasMisread = false;
  try {
    events = parseEvents(text, { maxDepth: DEEPEST });
    const fault = aliasFault(text, events);
    if (fault !== undefined) return { fault };
    const values = constructFromEvents(events, {
      source: text,
      schema: SCHEMA,
      maxTotalMergeKeys: MOST_MERGED_KEYS,
    });
    if (INFINITE.test(text) && !values.every(isFinitely)) {
      return { fault: { offset: text.search(INFINITE), message: "it has a number without end (.inf or .nan)" } };
    }
    return { values: values.map(compact), hasMisread };
  } catch (error) {
    return { fault: faultOf(error, text, events) };
  }
}

// Set by the schema, which is made once, while a text is read.
let hasMisread = false;
const SCHEMA = kubernetesSchema(() => {
  hasMisread = true;
});

/**
 * The parser's strings are slices that keep the whole text alive, and its objects are built key by key. A copy
 * through JSON takes less room than what it replaces, which also saves more of the collector's time than it costs.
 */
function compact(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
}

const INFINITE = /\.(?:inf|nan)\b/iu;

function isFinitely(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value !== "object" || value === null || Object.values(value).every(isFinitely);
}

function startsAt({ tagStart, anchorStart, valueStart }: ScalarEvent, offset: number): boolean {
  return [tagStart, anchorStart, valueStart].includes(offset);
}

const QUOTES: readonly string[] = ['"', "'"];

function faultOf(error: unknown, text: string, events: readonly Event[]): Fault {
  if (!(error instanceof YAMLException)) {
    return { offset: 0, message: `it can't be parsed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const offset = error.mark?.position ?? 0;
  if (error.reason !== "duplicated mapping key") return { offset, message: `this is no YAML: ${error.reason}` };
  const key = events.find((event): event is ScalarEvent => event.type === EVENT_ID.SCALAR && startsAt(event, offset));
  const name = key === undefined ? "" : JSON.stringify(getScalarValue(text, key));
  const quotes = QUOTES.includes(text[offset - 1] ?? "") ? 1 : 0;
  return { offset: offset - quotes, message: `the key ${name} stands twice` };
}
