import { preview, previewValue } from "./json.ts";

/**
 * Remembers the first thing wrong with a record while it is being read. Reading goes on with "absent", so that every
 * reader stays a plain expression; whoever asked for the record looks here at the end.
 */
export class Faults {
  first: string | undefined;

  /** `expected` completes "`name` is <value>, not ...". */
  add(name: string, value: unknown, expected: string): undefined {
    this.first ??= `${name} is ${shown(value)}, not ${expected}`;
    return undefined;
  }
}

function shown(value: unknown): string {
  if (typeof value === "string") {
    return preview(value);
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return value === undefined ? "missing" : previewValue(value);
}
