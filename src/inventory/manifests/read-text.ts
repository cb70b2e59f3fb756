import { open } from "node:fs/promises";
import { type ManifestProblem, unreadable } from "./manifest-problem.ts";

/** Larger files are dumps or mistakes; a document tree takes a hundred times the room of its text. */
export const LARGEST_FILE: number = 8 * 1024 * 1024;

/**
 * Reads a file as text.
 *
 * @param file absolute path
 * @param shown its name in problems
 * @returns the text, or why there is none: too large, binary, not UTF-8, not to be read
 */
export async function readText(file: string, shown: string): Promise<string | ManifestProblem> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      return size > LARGEST_FILE ? tooLarge(shown, size) : decode(await handle.readFile(), shown);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unreadable(shown, reason, "Give netlearn the right to read it, or leave it out.");
  }
}

/** Reads bytes as text, as {@link readText}. */
export function decode(bytes: Uint8Array, shown: string): string | ManifestProblem {
  if (bytes.length > LARGEST_FILE) return tooLarge(shown, bytes.length);
  if (bytes.includes(0)) {
    return unreadable(shown, "this is a binary file, not YAML or JSON", "Leave it out, or give it another ending.");
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return unreadable(shown, "this is not UTF-8 text", "Save it as UTF-8; Kubernetes reads nothing else.");
  }
}

function tooLarge(shown: string, size: number): ManifestProblem {
  const mebibytes = Math.ceil(size / 1024 / 1024);
  const limit = LARGEST_FILE / 1024 / 1024;
  return unreadable(
    shown,
    `the file has ${mebibytes} MiB, more than the ${limit} MiB that netlearn reads as one manifest`,
    "Split it, or give the directory it was made from.",
  );
}
