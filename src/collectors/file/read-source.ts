import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { ReaderState } from "../record-reader.ts";
import type { CollectOptions } from "./collect-options.ts";
import type { Compression } from "./decompress.ts";
import { compressionOf, Decompressor, MAGIC_BYTES } from "./decompress.ts";
import type { Input } from "./inputs.ts";

/** What became of one source. */
export interface SourceRead {
  readonly opened: boolean;
  /** Bytes as they lay there. */
  readonly bytes: number;
  /** Why it could not be read, or not to its end. */
  readonly error: unknown;
}

/** Where the bytes of a source go, unpacked: a `RecordReader`, or what stands before one. */
export interface ByteTaker {
  /** Anything but `reading` means that further bytes are of no use. */
  readonly state: ReaderState;
  /** Where the next bytes are to be written; never empty. */
  room(): Buffer;
  /** `count` bytes were written into {@link room}, and nothing is to be read yet. */
  hold(count: number): void;
  /** Reads what is held. */
  process(): void;
  /** Copies bytes that lie somewhere else, and reads them. */
  push(chunk: Buffer): void;
  /** The source is over; `cutOff` when it ended before its time. */
  end(cutOff?: boolean): void;
  /** What has to be waited for before more is read. */
  readonly rest?: () => Promise<void> | undefined;
}

/** The part of a file to read, in bytes as they lie there: from `start` (0 unless it is not packed) to before `end`. */
export interface FileRange {
  readonly start: number;
  readonly end: number;
}

const PACKED_CHUNK = 1 << 16;

/** Reads one source to its end, to its first fault, or until its reader has seen enough. Never throws. */
export async function readSource(input: Input, reader: ByteTaker, options: CollectOptions): Promise<SourceRead> {
  return await readFeed(new Feed(input, reader, options), async (feed) => {
    await (input.stdin ? feed.stream(options.stdin) : feed.file());
  });
}

/** As {@link readSource}, of a file that is open already and stays open. */
export async function readRange(
  { input, handle, range }: { readonly input: Input; readonly handle: FileHandle; readonly range: FileRange },
  reader: ByteTaker,
  options: CollectOptions,
): Promise<SourceRead> {
  return await readFeed(new Feed(input, reader, options, range), async (feed) => {
    await feed.fileAt(handle);
  });
}

async function readFeed(feed: Feed, read: (feed: Feed) => Promise<void>): Promise<SourceRead> {
  try {
    await read(feed);
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
  readonly #reader: ByteTaker;
  readonly #options: CollectOptions;
  /** Undefined: from where the file stands to its end, as a pipe has to be read. */
  readonly #range: FileRange | undefined;
  #decompressor: Decompressor | undefined;

  constructor(input: Input, reader: ByteTaker, options: CollectOptions, range?: FileRange) {
    this.#input = input;
    this.#reader = reader;
    this.#options = options;
    this.#range = range;
  }

  async file(): Promise<void> {
    const handle = await open(this.#input.source);
    try {
      await this.fileAt(handle);
    } finally {
      await handle.close();
    }
  }

  async fileAt(handle: FileHandle): Promise<void> {
    this.opened = true;
    await this.#finishing(() => this.#readFile(handle));
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
      this.#reader.end(true);
      throw error;
    } finally {
      this.#decompressor?.destroy();
    }
    this.#reader.end();
  }

  async #readFile(handle: FileHandle): Promise<void> {
    const head = Buffer.alloc(PACKED_CHUNK);
    const first = await this.#read(handle, head);
    // A part of a file in its middle says nothing about how the file is packed; only plain ones are read so.
    const compression = this.#range?.start ? undefined : compressionOf(head.subarray(0, first));
    if (compression !== undefined) {
      this.#decompressor = this.#unpack(compression);
      for (let count = first; count > 0 && this.#wanted(); count = await this.#read(handle, head)) {
        await this.#decompressor.write(head.subarray(0, count));
        await this.#reader.rest?.();
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
      const rest = this.#reader.rest?.();
      if (rest !== undefined) await rest;
      next = this.#wanted() ? next : 0;
    }
  }

  async #read(handle: FileHandle, target: Buffer): Promise<number> {
    const range = this.#range;
    const at = range === undefined ? null : range.start + this.bytes;
    const length = range === undefined || at === null ? target.length : Math.min(target.length, range.end - at);
    if (length <= 0) return 0;
    const { bytesRead } = await handle.read(target, 0, length, at);
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
      await this.#reader.rest?.();
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
      const bytesRead = (this.#range?.start ?? 0) + this.bytes;
      this.#options.progress?.({ source: this.#input.source, bytesRead, bytesTotal: this.#input.size });
    }
  }
}
