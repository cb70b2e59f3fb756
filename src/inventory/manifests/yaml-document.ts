import { constructFromEvents, EVENT_ID, type Event, getScalarValue, parseEvents, YAMLException } from "js-yaml";
import type { Fault } from "./fault.ts";
import { aliasFault } from "./yaml-aliases.ts";
import { KUBERNETES_SCHEMA } from "./yaml-schema.ts";

/** What a text holds: the values of its documents, or why nothing in it can be believed. */
export type ReadText = { readonly values: readonly unknown[] } | { readonly fault: Fault };

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
  try {
    events = parseEvents(text, { maxDepth: DEEPEST });
    const fault = aliasFault(text, events);
    if (fault !== undefined) return { fault };
    const values = constructFromEvents(events, {
      source: text,
      schema: KUBERNETES_SCHEMA,
      maxTotalMergeKeys: MOST_MERGED_KEYS,
    });
    if (INFINITE.test(text) && !values.every(isFinitely)) {
      return { fault: { offset: text.search(INFINITE), message: "it has a number without end (.inf or .nan)" } };
    }
    return { values: values.map(compact) };
  } catch (error) {
    return { fault: faultOf(error, text, events) };
  }
}

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

function faultOf(error: unknown, text: string, events: readonly Event[]): Fault {
  if (!(error instanceof YAMLException)) {
    return { offset: 0, message: `it can't be parsed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const offset = error.mark?.position ?? 0;
  if (error.reason !== "duplicated mapping key") return { offset, message: `this is no YAML: ${error.reason}` };
  const key = events.find((event) => event.type === EVENT_ID.SCALAR && event.valueStart === offset);
  const name = key?.type === EVENT_ID.SCALAR ? JSON.stringify(getScalarValue(text, key)) : "";
  return { offset, message: `the key ${name} stands twice` };
}
