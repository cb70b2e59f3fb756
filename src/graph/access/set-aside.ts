import { by } from "../../lib/sort.ts";

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
 */
export function setAsideOf(
  counts: ReadonlyMap<string, number>,
  isPresuming: boolean,
): Readonly<Record<string, number>> {
  const reasons = { ...ASIDE, ...(isPresuming ? REFUSED : UNDECIDED) };
  const rows = [...counts].flatMap(([what, count]): [string, number][] => {
    const reason = Object.hasOwn(reasons, what) ? reasons[what] : undefined;
    return reason === undefined ? [] : [[reason, count]];
  });
  return Object.fromEntries(rows.toSorted(by(([reason]) => reason)));
}
