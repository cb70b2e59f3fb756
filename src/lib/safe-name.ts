import { createHash } from "node:crypto";

/** Longer texts are hashed: object names end up in file names, which may have 255 bytes. */
const LONGEST = 100;

/**
 * A text as a part of an object's or file's name: as it is where it is plain (lower-case letters, digits, `.` and `-`), else
 * what is plain of it, `~` and a hash of all of it. Different texts never fall together, on file systems that ignore case too.
 */
export function safeName(text: string): string {
  if (text.length <= LONGEST && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/u.test(text)) return text;
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-");
  return `${plain.slice(0, 40).replaceAll(/^-+|-+$/gu, "")}~${shortHash(text)}`;
}

/** Twelve hexadecimal digits of SHA-256. */
export function shortHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
