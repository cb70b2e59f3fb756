import type { Fields } from "./json.ts";
import { isFields, own } from "./json.ts";
import { fromPaths } from "./paths.ts";

/**
 * OpenTelemetry logs as JSON (opentelemetry-proto logs.proto; the older names instrumentationLibraryLogs and logs too)
 * and what hubble-otel makes of a flow: an attribute or the body, as JSON text, base64, nested or flat map
 * (cilium/hubble-otel common/common.go).
 */

const RESOURCE_LOGS = ["resourceLogs", "resource_logs"];
const SCOPE_LOGS = ["scopeLogs", "scope_logs", "instrumentationLibraryLogs", "instrumentation_library_logs"];
const LOG_RECORDS = ["logRecords", "log_records", "logs"];
const FLAT_PREFIX = "cilium.flow_event.";

/** One list a log record: the values that may hold its flow, likeliest first. Undefined when this is no OTLP. */
export function otlpRecords(fields: Fields): readonly (readonly unknown[])[] | undefined {
  if (!RESOURCE_LOGS.some((name) => Array.isArray(own(fields, name)))) {
    return undefined;
  }
  return members(fields, RESOURCE_LOGS)
    .flatMap((resource) => members(resource, SCOPE_LOGS))
    .flatMap((scope) => members(scope, LOG_RECORDS))
    .map(candidates);
}

function members(fields: Fields, names: readonly string[]): readonly Fields[] {
  return names.flatMap((name) => {
    const list = own(fields, name);
    return Array.isArray(list) ? list.filter(isFields) : [];
  });
}

function candidates(record: Fields): readonly unknown[] {
  const attributes = keyValues(own(record, "attributes"));
  const event = own(attributes, "cilium.event_object");
  return [event, plain(own(record, "body")), attributes].filter((value) => value !== undefined && value !== "");
}

/** An AnyValue without its type tags: a string, number, boolean, list or object. */
function plain(value: unknown): unknown {
  if (!isFields(value)) {
    return value;
  }
  const list = own(value, "kvlistValue") ?? own(value, "kvlist_value");
  if (isFields(list)) {
    return keyValues(own(list, "values"));
  }
  const array = own(value, "arrayValue") ?? own(value, "array_value");
  if (isFields(array)) {
    const values = own(array, "values");
    return Array.isArray(values) ? values.map(plain) : [];
  }
  return Object.values(value)[0];
}

function keyValues(list: unknown): Fields {
  const pairs = Array.isArray(list) ? list.filter(isFields) : [];
  // Object.fromEntries defines members, so that a key `__proto__` is one like any other.
  return nested(Object.fromEntries(pairs.map((pair) => [String(own(pair, "key")), plain(own(pair, "value"))])));
}

/** Undoes hubble-otel's flat maps: `IP.source` becomes a member of `IP`. Label keys have dots of their own and stay. */
export function nested(fields: Fields): Fields {
  const entries = Object.entries(fields);
  if (!entries.some(([key]) => key.includes("."))) {
    return fields;
  }
  return fromPaths(
    entries.map(([key, value]) => [pathOf(key.startsWith(FLAT_PREFIX) ? key.slice(FLAT_PREFIX.length) : key), value]),
  );
}

const FLAT_LABELS = /^((?:source|destination)\.labels)\.(.+)$/;
const FLAT_PATH =
  /^(?:IP|l4|l7|source|destination|event_type|source_service|destination_service|source_names|destination_names|aggregate)\./;

function pathOf(key: string): readonly string[] {
  const label = FLAT_LABELS.exec(key);
  if (label !== null) {
    return [...(label[1] ?? "").split("."), label[2] ?? ""];
  }
  return FLAT_PATH.test(key) ? key.split(".") : [key];
}
