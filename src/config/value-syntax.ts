import { didYouMean } from "../lib/closest.ts";
import { readBroker, readCount, readPortNumber, readTopic, readUrl } from "./collect-syntax.ts";
import { badValue, type Given, type Origin, splitList } from "./given.ts";
import type { OptionSpec, Syntax } from "./option-spec.ts";
import { readSelector } from "./selector-syntax.ts";
import {
  type ConfigurableEntity,
  ENTITY_CHOICE_NAMES,
  ENTITY_CHOICES,
  type EntityChoice,
  type ExternalPrefix,
  type PortQuestion,
  WITHOUT_ADDRESS,
} from "./settings.ts";
import { readAge, readDays, readDuration, readStart, readTime } from "./time-syntax.ts";

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
    throw badValue(text, origin, "is no choice here", didYouMean(text, choices) ?? `Choices: ${choices.join(", ")}.`);
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
  if (named.length === 0) throw badValue(text, origin, "names nothing", `Choices: ${choices.join(", ")}.`);
  return named;
}

/** @throws NetlearnError unless `text` is a port, with or without `/TCP`, `/UDP`, `/SCTP` in either case */
export function readPort(text: string, origin: Origin): PortQuestion {
  const match = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/iu.exec(text);
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535) {
    throw badValue(
      text,
      origin,
      "is no port",
      "Write a number from 1 to 65535, with a protocol if it matters: 53/UDP.",
    );
  }
  return { port, protocol: match[2]?.toUpperCase() };
}

/** @throws NetlearnError unless `text` is a prefix length or two, and neither wider than /16 (IPv4) and /48 (IPv6) */
export function readPrefixes(text: string, origin: Origin): ExternalPrefix {
  const match = /^\/?(\d{1,3})(?:\s*,\s*\/?(\d{1,3}))?$/u.exec(text);
  const v4 = Number(match?.[1]);
  const v6 = match?.[2] === undefined ? 128 : Number(match[2]);
  if (match === null || v4 < 16 || v4 > 32 || v6 < 48 || v6 > 128) {
    throw badValue(
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
    throw badValue(text, origin, "is not of the form NAME=CHOICE", "For example kube-apiserver=address.");
  }
  const entity = readChoice(name, origin, ENTITY_CHOICE_NAMES);
  if (choice === "address" && WITHOUT_ADDRESS.includes(entity)) {
    const why =
      entity === "icmp"
        ? "ICMP has no ports, and a rule without ports would allow them all"
        : "pods of another cluster are known by their names, and addresses of pods do not last";
    throw badValue(text, origin, "cannot be", `${why}: open or omit.`);
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
    throw badValue(
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
    throw badValue(
      text,
      origin,
      "is no namespace name",
      "Namespaces have lower-case letters, digits and dashes: shop.",
    );
  }
  return text;
}

function readText(text: string, origin: Origin): string {
  if (text.trim() === "") {
    throw badValue(text, origin, "is empty", "Give a value, or leave the option out.");
  }
  return text;
}

const CHECKS: Readonly<Record<Exclude<Syntax, "choice" | "choices">, (text: string, origin: Origin) => unknown>> = {
  age: readAge,
  brokers: (text, origin) => splitList(text).map((one) => readBroker(one, origin)),
  count: readCount,
  days: readDays,
  duration: readDuration,
  entity: readEntity,
  namespace: readNamespace,
  path: readText,
  pattern: readPattern,
  peer: readText,
  port: readPort,
  "port-number": readPortNumber,
  prefixes: readPrefixes,
  selector: readSelector,
  start: (text, origin) => readStart(text, origin, 0),
  switch: (text, origin) => {
    throw badValue(text, origin, "is neither true nor false");
  },
  text: readText,
  topic: readTopic,
  url: readUrl,
  time: (text, origin) => readTime(text, origin, 0),
};
