/** An argument or a block of Terraform's language. Maps are quoted keys with quoted values. */
export type Hcl =
  | { readonly kind: "argument"; readonly name: string; readonly value: HclValue }
  | {
      readonly kind: "block";
      readonly type: string;
      readonly labels?: readonly string[];
      readonly body: readonly Hcl[];
    };

export type HclValue = Line | { readonly [key: string]: string };
type Line = string | number | readonly string[];

/**
 * Prints a body as `terraform fmt` leaves it, each line behind `indent`: arguments in the order given, equals signs of
 * neighbouring lines below one another, and a blank line before every block that is not first.
 */
export function printHcl(body: readonly Hcl[], indent = ""): string {
  let text = "";
  for (const [index, part] of body.entries()) {
    if (part.kind === "block") text += (index === 0 ? "" : "\n") + printBlock(part, indent);
    else if (isMap(part.value)) text += `${indent}${part.name} = ${printMap(part.value, indent)}\n`;
    else text += `${indent}${part.name.padEnd(widthOfRun(body, index))} = ${printValue(part.value)}\n`;
  }
  return text;
}

function printBlock({ type, labels = [], body }: Extract<Hcl, { kind: "block" }>, indent: string): string {
  const head = [type, ...labels.map((label) => quoted(label))].join(" ");
  if (body.length === 0) return `${indent}${head} {}\n`;
  return `${indent}${head} {\n${printHcl(body, `${indent}  `)}${indent}}\n`;
}

/** The longest name among the one-line arguments that stand around this one without a block or a map between them. */
function widthOfRun(body: readonly Hcl[], index: number): number {
  let first = index;
  while (isLine(body[first - 1])) first--;
  let width = 0;
  for (let at = first; ; at++) {
    const part = body[at];
    if (part?.kind !== "argument" || isMap(part.value)) return width;
    width = Math.max(width, part.name.length);
  }
}

function isLine(part: Hcl | undefined): boolean {
  return part?.kind === "argument" && !isMap(part.value);
}

function isMap(value: HclValue): value is { readonly [key: string]: string } {
  return typeof value === "object" && !Array.isArray(value);
}

function printMap(map: { readonly [key: string]: string }, indent: string): string {
  const entries = Object.entries(map).map(([key, value]) => [quoted(key, NOT_ASCII), quoted(value)] as const);
  const width = Math.max(0, ...entries.map(([key]) => key.length));
  return `{\n${entries.map(([key, value]) => `${indent}  ${key.padEnd(width)} = ${value}\n`).join("")}${indent}}`;
}

function printValue(value: Line): string {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoted(value);
  return `[${value.map((item) => quoted(item)).join(", ")}]`;
}

/** What ends a line, what no reader shows, and what turns the order of a line around. */
const UNPRINTABLE = /(?! )[\p{Cc}\p{Cf}\p{Z}]/gu;
/** In keys nothing else either: how wide a character is would decide where equals signs go. */
const NOT_ASCII = /[^\u0020-\u007e]/gu;

/**
 * A quoted template that is one literal. `$${` and `%%{` stand for `${` and `%{`; a `$` or `%` that comes before one is written
 * as an escape, since `$$${` reads differently in different versions.
 */
function quoted(text: string, escaped = UNPRINTABLE): string {
  const inner = text
    .replaceAll(/["\\]/g, "\\$&")
    .replaceAll(
      /([$%]*)([$%])\{/g,
      (_, before: string, last: string) => `${before.replaceAll(/./g, codeOf)}${last}${last}{`,
    )
    .replaceAll(escaped, codeOf);
  return `"${inner}"`;
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code > 0xff_ff) return `\\U${code.toString(16).padStart(8, "0")}`;
  return `\\u${code.toString(16).padStart(4, "0")}`;
}
