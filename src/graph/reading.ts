import { by } from "../lib/sort.ts";
import type { Reading } from "../model/reading.ts";
import type { RejectionCount } from "./rejections.ts";

/** What reading the inputs was like, records apart. */
export type InputCounts = Pick<Reading, "bytes" | "lines" | "remembered" | "sources" | "unreadable">;

/**
 * Puts together what became of everything that was read.
 *
 * @param counts the learner's counters of records
 * @param undecidedRecords records of connections whose client stayed unknown
 */
export function readingOf(
  inputs: InputCounts,
  counts: ReadonlyMap<string, number>,
  rejections: readonly RejectionCount[],
  undecidedRecords: number,
): Reading {
  const setAside = new Map(prefixed(counts, "aside:"));
  if (undecidedRecords > 0) setAside.set("undecided", undecidedRecords);
  const records = counts.get("records") ?? 0;
  const left = [...setAside.values()].reduce((sum, count) => sum + count, 0);
  return {
    sources: inputs.sources,
    bytes: inputs.bytes,
    lines: inputs.lines,
    remembered: inputs.remembered,
    records,
    used: Math.max(0, records - left),
    setAside: Object.fromEntries([...setAside].toSorted(by(([reason]) => reason))),
    rejected: rejections.toSorted(by(({ reason }) => reason)),
    otherEvents: Object.fromEntries(prefixed(counts, "event:")),
    unreadable: inputs.unreadable,
  };
}

function prefixed(counts: ReadonlyMap<string, number>, prefix: string): [string, number][] {
  const rows = [...counts].filter(([key]) => key.startsWith(prefix));
  return rows.map(([key, count]): [string, number] => [key.slice(prefix.length), count]).toSorted(by(([key]) => key));
}
