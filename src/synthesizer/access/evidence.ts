import { byText, earlier, later } from "../../lib/sort.ts";
import type { AccessEvidence } from "../../model/access.ts";

/** How many user agents and addresses are shown of one line. */
const SHOWN = 4;

/** What several uses show together; undefined where nothing was seen. */
export function mergeEvidence(all: readonly (AccessEvidence | undefined)[]): AccessEvidence | undefined {
  const seen = all.filter((one) => one !== undefined);
  const [first, ...rest] = seen;
  if (first === undefined || rest.length === 0) return first;
  return {
    requests: seen.reduce((sum, { requests }) => sum + requests, 0),
    exact: seen.every(({ exact }) => exact),
    firstSeen: seen.map(({ firstSeen }) => firstSeen).reduce(earlier),
    lastSeen: seen.map(({ lastSeen }) => lastSeen).reduce(later),
    hours: numbers(seen.map(({ hours }) => hours)),
    codes: numbers(seen.map(({ codes }) => codes)),
    userAgents: texts(seen.map(({ userAgents }) => userAgents)),
    sourceIps: texts(seen.map(({ sourceIps }) => sourceIps)),
  };
}

function numbers(lists: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(lists.flat())].toSorted((a, b) => a - b);
}

function texts(lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].toSorted(byText).slice(0, SHOWN);
}
