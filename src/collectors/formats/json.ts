/** A JSON object whose members nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** True for a JSON object: not null, not an array. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The own member `name`, or undefined: never something inherited, whatever the key is called. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The value a JSON text stands for, or undefined when it is none (JSON itself has no undefined). */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

const PREVIEW_LENGTH = 80;

/** As {@link preview}, of a value that was parsed. */
export function previewValue(value: unknown): string {
  try {
    return preview(JSON.stringify(value) ?? "");
  } catch {
    // JSON.parse follows any nesting, JSON.stringify only what fits on the stack.
    return preview("[[[…");
  }
}

/**
 * The beginning of a hostile text, quoted and on one line: control, bidirectional and line-separating characters are
 * written as escapes.
 */
export function preview(text: string): string {
  const start = text.length > PREVIEW_LENGTH ? `${text.slice(0, PREVIEW_LENGTH)}…` : text;
  const escaped = start
    .toWellFormed()
    .replace(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (mark) => `\\u${(mark.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
    );
  return `"${escaped}"`;
}
