import type { Transform } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";

/** How a source is packed, by its first bytes whatever it is called. */
export type Compression = "gzip" | "zstd" | undefined;

/** Bytes {@link compressionOf} wants to see. */
export const MAGIC_BYTES = 4;

/** RFC 1952 and RFC 8878; a zstd stream may begin with a skippable frame (0x184D2A5?). */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) {
    return "gzip";
  }
  const magic = head.length < MAGIC_BYTES ? 0 : head.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic >= 0x184d2a50 && magic <= 0x184d2a5f) ? "zstd" : undefined;
}

const UNPACKED_CHUNK = 1 << 18;

type Engine = Transform & { readonly bytesWritten: number };

/**
 * Unpacks a stream piece by piece, so that all that was good before a fault has been handed over. Node joins the
 * members of a gzip file by itself; zstd frames are joined here, as its decoder stops after the first one.
 */
export class Decompressor {
  readonly #compression: "gzip" | "zstd";
  readonly #take: (chunk: Buffer) => void;
  #engine: Engine;
  #written = 0;
  #wake: () => void = () => {};
  #ended = false;
  #error: Error | undefined;

  constructor(compression: "gzip" | "zstd", take: (chunk: Buffer) => void) {
    this.#compression = compression;
    this.#take = take;
    this.#engine = this.#open();
  }

  /** Unpacks one piece; throws what the decoder finds wrong with it. */
  async write(chunk: Buffer): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#ended) {
        if (this.#compression === "gzip") {
          // After the last member of a gzip file only padding follows, which gzip ignores too.
          return;
        }
        this.#reopen();
      }
      this.#written += rest.length;
      const writing = rest;
      await this.#settled((done) => this.#engine.write(writing, done));
      const unread = this.#ended ? this.#written - this.#engine.bytesWritten : 0;
      rest = rest.subarray(rest.length - Math.min(unread, rest.length));
    }
  }

  /** The packed bytes are over; throws when they ended too early. */
  async end(): Promise<void> {
    if (!this.#ended) {
      await this.#settled(() => this.#engine.end());
    }
  }

  /** Gives up what the decoder holds. */
  destroy(): void {
    this.#engine.destroy();
  }

  #open(): Engine {
    const options = { chunkSize: UNPACKED_CHUNK };
    const engine = this.#compression === "gzip" ? createGunzip(options) : createZstdDecompress(options);
    engine.on("data", this.#take);
    engine.once("end", () => {
      this.#ended = true;
      this.#wake();
    });
    engine.once("error", (error) => {
      this.#error = error;
      this.#wake();
    });
    return engine;
  }

  #reopen(): void {
    this.#engine.destroy();
    this.#engine = this.#open();
    this.#written = 0;
    this.#ended = false;
  }

  /** Until `start` is done, or the decoder has ended: one that saw the end of its frame acknowledges no write. */
  async #settled(start: (done: () => void) => void): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      start(resolve);
    });
    if (this.#error !== undefined) {
      throw this.#error;
    }
  }
}
