import { type IncomingMessage, type RequestOptions, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { RequestLimits } from "./connect-options.ts";

/** What came back, whole. */
export interface HttpAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Unpacked. */
  readonly body: Buffer;
}

/** A body that was let go of while it came, because it is larger than was allowed. */
export interface TooLarge {
  readonly kind: "too-large";
}

/** How one request is made. */
export interface Exchange {
  readonly options: RequestOptions;
  readonly limits: Pick<RequestLimits, "connect" | "idle" | "largest">;
  readonly signal: AbortSignal;
}

/** Nothing came for too long. */
export class Silence extends Error {
  readonly code = "ETIMEDOUT";
}

/**
 * Makes one GET request and reads its answer.
 *
 * @throws errors of the network as Node has them, {@link Silence}, the reason of the signal
 */
export async function get(url: URL, exchange: Exchange): Promise<HttpAnswer | TooLarge> {
  const { options, limits, signal } = exchange;
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const send = url.protocol === "http:" ? requestPlain : requestSecure;
    const request = send(url, { ...options, method: "GET", signal });
    const silence = (milliseconds: number, what: string): Silence =>
      new Silence(`${what} for ${Math.round(milliseconds / 100) / 10} s`);
    const watch = new Watch((error) => request.destroy(error));
    const fail = (error: unknown): void => {
      watch.stop();
      reject(signal.aborted ? signal.reason : error);
    };
    watch.allow(limits.connect, silence(limits.connect, "no connection"));
    // When the request has left: a connection stands then, through whatever proxy.
    request.on("finish", () => watch.allow(limits.idle, silence(limits.idle, "no answer")));
    request.on("error", fail);
    request.on("response", (response) => {
      readBody(response, limits.largest, watch).then((body) => {
        watch.stop();
        resolve(body === undefined ? { kind: "too-large" } : answerOf(response, body));
      }, fail);
    });
    request.end();
  });
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): HttpAnswer {
  return { kind: "answer", status: statusCode, headers, body };
}

/** Ends a request when nothing happens. */
class Watch {
  readonly #end: (error: Silence) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(end: (error: Silence) => void) {
    this.#end = end;
  }

  allow(milliseconds: number, error: Silence): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#end(error), milliseconds);
  }

  again(): void {
    this.#timer?.refresh();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** @returns undefined when it is larger than allowed; the connection is then closed */
async function readBody(response: IncomingMessage, largest: number, watch: Watch): Promise<Buffer | undefined> {
  const stream = unpacked(response);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    watch.again();
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > largest) {
      response.destroy();
      return undefined;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function unpacked(response: IncomingMessage): Readable {
  if (response.headers["content-encoding"] !== "gzip") return response;
  const unpacker = createGunzip();
  // pipe() passes no errors on: a connection that breaks would leave the reader waiting.
  response.on("error", (error) => unpacker.destroy(error));
  return response.pipe(unpacker);
}
