/**
 * A text as databases can hold it: PostgreSQL has no NUL, and UTF-8 no lone surrogate. Such a text is stored as JSON, and
 * so is one that would be taken for it.
 */
export function toStored(text: string): string {
  const isPlain = text.isWellFormed() && !text.includes("\0") && !text.startsWith('"');
  return isPlain ? text : JSON.stringify(text);
}

/** @throws SyntaxError when the text was not made by `toStored` */
export function fromStored(stored: string): string {
  return stored.startsWith('"') ? String(JSON.parse(stored)) : stored;
}
