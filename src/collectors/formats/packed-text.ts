import { gunzipSync } from "node:zlib";

// Shorter runs of letters are words.
const SHORTEST_BASE64 = 24;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * The text in base64, gzipped or not, as CloudWatch subscriptions and hubble-otel's `JSON+base64` have it; undefined
 * when `text` is not base64 of JSON. `limit` bounds the bytes after decompression.
 */
export function unpackBase64(text: string, limit: number): string | undefined {
  if (text.length < SHORTEST_BASE64 || !BASE64.test(text)) {
    return undefined;
  }
  const bytes = Buffer.from(text, "base64");
  const unpacked = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzip(bytes, limit) : bytes;
  return unpacked !== undefined && /^\s*[[{]/.test(unpacked.toString("latin1", 0, 64))
    ? unpacked.toString()
    : undefined;
}

function gunzip(bytes: Buffer, limit: number): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch {
    return undefined;
  }
}
