import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { RecordReader } from "../record-reader.ts";
import type { CollectOptions } from "./collect-options.ts";
import type { Compression } from "./decompress.ts";
import { compressionOf, Decompressor, MAGIC_BYTES } from "./decompress.ts";
import { isPackingError } from "./file-errors.ts";
import type { Input } from "./inputs.ts";

/** What became of one source. */
export interface SourceRead {
  readonly opened: boolean;
  /** Bytes as they lay there. */
  readonly bytes: number;
  /** Why it could not be read, or not to its end. */
  readonly error: unknown;
}

const PACKED_CHUNK = 1 << 16;

/** Reads one source to its end, to its first fault, or until its reader has seen enough. Never throws. */
export async function readSource(input: Input, reader: RecordReader, options: CollectOptions): Promise<SourceRead> {
  const feed = new Feed(input, reader, options);
  try {
    await (input.stdin ? feed.stream(options.stdin) : feed.file());
    return { opened: true, bytes: feed.bytes, error: undefined };
  } catch (error) {
    return { opened: feed.opened, bytes: feed.bytes, error };
  }
}

/** Takes the bytes of one source to its reader, unpacked. */
class Feed {
  bytes = 0;
  opened = false;
  readonly #input: Input;
  readonly #reader: RecordReader;
  readonly #options: CollectOptions;
  #decompressor: Decompressor | undefined;

  constructor(input: Input, reader: RecordReader, options: CollectOptions) {
    this.#input = input;
    this.#reader = reader;
    this.#options = options;
  }

  async file(): Promise<void> {
    const handle = await open(this.#input.source);
    this.opened = true;
    try {
      await this.#finishing(() => this.#readFile(handle));
    } finally {
      await handle.close();
    }
  }

  async stream(stream: Readable): Promise<void> {
    this.opened = true;
    const { signal } = this.#options;
    const abort = (): void => {
      stream.destroy();
    };
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.#finishing(() => this.#readStream(stream));
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Whatever happens, what was read counts: the reader is told the end in any case. */
  async #finishing(read: () => Promise<void>): Promise<void> {
    try {
      await read();
      await this.#decompressor?.end();
    } catch (error) {
      this.#reader.end(isPackingError(error));
      throw error;
    } finally {
      this.#decompressor?.destroy();
    }
    this.#reader.end();
  }

  async #readFile(handle: FileHandle): Promise<void> {
    const head = Buffer.alloc(PACKED_CHUNK);
    const first = await this.#read(handle, head);
    const compression = compressionOf(head.subarray(0, first));
    if (compression !== undefined) {
      this.#decompressor = this.#unpack(compression);
      for (let count = first; count > 0 && this.#wanted(); count = await this.#read(handle, head)) {
        await this.#decompressor.write(head.subarray(0, count));
      }
      return;
    }
    this.#reader.push(head.subarray(0, first));
    let next = first === 0 ? 0 : await this.#read(handle, this.#reader.room());
    while (next > 0) {
      this.#reader.hold(next);
      // The system fills the room behind the bytes at hand while those are read.
      const reading = this.#read(handle, this.#reader.room());
      this.#reader.process();
      next = await reading;
      next = this.#wanted() ? next : 0;
    }
  }

  async #read(handle: FileHandle, target: Buffer): Promise<number> {
    const { bytesRead } = await handle.read(target, 0, target.length, null);
    this.#count(bytesRead);
    return bytesRead;
  }

  async #readStream(stream: Readable): Promise<void> {
    let head: Buffer | undefined = Buffer.alloc(0);
    for await (const piece of stream) {
      const chunk = Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece));
      this.#count(chunk.length);
      if (head === undefined) {
        await this.#take(chunk);
      } else {
        head = Buffer.concat([head, chunk]);
        if (head.length >= MAGIC_BYTES) {
          await this.#begin(head);
          head = undefined;
        }
      }
      if (!this.#wanted()) {
        return;
      }
    }
    this.#options.signal?.throwIfAborted();
    if (head !== undefined) {
      await this.#begin(head);
    }
  }

  async #begin(head: Buffer): Promise<void> {
    const compression = compressionOf(head);
    this.#decompressor = compression === undefined ? undefined : this.#unpack(compression);
    await this.#take(head);
  }

  async #take(chunk: Buffer): Promise<void> {
    if (this.#decompressor === undefined) {
      this.#reader.push(chunk);
    } else {
      await this.#decompressor.write(chunk);
    }
  }

  #unpack(compression: NonNullable<Compression>): Decompressor {
    return new Decompressor(compression, (chunk) => this.#reader.push(chunk));
  }

  #wanted(): boolean {
    this.#options.signal?.throwIfAborted();
    return this.#reader.state === "reading";
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (bytes > 0) {
      this.#options.progress?.({ source: this.#input.source, bytesRead: this.bytes, bytesTotal: this.#input.size });
    }
  }
}
