import { type ErrorCode, NetlearnError } from "../lib/errors.ts";
import { didYouMean } from "./closest.ts";
import type { OptionSpec, Syntax } from "./option-spec.ts";
import {
  type ConfigurableEntity,
  ENTITY_CHOICE_NAMES,
  ENTITY_CHOICES,
  type EntityChoice,
  type ExternalPrefix,
  type PortQuestion,
  WITHOUT_ADDRESS,
} from "./settings.ts";

/** Where a value was given, for the error about it: `--since`, `NETLEARN_SINCE`, `netlearn.yaml:3:8: since`. */
export interface Origin {
  readonly label: string;
  readonly code: Extract<ErrorCode, "NETLEARN_CONFIG_INVALID" | "NETLEARN_USAGE">;
}

/** A value as given: a switch, or the texts of an option (one, unless it is repeatable). */
export interface Given {
  readonly value: boolean | readonly string[];
  readonly origin: Origin;
}

/** A list as one text: items between commas or line breaks. */
export function splitList(text: string): readonly string[] {
  return text
    .split(/[,\n]/u)
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

/**
 * Refuses a value that its option cannot take, in the words of the place it came from.
 *
 * @throws NetlearnError with the origin's code
 */
export function checkGiven(option: OptionSpec, given: Given): void {
  if (typeof given.value === "boolean") {
    return;
  }
  for (const text of given.value) {
    if (option.syntax === "choice") {
      readChoice(text, given.origin, option.choices);
    } else if (option.syntax === "choices") {
      readChoices(text, given.origin, option.choices);
    } else {
      CHECKS[option.syntax](text, given.origin);
    }
  }
}

/** @throws NetlearnError when `text` is none of the choices */
export function readChoice<Choice extends string>(text: string, origin: Origin, choices: readonly Choice[]): Choice {
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) {
    throw bad(text, origin, "is no choice here", didYouMean(text, choices) ?? `Choices: ${choices.join(", ")}.`);
  }
  return choice;
}

/** @throws NetlearnError when one of the texts between commas is none of the choices, or there is none */
export function readChoices<Choice extends string>(
  text: string,
  origin: Origin,
  choices: readonly Choice[],
): readonly Choice[] {
  const named = splitList(text).map((one) => readChoice(one, origin, choices));
  if (named.length === 0) throw bad(text, origin, "names nothing", `Choices: ${choices.join(", ")}.`);
  return named;
}

/**
 * Reads a point in time or a duration before now.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch
 * @throws NetlearnError when `text` is neither, or names a day that does not exist
 */
export function readTime(text: string, origin: Origin, now: number): number {
  const duration = DURATION.exec(text);
  if (text !== "" && duration !== null) {
    return now - durationOf(duration);
  }
  const time = TIME.test(text) ? Date.parse(text.length === 10 ? `${text}T00:00:00Z` : text) : Number.NaN;
  if (Number.isNaN(time) || !dayExists(text)) {
    throw bad(
      text,
      origin,
      "is neither a time nor a duration",
      "Write a day (2026-01-31), a time with its zone (2026-01-31T08:00:00Z), or how long ago (90m, 12h, 7d, 2w).",
    );
  }
  return time;
}

/** @throws NetlearnError unless `text` is a port, with or without `/TCP`, `/UDP`, `/SCTP` in either case */
export function readPort(text: string, origin: Origin): PortQuestion {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/iu.exec(text);
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535) {
    throw bad(text, origin, "is no port", "Write a number from 1 to 65535, with a protocol if it matters: 53/UDP.");
  }
  return { port, protocol: match[2]?.toUpperCase() };
}

/** @throws NetlearnError unless `text` is a prefix length or two, and neither wider than /16 (IPv4) and /48 (IPv6) */
export function readPrefixes(text: string, origin: Origin): ExternalPrefix {
  const match = /^\/?(\d{1,3})(?:\s*,\s*\/?(\d{1,3}))?$/u.exec(text);
  const v4 = Number(match?.[1]);
  const v6 = match?.[2] === undefined ? 128 : Number(match[2]);
  if (match === null || v4 < 16 || v4 > 32 || v6 < 48 || v6 > 128) {
    throw bad(
      text,
      origin,
      "are no prefix lengths netlearn would widen to",
      "Write 16 to 32 for IPv4 and, after a comma, 48 to 128 for IPv6: 24 or 24,64.",
    );
  }
  return { v4, v6 };
}

/** @throws NetlearnError unless `text` is `NAME=CHOICE` with a known name and a choice it has */
export function readEntity(text: string, origin: Origin): readonly [ConfigurableEntity, EntityChoice] {
  const [name = "", choice = "", ...rest] = text.split("=");
  if (choice === "" || rest.length > 0) {
    throw bad(text, origin, "is not of the form NAME=CHOICE", "For example kube-apiserver=address.");
  }
  const entity = readChoice(name, origin, ENTITY_CHOICE_NAMES);
  if (choice === "address" && WITHOUT_ADDRESS.includes(entity)) {
    const why =
      entity === "icmp"
        ? "ICMP has no ports, and a rule without ports would allow them all"
        : "pods of another cluster are known by their names, and addresses of pods do not last";
    throw bad(text, origin, "cannot be", `${why}: open or omit.`);
  }
  return [entity, readChoice(choice, origin, ENTITY_CHOICES)];
}

/**
 * Checks the shape of an edge pattern; what it matches is decided where edges are known (graph/edge-pattern.ts).
 *
 * @throws NetlearnError when a side is missing, or there is more than one arrow or a space inside a side
 */
export function readPattern(text: string, origin: Origin): string {
  const sides = text.split("->").map((side) => side.trim());
  if (sides.length > 2 || !sides.every((side) => /^[^\s<>=]+$/u.test(side))) {
    throw bad(
      text,
      origin,
      "is no pattern",
      "Write NAMESPACE/WORKLOAD, CLIENT->SERVER or CLIENT->SERVER:PORT, for example 'monitoring/*->*:9090' (in quotes).",
    );
  }
  return text;
}

// RFC 1123 label, as namespaces are (k8s.io/apimachinery validation).
function readNamespace(text: string, origin: Origin): string {
  if (!/^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/u.test(text)) {
    throw bad(text, origin, "is no namespace name", "Namespaces have lower-case letters, digits and dashes: shop.");
  }
  return text;
}

function readText(text: string, origin: Origin): string {
  if (text.trim() === "") {
    throw bad(text, origin, "is empty", "Give a value, or leave the option out.");
  }
  return text;
}

const CHECKS: Readonly<Record<Exclude<Syntax, "choice" | "choices">, (text: string, origin: Origin) => unknown>> = {
  entity: readEntity,
  namespace: readNamespace,
  path: readText,
  pattern: readPattern,
  peer: readText,
  port: readPort,
  prefixes: readPrefixes,
  switch: (text, origin) => {
    throw bad(text, origin, "is neither true nor false");
  },
  text: readText,
  time: (text, origin) => readTime(text, origin, 0),
};

const DURATION = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/u;
const UNITS = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000] as const;
// A time without a zone would mean something else on every machine, so it is not a time.
const TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/u;

function durationOf(match: RegExpExecArray): number {
  return UNITS.reduce((sum, unit, index) => sum + unit * Number(match[index + 1] ?? 0), 0);
}

// Date.parse reads 31 February as 3 March.
function dayExists(text: string): boolean {
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

function bad(text: string, origin: Origin, problem: string, hint?: string): NetlearnError {
  return new NetlearnError(
    origin.code,
    `${origin.label}: ${JSON.stringify(text)} ${problem}`,
    hint === undefined ? {} : { hint },
  );
}
