import { badValue, type Origin } from "./given.ts";

/** Where brokers listen unless somebody says otherwise, as for kcat and librdkafka. */
const BROKER_PORT = 9092;

/**
 * Reads a broker's address.
 *
 * @returns `host:port`; IPv6 addresses in brackets
 * @throws NetlearnError when it is a URL, has no host, or a port that there is not
 */
export function readBroker(text: string, origin: Origin): string {
  const match = /^(\[[0-9a-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/iu.exec(text);
  const port = match?.[2] === undefined ? BROKER_PORT : Number(match[2]);
  if (match === null || port < 1 || port > 65_535) {
    throw badValue(
      text,
      origin,
      "is no address of a broker",
      "Write HOST:PORT, several with commas between them: kafka-0.kafka:9092,kafka-1.kafka:9092; an IPv6 address in brackets.",
    );
  }
  return `${match[1] ?? ""}:${port}`;
}

/**
 * Checks a topic's name, or a regular expression between slashes that the whole name has to match.
 *
 * @throws NetlearnError when it can be neither
 */
export function readTopic(text: string, origin: Origin): string {
  const expression = /^\/(.+)\/$/su.exec(text)?.[1];
  if (expression === undefined) {
    // As Kafka has it: org.apache.kafka.common.internals.Topic.
    if (/^[\w.-]{1,249}$/u.test(text) && text !== "." && text !== "..") return text;
    const hint =
      "Names have letters, digits, dots, dashes and underscores; a pattern is a regular expression between slashes: '/hubble-.*/'.";
    throw badValue(text, origin, "is no topic", hint);
  }
  const problem = problemOf(expression);
  if (problem !== undefined) throw badValue(text, origin, "is no regular expression", `${problem}.`);
  return text;
}

function problemOf(expression: string): string | undefined {
  try {
    "".search(new RegExp(`^(?:${expression})$`, "u"));
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

/** @throws NetlearnError unless `text` is a whole number from 1 to 100 million */
export function readCount(text: string, origin: Origin): number {
  const count = /^\d{1,9}$/u.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 100_000_000) return count;
  throw badValue(text, origin, "is no number of records", "Write a whole number from 1 to 100000000.");
}

/** @throws NetlearnError unless `text` is a port to listen on; 0 lets the system choose */
export function readPortNumber(text: string, origin: Origin): number {
  const port = /^\d{1,5}$/u.test(text) ? Number(text) : -1;
  if (port >= 0 && port <= 65_535) return port;
  throw badValue(text, origin, "is no port", "Write a number from 1 to 65535, or 0 for any that is free.");
}

/** @throws NetlearnError unless `text` is an HTTP URL without a password in it */
export function readUrl(text: string, origin: Origin): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === "" && url.password === "";
  if (isPlain && (url.protocol === "https:" || url.protocol === "http:")) return text;
  // It may hold a password: not repeated.
  const shown = isPlain ? text : "the URL";
  throw badValue(shown, origin, "is no usable URL", "Write https://HOST/PATH, without a user or a password in it.");
}
