import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";
import { sortedTexts } from "../texts.ts";

const camelNames = new Map<string, string>();

/** protojson's other spelling of a proto field name (`node_name` -> `nodeName`; `IP` -> `ip`, as protobuf.js writes it). */
function camelName(name: string): string {
  const known = camelNames.get(name);
  if (known !== undefined) {
    return known;
  }
  const camel = /^[A-Z]/.test(name)
    ? name.toLowerCase()
    : name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  camelNames.set(name, camel);
  return camel;
}

/** A field by its proto name or its camelCase one; null is protojson's other way to leave a field out. */
export function field(fields: Fields, name: string): unknown {
  const value = fields[name];
  if (value !== undefined) {
    return value ?? undefined;
  }
  return fields[camelName(name)] ?? undefined;
}

/** A message field. */
export function message(fields: Fields, name: string, faults: Faults): Fields | undefined {
  const value = field(fields, name);
  if (value === undefined || isFields(value)) {
    return value;
  }
  return faults.add(name, value, "an object");
}

/** A string field; the empty string is protojson's zero value and so absent. Lone surrogates become U+FFFD. */
export function text(fields: Fields, name: string, faults: Faults): string | undefined {
  const value = field(fields, name);
  if (typeof value === "string") {
    return value === "" ? undefined : value.toWellFormed();
  }
  return value === undefined ? undefined : faults.add(name, value, "a string");
}

/** A non-negative integer field, as a number or as the decimal string protojson uses for 64 bits; at most 2^53 - 1. */
export function unsigned(fields: Fields, name: string, faults: Faults): number | undefined {
  const value = field(fields, name);
  if (value === undefined) {
    return undefined;
  }
  const number = typeof value === "string" && /^\d{1,20}$/.test(value) ? Number(value) : value;
  if (typeof number === "number" && number >= 0 && (Number.isInteger(number) || number === 0)) {
    return Math.min(number, Number.MAX_SAFE_INTEGER);
  }
  return faults.add(name, value, "a whole number");
}

/** A bool field, or a google.protobuf.BoolValue some writers leave in its box. */
export function bool(fields: Fields, name: string, faults: Faults): boolean | undefined {
  const value = field(fields, name);
  if (value === undefined || typeof value === "boolean") {
    return value;
  }
  if (value === "true" || value === "false") {
    return value === "true";
  }
  if (isFields(value) && Object.keys(value).every((key) => key === "value")) {
    return bool(value, "value", faults) ?? false;
  }
  return faults.add(name, value, "a boolean");
}

/** An enum field: its name, or the number of a value the writer did not know. */
export function enumeration(fields: Fields, name: string, faults: Faults): string | number | undefined {
  const value = field(fields, name);
  if (value === undefined || typeof value === "number") {
    return value;
  }
  return typeof value === "string" ? enumerationOf(value) : faults.add(name, value, "an enum's name or number");
}

/** An enum's value from its text, which may be its number. */
export function enumerationOf(value: string): string | number {
  return /^\d{1,9}$/.test(value) ? Number(value) : value.toWellFormed();
}

/** A repeated string field, sorted and without duplicates. */
export function texts(fields: Fields, name: string, faults: Faults): readonly string[] {
  const values = rawTexts(fields, name, faults);
  return values.length === 0 ? values : sortedTexts(values);
}

/** A repeated string field as it stands there. */
export function rawTexts(fields: Fields, name: string, faults: Faults): readonly string[] {
  const value = field(fields, name);
  if (value === undefined) {
    return NONE;
  }
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
    faults.add(name, value, "a list of strings");
    return NONE;
  }
  return value;
}

const NONE: readonly string[] = [];
