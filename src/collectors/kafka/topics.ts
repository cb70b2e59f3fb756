import type { NetlearnError } from "../../lib/errors.ts";
import { some } from "../../lib/some.ts";
import { by } from "../../lib/sort.ts";
import { unavailable } from "./unavailable.ts";

/**
 * The topics that patterns name: a pattern is a name, or a regular expression between slashes that has to match a
 * whole name.
 *
 * @param names what topics there are
 * @returns sorted, each once
 * @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE when a pattern names nothing, or is no regular expression
 */
export function matchTopics(names: readonly string[], patterns: readonly string[]): readonly string[] {
  const found = patterns.flatMap((pattern) => {
    const expression = expressionOf(pattern);
    const matches = names.filter((name) => (expression === undefined ? name === pattern : expression.test(name)));
    if (matches.length > 0) {
      return matches;
    }
    throw expression === undefined ? noTopic([pattern], names) : noMatch(pattern, names);
  });
  return [...new Set(found)].toSorted(by((name) => name));
}

/** An error about topics that are not among those there are; undefined when all of them are. */
export function missingTopics(topics: readonly string[], names: readonly string[]): NetlearnError | undefined {
  const missing = topics.filter((topic) => !names.includes(topic));
  return missing.length === 0 ? undefined : noTopic(missing, names);
}

function expressionOf(pattern: string): RegExp | undefined {
  const [, source] = /^\/(.+)\/$/su.exec(pattern) ?? [];
  if (source === undefined) {
    return undefined;
  }
  try {
    return new RegExp(`^(?:${source})$`, "u");
  } catch (error) {
    throw unavailable(
      `${JSON.stringify(pattern)} is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      "Regular expressions are those of JavaScript; a topic's name stands without slashes.",
    );
  }
}

function noTopic(missing: readonly string[], names: readonly string[]): NetlearnError {
  const quoted = some(missing.map((name) => JSON.stringify(name)));
  return unavailable(
    `Kafka has no topic ${quoted} that this client may see${nearest(missing[0] ?? "", names)}`,
    "Create it, mend the name, or allow the client to describe it (ACL operation Describe).",
  );
}

function noMatch(pattern: string, names: readonly string[]): NetlearnError {
  return unavailable(
    `none of the ${names.length} topics this client may see matches ${pattern}${nearest(pattern.slice(1, -1), names)}`,
    "The expression has to match the whole name: /hubble-.*/, not /hubble/.",
  );
}

/** What may have been meant. */
function nearest(text: string, names: readonly string[]): string {
  const near = names
    .map((name) => ({
      name,
      unlike: distance(text.toLowerCase(), name.toLowerCase()) / Math.max(text.length, name.length),
    }))
    .filter(({ name, unlike }) => unlike <= 0.5 || name.includes(text))
    .toSorted((a, b) => a.unlike - b.unlike)
    .map(({ name }) => JSON.stringify(name));
  return near.length === 0 ? "" : `; there is ${some(near)}`;
}

/** Levenshtein's: letters to insert, delete or change. Names of topics have 249 letters at most. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (above[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(change, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return row[b.length] ?? 0;
}
