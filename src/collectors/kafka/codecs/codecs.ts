import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { TooLargeError } from "./growing-bytes.ts";
import { unpackLz4 } from "./lz4.ts";
import { unpackSnappy } from "./snappy.ts";

/** Bytes a packed batch of records may unpack to; a batch with more holds the reader's memory to ransom. */
export const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/** Larger pieces than zlib's own, of which a batch would take a thousand. */
const PIECE_BYTES = 1 << 18;

/** Packed records that could not be unpacked. */
export class UnpackingError extends Error {
  /** As Kafka calls it: `gzip`, `snappy`, `lz4`, `zstd`. */
  readonly codec: CodecName;
  /** True when they are no more than too many. */
  readonly tooLarge: boolean;

  constructor(codec: CodecName, fault: unknown) {
    super(fault instanceof Error ? fault.message : String(fault));
    this.name = "UnpackingError";
    this.codec = codec;
    this.tooLarge = fault instanceof TooLargeError;
  }
}

/** Each codec Kafka knows, by its name: packed bytes and a limit -> bytes. They throw what is wrong. */
const UNPACKERS = {
  gzip: (packed: Buffer, limit: number) => gunzipSync(packed, { maxOutputLength: limit, chunkSize: PIECE_BYTES }),
  snappy: unpackSnappy,
  lz4: unpackLz4,
  zstd: unpackZstd,
} as const;

/** A codec's name, as Kafka's settings have it. */
export type CodecName = keyof typeof UNPACKERS;

/**
 * Unpacks the records of a batch.
 *
 * @throws UnpackingError when they are damaged or unpack to more than `limit` bytes
 */
export function unpack(codec: CodecName, packed: Buffer, limit: number = MAX_UNPACKED_BYTES): Buffer {
  try {
    return UNPACKERS[codec](packed, limit);
  } catch (error) {
    throw new UnpackingError(codec, isTooLarge(error) ? new TooLargeError(limit) : error);
  }
}

function isTooLarge(error: unknown): boolean {
  return (
    error instanceof TooLargeError ||
    (error instanceof RangeError && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
  );
}

/** Node unpacks the first frame only, and frames may follow each other (RFC 8878, section 3). */
function unpackZstd(packed: Buffer, limit: number): Buffer {
  const frames: Buffer[] = [];
  let left = limit;
  for (let at = 0; at < packed.length; ) {
    const { frame, read } = zstdFrame(packed.subarray(at), left);
    frames.push(frame);
    left -= frame.length;
    at += read;
  }
  return frames.length === 1 && frames[0] !== undefined ? frames[0] : Buffer.concat(frames);
}

function zstdFrame(packed: Buffer, limit: number): { readonly frame: Buffer; readonly read: number } {
  // With `info` the result is an object, which its type does not say.
  const result: unknown = zstdDecompressSync(packed, { maxOutputLength: limit, chunkSize: PIECE_BYTES, info: true });
  if (
    typeof result === "object" &&
    result !== null &&
    "buffer" in result &&
    Buffer.isBuffer(result.buffer) &&
    "engine" in result &&
    typeof result.engine === "object" &&
    result.engine !== null &&
    "bytesWritten" in result.engine &&
    typeof result.engine.bytesWritten === "number" &&
    result.engine.bytesWritten > 0
  ) {
    return { frame: result.buffer, read: result.engine.bytesWritten };
  }
  throw new Error("the zstd data has no frame");
}
