import { auditReadingOf } from "../graph/access/set-aside.ts";
import type { Learner } from "../graph/learner.ts";
import { mergeRejections, type RejectionCount } from "../graph/rejections.ts";
import { by, later } from "../lib/sort.ts";
import type { AuditReading } from "../model/reading.ts";

/** What became of everything this run folded in, for logs and metrics. */
export interface Totals {
  /** Kafka records, or files. */
  readonly inputs: number;
  /** Flow records understood. */
  readonly records: number;
  /** Flow records that became evidence. */
  readonly used: number;
  /** Flow records left out, by reason. */
  readonly setAside: Readonly<Record<string, number>>;
  /** Audit events understood, by what they came to: see `graph/access/fate.ts`. */
  readonly auditEvents: Readonly<Record<string, number>>;
  /** What could not be read, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
  /** The same with a sample of each reason, in the order of the reasons. */
  readonly rejections: readonly RejectionCount[];
  /** Events that sources say they lost. */
  readonly lostEvents: number;
  /** Time of the last flow record or audit event, milliseconds since the epoch. */
  readonly lastRecord: number | undefined;
}

export const NO_TOTALS: Totals = {
  inputs: 0,
  records: 0,
  used: 0,
  setAside: {},
  auditEvents: {},
  rejected: {},
  rejections: [],
  lostEvents: 0,
  lastRecord: undefined,
};

/** Adds what a delta brought. */
export function addTotals(
  totals: Totals,
  { inputs, learner }: { readonly inputs: number; readonly learner: Learner },
): Totals {
  const { accesses, observations } = learner;
  const { counts } = observations;
  const last = later(observations.last, accesses.last);
  const count = (name: string): number => counts.get(name) ?? 0;
  const setAside: Record<string, number> = { ...totals.setAside };
  const auditEvents: Record<string, number> = { ...totals.auditEvents };
  const rejected: Record<string, number> = { ...totals.rejected };
  for (const [name, number] of counts) {
    if (name.startsWith("aside:")) add(setAside, name.slice("aside:".length), number);
  }
  for (const [fate, number] of accesses.counts) add(auditEvents, fate, number);
  for (const { reason, count: number } of learner.rejections()) add(rejected, reason, number);
  return {
    inputs: totals.inputs + inputs,
    records: totals.records + count("records"),
    used: totals.used + count("used"),
    setAside,
    auditEvents,
    rejected,
    rejections: mergeCounts(totals.rejections, learner.rejections()),
    lostEvents: totals.lostEvents + count("lost"),
    lastRecord: later(last, totals.lastRecord),
  };
}

/** What became of audit events, as far as one run can tell. */
export interface AuditTotals extends AuditReading {
  /** Events that count only where no event ever tells a decision: `used` leaves them out. */
  readonly undecided: number;
}

/** Sums up the audit events of a run. */
export function auditTotals({ auditEvents }: Totals): AuditTotals {
  const { events, setAside } = auditReadingOf(new Map(Object.entries(auditEvents)));
  const used = (auditEvents["allowed"] ?? 0) + (auditEvents["denied"] ?? 0);
  const left = Object.values(setAside).reduce((sum, count) => sum + count, 0);
  return { events, used, setAside, undecided: events - used - left };
}

function add(sums: Record<string, number>, name: string, number: number): void {
  sums[name] = (sums[name] ?? 0) + number;
}

function mergeCounts(known: readonly RejectionCount[], added: readonly RejectionCount[]): readonly RejectionCount[] {
  const merged = new Map(known.map((one) => [one.reason, one]));
  for (const one of added) {
    const before = merged.get(one.reason);
    merged.set(one.reason, before === undefined ? one : mergeRejections(before, one));
  }
  return [...merged.values()].toSorted(by(({ reason }) => reason));
}
