import { stringify } from "yaml";

/**
 * Prints one manifest as a YAML document: keys in the order of the object, strings quoted that a YAML 1.1 reader (as in
 * kubectl) would take for something else, a newline at the end.
 *
 * The layout is ours and the scalars are the library's: which strings need quotes is the hard part, and the layout of plain
 * objects takes it 30 times as long. Values are objects, arrays, strings, numbers and booleans.
 */
export function printManifest(manifest: object): string {
  return isEmpty(manifest) ? `${printEmpty(manifest)}\n` : printCollection(manifest, "");
}

/** Lines that each begin with `indent`. */
function printCollection(value: object, indent: string): string {
  if (Array.isArray(value)) return value.map((item) => printItem(item, indent)).join("");
  return Object.entries(value)
    .map(([key, item]) => `${indent}${printKey(key, indent)}:${printValue(item, indent)}`)
    .join("");
}

function printValue(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return ` ${printScalar(value)}\n`;
  if (isEmpty(value)) return ` ${printEmpty(value)}\n`;
  return `\n${printCollection(value, `${indent}  `)}`;
}

/** What an item begins with stands beside the dash, the rest below it. */
function printItem(item: unknown, indent: string): string {
  if (typeof item !== "object" || item === null || isEmpty(item)) return `${indent}-${printValue(item, indent)}`;
  return `${indent}- ${printCollection(item, `${indent}  `).slice(indent.length + 2)}`;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function printEmpty(value: object): string {
  return Array.isArray(value) ? "[]" : "{}";
}

/** Readers look for the colon of a key no further than 1,024 characters (YAML 1.2.2, 7.4.2). */
const LONGEST_PLAIN_KEY = 1000;

function printKey(key: string, indent: string): string {
  const text = printScalar(key);
  return text.length > LONGEST_PLAIN_KEY ? `? ${text}\n${indent}` : text;
}

/** Scalars repeat: the same few keys, and the same labels wherever a workload is named. */
const printed = new Map<unknown, string>();
const REMEMBERED = 10_000;

function printScalar(value: unknown): string {
  const known = printed.get(value);
  if (known !== undefined) return known;
  const text = typeof value === "string" && isMisread(value) ? quoted(value) : scalarOf(value);
  if (printed.size < REMEMBERED) printed.set(value, text);
  return text;
}

function scalarOf(value: unknown): string {
  return stringify(value, { compat: "yaml-1.1", lineWidth: 0 }).replace(/\n$/, "");
}

/** Line breaks and blanks of Unicode, and what YAML does not let stand in a document or no reader shows. */
const UNPRINTABLE = /(?! )[\p{Cc}\p{Cf}\p{Z}]/gu;

/** A number as go-yaml reads it once it has taken out every "_" (yaml.v2 and yaml.v3, resolve.go): `0X1F`, `1e1_0`. */
const GO_NUMBER = /^[-+]?(0[xob][0-9a-f]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)(e[-+]?[0-9]+)?)$/i;

/**
 * True for a string that the library would leave plain, or write in several lines that would need to know how deep they
 * stand, though some reader takes it for something else: the end of a document, a number, YAML 1.1's default value `=`.
 */
function isMisread(text: string): boolean {
  return (
    text === "=" ||
    /^(---|\.\.\.)/.test(text) ||
    text.search(UNPRINTABLE) >= 0 ||
    GO_NUMBER.test(text.replaceAll("_", ""))
  );
}

/** JSON's escapes are YAML's. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code > 0xff_ff ? `\\U${digits.padStart(8, "0")}` : `\\u${digits.padStart(4, "0")}`;
  });
}
