import { isUtf8 } from "node:buffer";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { firstByte } from "./json-scan.ts";
import { type ManifestProblem, unreadable } from "./manifest-problem.ts";

const MEBIBYTE = 1024 * 1024;

/** Larger files are no manifests. JSON is read fifteen times as fast as YAML, and `kubectl` writes both. */
export const LARGEST: Readonly<Record<"json" | "yaml", number>> = { json: 512 * MEBIBYTE, yaml: 128 * MEBIBYTE };

/**
 * Reads a file.
 *
 * @param file absolute path
 * @param shown its name in problems
 * @returns UTF-8 text as bytes, or why there is none: too large, binary, not UTF-8, not to be read
 */
export async function readBytes(file: string, shown: string): Promise<Buffer | ManifestProblem> {
  try {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      const head = Buffer.alloc(Math.min(size, HEAD));
      await handle.read(head, 0, head.length, 0);
      return tooLarge(size, head, shown) ?? notText(await handle.readFile(), shown);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return unreadable(shown, reason, "Give netlearn the right to read it, or leave it out.");
  }
}

/** Reads a stream to its end, as {@link readBytes}. */
export async function readStream(stream: Readable, shown: string): Promise<Buffer | ManifestProblem> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as string | Uint8Array);
    size += bytes.length;
    // The rest is read and dropped, so that whoever writes is not left waiting.
    if (size > LARGEST.json) chunks.splice(1);
    else chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  return tooLarge(size, bytes, shown) ?? notText(bytes, shown);
}

// Enough to see what a text begins with.
const HEAD = 4096;
const OPENING = 123;

function tooLarge(size: number, head: Buffer, shown: string): ManifestProblem | undefined {
  const isJson = head[firstByte(head, { start: 0, end: head.length })] === OPENING;
  const kind = isJson ? "json" : "yaml";
  if (size <= LARGEST[kind]) return undefined;
  const [own, limit] = [size, LARGEST[kind]].map((bytes) => `${Math.ceil(bytes / MEBIBYTE)} MiB`);
  return unreadable(
    shown,
    `the file has ${own} of ${kind.toUpperCase()}, more than the ${limit} that netlearn reads`,
    isJson
      ? "Split it: kubectl get -n NAMESPACE -o json writes a file for each namespace."
      : `Split it, or write it as JSON (kubectl get -o json), of which ${LARGEST.json / MEBIBYTE} MiB are read.`,
  );
}

function notText(bytes: Buffer, shown: string): Buffer | ManifestProblem {
  if (bytes.includes(0)) {
    return unreadable(shown, "this is a binary file, not YAML or JSON", "Leave it out, or give it another ending.");
  }
  return isUtf8(bytes)
    ? bytes
    : unreadable(shown, "this is not UTF-8 text", "Save it as UTF-8; Kubernetes reads nothing else.");
}
