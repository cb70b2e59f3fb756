import { by } from "../../lib/sort.ts";
import type { AuditReading } from "../../model/reading.ts";

/** Why an event is no use, by what it came to. */
const ASIDE: Readonly<Record<string, string>> = {
  "outside-window": "outside-window",
  "request-received": "request-received",
  unauthenticated: "unauthenticated",
};
/** The same, where events tell decisions: these were not decided about. */
const UNDECIDED: Readonly<Record<string, string>> = {
  forbidden: "impersonation-refused",
  throttled: "throttled",
  undecided: "undecided",
};
/** The same, where no event tells any: what was not refused is presumed to have been allowed. */
const REFUSED: Readonly<Record<string, string>> = { forbidden: "refused" };

/**
 * Events that are no use, by reason and sorted by it.
 *
 * @param counts events by what they came to, see `fate.ts`
 * @param isPresuming no event told a decision
 * @param others events of other clusters than the one that is meant
 */
export function setAsideOf(
  counts: ReadonlyMap<string, number>,
  isPresuming: boolean,
  others: number,
): Readonly<Record<string, number>> {
  const reasons = { ...ASIDE, ...(isPresuming ? REFUSED : UNDECIDED) };
  const rows = [...counts].flatMap(([what, count]): [string, number][] => {
    const reason = Object.hasOwn(reasons, what) ? reasons[what] : undefined;
    return reason === undefined ? [] : [[reason, count]];
  });
  if (others > 0) rows.push(["other-cluster", others]);
  return Object.fromEntries(rows.toSorted(by(([reason]) => reason)));
}

/**
 * True while no event told a decision: then what was not refused is taken for allowed.
 *
 * @param counts events by what they came to, see `fate.ts`
 */
export function presumes(counts: ReadonlyMap<string, number>): boolean {
  return (counts.get("allowed") ?? 0) + (counts.get("denied") ?? 0) === 0;
}

/**
 * What became of events, by what they came to.
 *
 * @param others events of other clusters than the one that is meant
 */
export function auditReadingOf(counts: ReadonlyMap<string, number>, others = 0): AuditReading {
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, count) => total + count, 0);
  const setAside = setAsideOf(counts, presumes(counts), others);
  const events = sum(counts.values()) + others;
  return { events, used: events - sum(Object.values(setAside)), setAside };
}

/** Adds counts to those that are there. */
export function sumInto(sums: Map<string, number>, counts: ReadonlyMap<string, number>): void {
  for (const [what, count] of counts) sums.set(what, (sums.get(what) ?? 0) + count);
}
