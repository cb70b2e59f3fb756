import { NetlearnError } from "../../lib/errors.ts";

/**
 * Topics that names and `/regular expressions/` mean.
 *
 * @param names topics that exist
 * @returns each once, sorted
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` for a pattern that nothing matches, `NETLEARN_USAGE` for a malformed one
 */
export function matchTopics(names: readonly string[], patterns: readonly string[]): readonly string[] {
  const found = patterns.flatMap((pattern) => {
    const matching = names.filter(matcher(pattern));
    if (matching.length > 0) return matching;
    throw new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", `no topic matches ${pattern}`, {
      hint: `topics this client may see: ${names.join(", ")}`,
    });
  });
  return [...new Set(found)].toSorted();
}

function matcher(pattern: string): (name: string) => boolean {
  const expression = /^\/(.+)\/$/u.exec(pattern)?.[1];
  if (expression === undefined) return (name) => name === pattern;
  const regex = new RegExp(`^(?:${expression})$`, "u");
  return (name) => regex.test(name);
}
