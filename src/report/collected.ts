import type { Rejection } from "../model/observation.ts";
import type { AuditReading } from "../model/reading.ts";
import { terminalSentence, terminalText } from "./escape.ts";
import { labelled, section, type TerminalStyle } from "./terminal-layout.ts";
import { counted, formatTime, thousands } from "./wording.ts";

/** What a run of `netlearn collect` did. */
export interface Collected {
  /** The state, without a password. */
  readonly state: string;
  /** What was read, in words: `12 records of 3 partitions`. */
  readonly read: string;
  readonly records: number;
  readonly used: number;
  readonly setAside: Readonly<Record<string, number>>;
  /** Audit events; `undecided` are neither used nor set aside yet. */
  readonly audit: AuditReading & { readonly undecided: number };
  readonly rejections: readonly { readonly reason: string; readonly count: number; readonly sample: Rejection }[];
  readonly lostEvents: number;
  /** Milliseconds since the epoch. */
  readonly lastRecord: number | undefined;
  readonly ending: string;
}

/**
 * What a run did, for a person at a terminal.
 *
 * @returns lines within the style's width, without a line break at the end
 */
export function renderCollected(collected: Collected, style: TerminalStyle): string {
  const { state, read, records, used, lostEvents, lastRecord, ending } = collected;
  const setAside = rowsOf(collected.setAside);
  const kept = keptText(used, counted(records, "flow record"), records - used - total(setAside));
  return [
    ...labelled(style, "State", terminalText(state)),
    ...labelled(style, "Read", terminalSentence(read)),
    ...(records === 0 ? [] : labelled(style, "Used", kept)),
    ...section(style, "Set aside", counted(total(setAside), "record"), setAside),
    ...auditLines(collected, style),
    ...rejectedLines(collected, style),
    ...(lostEvents === 0 ? [] : labelled(style, "Lost", `${counted(lostEvents, "event")}, as the sources say`)),
    ...(lastRecord === undefined ? [] : labelled(style, "Last", `${formatTime(lastRecord)} UTC`)),
    ...labelled(style, "Ended", ending),
  ].join("\n");
}

/** The part of {@link renderCollected} that must be seen even when everything else is silenced. */
export function renderRejected(collected: Pick<Collected, "rejections">, style: TerminalStyle): string {
  return rejectedLines(collected, style).join("\n");
}

function auditLines({ audit }: Collected, style: TerminalStyle): readonly string[] {
  const { events, used, undecided } = audit;
  if (events === 0) return [];
  const setAside = rowsOf(audit.setAside);
  return [
    ...labelled(style, "Audit", keptText(used, counted(events, "audit event"), undecided)),
    ...section(style, "Set aside", counted(total(setAside), "audit event"), setAside),
  ];
}

function keptText(used: number, all: string, undecided: number): string {
  return `${thousands(used)} of ${all}${undecided > 0 ? `, ${thousands(undecided)} undecided until more is known` : ""}`;
}

/** The most frequent first. */
function rowsOf(
  counts: Readonly<Record<string, number>>,
): readonly { readonly count: number; readonly text: string }[] {
  return Object.entries(counts)
    .map(([reason, count]) => ({ count, text: terminalText(reason) }))
    .toSorted((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
}

function rejectedLines({ rejections }: Pick<Collected, "rejections">, style: TerminalStyle): readonly string[] {
  const rows = rejections.map(({ reason, count, sample }) => {
    return { count, text: terminalSentence(`${reason}: ${sample.place.source}: ${sample.detail}`) };
  });
  return section(style, "Rejected", `${counted(total(rows), "record")} not understood`, rows);
}

function total(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}
