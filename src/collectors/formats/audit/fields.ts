import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { isFields } from "../json.ts";

/**
 * Members of audit events. Go leaves out what is empty, so absent, null and the zero value are one. `name` is for faults: where
 * the value stands, such as `user.username`.
 */

/** A string; empty when absent. Lone surrogates become U+FFFD. */
export function text(value: unknown, name: string, faults: Faults): string {
  if (typeof value === "string") {
    return wellFormed(value);
  }
  if (value !== undefined && value !== null) {
    faults.add(name, value, "a string");
  }
  return "";
}

/** The text with U+FFFD for lone surrogates; nearly always it has none. */
export function wellFormed(value: string): string {
  return value.isWellFormed() ? value : value.toWellFormed();
}

/** An object; undefined when absent. */
export function object(value: unknown, name: string, faults: Faults): Fields | undefined {
  if (isFields(value)) {
    return value;
  }
  return value === undefined || value === null ? undefined : faults.add(name, value, "an object");
}

const NONE: readonly string[] = [];

/** A list of strings as it stands there, or one string for a list of it; empty when absent. */
export function list(value: unknown, name: string, faults: Faults): readonly string[] {
  if (value === undefined || value === null) {
    return NONE;
  }
  if (typeof value === "string") {
    return [value];
  }
  return isTexts(value) ? value : (faults.add(name, value, "a list of strings") ?? NONE);
}

function isTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) {
    return false;
  }
  for (const item of value) {
    if (typeof item !== "string") return false;
  }
  return true;
}

/** A status of HTTP, as a number or its digits; undefined when absent or 0. */
export function status(value: unknown, name: string, faults: Faults): number | undefined {
  if (value === undefined || value === null || value === 0 || value === "0") {
    return undefined;
  }
  const code = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  const isStatus = typeof code === "number" && Number.isInteger(code) && code >= 100 && code <= 999;
  return isStatus ? code : faults.add(name, value, "a status of HTTP");
}

/** A key with dots in a map whose writer may have changed them: Elastic makes them underscores, or objects in each other. */
export interface DottedKey {
  readonly plain: string;
  readonly dedotted: string;
  readonly path: readonly string[];
}

export function dottedKey(plain: string): DottedKey {
  return { plain, dedotted: plain.replaceAll(".", "_"), path: plain.split(".") };
}

/** What stands under a key with dots, however they were written; undefined when nothing does. */
export function dotted(fields: Fields, key: DottedKey): unknown {
  const value = fields[key.plain] ?? fields[key.dedotted];
  if (value !== undefined && value !== null) {
    return value;
  }
  return nestedMember(fields, key.path);
}

function nestedMember(fields: Fields, path: readonly string[]): unknown {
  let inner: unknown = fields;
  for (const name of path) {
    if (!isFields(inner) || !Object.hasOwn(inner, name)) {
      return undefined;
    }
    inner = inner[name];
  }
  return inner ?? undefined;
}
