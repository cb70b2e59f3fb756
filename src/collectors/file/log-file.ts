import { createHash, hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { CollectOptions } from "./collect-options.ts";
import { type Compression, compressionOf, Decompressor } from "./decompress.ts";
import { isPackingError } from "./file-errors.ts";
import type { Input } from "./inputs.ts";
import { type ByteTaker, type FileRange, readRange, type SourceRead } from "./read-source.ts";

/** Bytes that tell one log from another: with their times and ids, no two logs begin alike for so long. */
export const HEAD_BYTES = 1024;

const CHUNK = 1 << 16;

/** A regular file that is open, with the bytes that tell it from others whatever it is called. */
export class LogFile {
  readonly input: Input;
  /** Bytes as they lay there when it was opened. */
  readonly size: number;
  readonly compression: Compression;
  /** The first bytes as they lie there, {@link HEAD_BYTES} or all. */
  readonly packedHead: Buffer;
  /** The first bytes unpacked, {@link HEAD_BYTES} or all; what can be had of them when they are damaged. */
  readonly head: Buffer;
  readonly #handle: FileHandle;

  private constructor(
    handle: FileHandle,
    found: Pick<LogFile, "input" | "size" | "compression" | "packedHead" | "head">,
  ) {
    this.#handle = handle;
    ({
      input: this.input,
      size: this.size,
      compression: this.compression,
      packedHead: this.packedHead,
      head: this.head,
    } = found);
  }

  /** Opens a file and looks at its beginning; throws what the system says. */
  static async open(input: Input): Promise<LogFile> {
    const handle = await open(input.source);
    try {
      const { size } = await handle.stat();
      const first = await readAt(handle, 0, Math.min(CHUNK, size));
      const compression = compressionOf(first);
      const head = compression === undefined ? first : await unpackedHead({ handle, first, size }, compression);
      const heads = { packedHead: first.subarray(0, HEAD_BYTES), head: head.subarray(0, HEAD_BYTES) };
      return new LogFile(handle, { input, size, compression, ...heads });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The {@link HEAD_BYTES} bytes before an offset, or as many as there are; of a file that is not packed. */
  async bytesBefore(offset: number): Promise<Buffer> {
    const start = Math.max(0, offset - HEAD_BYTES);
    return await readAt(this.#handle, start, offset - start);
  }

  /** A short name of all bytes there were when it was opened. */
  async digest(): Promise<string> {
    const sum = createHash("sha256");
    for (let at = 0; at < this.size; ) {
      const bytes = await readAt(this.#handle, at, Math.min(1 << 20, this.size - at));
      if (bytes.length === 0) break;
      sum.update(bytes);
      at += bytes.length;
    }
    return sum.digest("base64url").slice(0, 22);
  }

  /** Takes bytes to a reader; never throws, see `readSource`. */
  async read(range: FileRange, taker: ByteTaker, options: CollectOptions): Promise<SourceRead> {
    return await readRange({ input: this.input, handle: this.#handle, range }, taker, options);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A short name of bytes. */
export function digestOf(bytes: Buffer): string {
  return hash("sha256", bytes, "base64url").slice(0, 22);
}

async function readAt(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function unpackedHead(
  { handle, first, size }: { readonly handle: FileHandle; readonly first: Buffer; readonly size: number },
  compression: NonNullable<Compression>,
): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  const found = { length: 0 };
  const decompressor = new Decompressor(compression, (piece) => {
    found.length += piece.copy(head, found.length);
  });
  try {
    let at = 0;
    for (let bytes = first; bytes.length > 0 && found.length < head.length; ) {
      await decompressor.write(bytes);
      at += bytes.length;
      bytes = await readAt(handle, at, Math.min(CHUNK, size - at));
    }
    if (found.length < head.length) await decompressor.end();
  } catch (error) {
    if (!isPackingError(error)) throw error;
  } finally {
    decompressor.destroy();
  }
  return head.subarray(0, found.length);
}
