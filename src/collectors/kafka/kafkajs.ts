import { createRequire } from "node:module";
import type * as Library from "kafkajs";
import type { CodecName } from "./codecs/codecs.ts";
import { unpack } from "./codecs/codecs.ts";

/** What of the library is used. */
export type KafkaJs = Pick<typeof Library, "CompressionCodecs" | "Kafka" | "logLevel" | "PartitionAssigners">;

/** A line of the library's own log. */
export interface LibraryLine {
  readonly level: "error" | "warn" | "info" | "debug";
  readonly text: string;
  /** What the library says went wrong, in its own words; empty when it says nothing. */
  readonly error: string;
}

const CODECS: readonly (readonly [1 | 2 | 3 | 4, CodecName])[] = [
  [1, "gzip"],
  [2, "snappy"],
  [3, "lz4"],
  [4, "zstd"],
];

let loaded: Promise<KafkaJs> | undefined;

/** Loads the library, which takes some 50 ms, and mends what is wrong with it; once a process. */
export async function loadKafkaJs(): Promise<KafkaJs> {
  loaded ??= import("kafkajs").then(({ default: library }) => {
    registerCodecs(library);
    mendRequestQueue();
    return library;
  });
  return await loaded;
}

/** The library unpacks gzip only, without a bound. Whoever else packs with it in this process goes on doing so. */
function registerCodecs({ CompressionCodecs }: KafkaJs): void {
  for (const [type, name] of CODECS) {
    const before: () => { readonly compress: (encoder: unknown) => unknown } = CompressionCodecs[type];
    const codec = {
      compress: async (encoder: unknown) => await before().compress(encoder),
      decompress: async (packed: Buffer) => unpack(name, packed),
    };
    CompressionCodecs[type] = () => codec;
  }
}

/**
 * The queue of requests sets a timer with a negative time after each answer, about which Node prints a warning to
 * standard error (tulios/kafkajs issue 1704). The timer is of use only when requests wait.
 */
function mendRequestQueue(): void {
  const queue: unknown = createRequire(import.meta.url)("kafkajs/src/network/requestQueue");
  const prototype: unknown = typeof queue === "function" ? queue.prototype : undefined;
  if (typeof prototype !== "object" || prototype === null || !("scheduleCheckPendingRequests" in prototype)) {
    return;
  }
  const schedule = prototype.scheduleCheckPendingRequests;
  if (typeof schedule === "function") {
    prototype.scheduleCheckPendingRequests = function (this: { readonly pending: readonly unknown[] }): void {
      if (this.pending.length > 0) {
        Reflect.apply(schedule, this, []);
      }
    };
  }
}

/** Sends the library's log to a function: by itself it would write to standard output. */
export function logTo(take: (line: LibraryLine) => void): Library.logCreator {
  return () =>
    ({ label, log }) => {
      const level = LEVELS.get(label) ?? "debug";
      const { message, error } = log;
      const said: unknown = error;
      take({
        level,
        text: message,
        error: said instanceof Error ? said.message : typeof said === "string" ? said : "",
      });
    };
}

const LEVELS: ReadonlyMap<string, LibraryLine["level"]> = new Map([
  ["ERROR", "error"],
  ["WARN", "warn"],
  ["INFO", "info"],
]);
