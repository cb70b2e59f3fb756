import { by } from "../lib/sort.ts";
import type { AuditReading, Reading } from "../model/reading.ts";
import type { RejectionCount } from "./rejections.ts";

/** What reading the inputs was like, records apart. */
export type InputCounts = Pick<Reading, "bytes" | "lines" | "remembered" | "sources" | "unreadable">;

/** What the records themselves came to. */
export interface LearnedCounts {
  /** The learner's counters of flow records. */
  readonly counts: ReadonlyMap<string, number>;
  readonly audit: AuditReading;
  readonly rejections: readonly RejectionCount[];
  /** Records of connections whose client stayed unknown. */
  readonly undecidedRecords: number;
}

/**
 * Puts together what became of everything that was read.
 */
export function readingOf(
  inputs: InputCounts,
  { counts, audit, rejections, undecidedRecords }: LearnedCounts,
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
    audit,
    rejected: rejections.toSorted(by(({ reason }) => reason)),
    otherEvents: Object.fromEntries(prefixed(counts, "event:")),
    unreadable: inputs.unreadable,
  };
}

function prefixed(counts: ReadonlyMap<string, number>, prefix: string): [string, number][] {
  const rows = [...counts].filter(([key]) => key.startsWith(prefix));
  return rows.map(([key, count]): [string, number] => [key.slice(prefix.length), count]).toSorted(by(([key]) => key));
}
