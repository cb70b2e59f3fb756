import { stringify } from "yaml";

/**
 * Prints one manifest as a YAML document: keys in the order of the object, strings quoted that a YAML 1.1 reader (as in
 * kubectl) would take for something else, a newline at the end.
 *
 * The layout is ours and the scalars are the library's: which strings need quotes is the hard part, and the layout of plain
 * objects takes it 30 times as long. Values are objects, non-empty arrays, strings, numbers and booleans.
 */
export function printManifest(manifest: object): string {
  return printEntries(manifest, "");
}

function printEntries(value: object, indent: string): string {
  const lines = Object.entries(value).map(([key, item]) => `${indent}${printScalar(key)}:${printValue(item, indent)}`);
  return lines.join("");
}

function printValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) return `\n${value.map((item) => printItem(item, `${indent}  `)).join("")}`;
  if (typeof value === "object" && value !== null)
    return isEmpty(value) ? " {}\n" : `\n${printEntries(value, `${indent}  `)}`;
  return ` ${printScalar(value)}\n`;
}

/** The first key of an object stands beside the dash, the others below it. */
function printItem(item: unknown, indent: string): string {
  if (typeof item !== "object" || item === null) return `${indent}- ${printScalar(item)}\n`;
  if (isEmpty(item)) return `${indent}- {}\n`;
  return `${indent}- ${printEntries(item, `${indent}  `).slice(indent.length + 2)}`;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** Scalars repeat: the same few keys, and the same labels wherever a workload is named. */
const printed = new Map<unknown, string>();
const REMEMBERED = 10_000;

function printScalar(value: unknown): string {
  const known = printed.get(value);
  if (known !== undefined) return known;
  const text = stringify(value, {
    compat: "yaml-1.1",
    lineWidth: 0,
    defaultStringType: needsOneLine(value) ? "QUOTE_DOUBLE" : "PLAIN",
  }).trimEnd();
  if (printed.size < REMEMBERED) printed.set(value, text);
  return text;
}

/** A block scalar would need to know how deep it stands. */
function needsOneLine(value: unknown): boolean {
  return typeof value === "string" && /[\n\r]/.test(value);
}
