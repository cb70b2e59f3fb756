import { auditTotals, type Totals } from "../../ingest/totals.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { type Collected, renderCollected, renderRejected } from "../../report/collected.ts";
import { counted } from "../../report/wording.ts";
import type { ProcessExitCode } from "../io.ts";
import type { Log, LogRecord } from "../log.ts";
import type { Session } from "../session.ts";

/** What became of what was read, for machines. */
export function totalsRecord({
  rejections: _samples,
  lastRecord,
  ...counts
}: Totals): Readonly<Record<string, unknown>> {
  const isDate = lastRecord !== undefined && Math.abs(lastRecord) <= 8.64e15;
  return { ...counts, lastRecord: isDate ? new Date(lastRecord).toISOString() : undefined };
}

/** Says what a run did: a summary for people, one record a fact for machines. */
export function sayOutcome(log: Log, collected: Collected, summary: LogRecord): void {
  const rejected = collected.rejections.map(({ reason, count, sample }): LogRecord => {
    const { source, line } = sample.place;
    return { level: "warning", event: "rejected", reason, count, source, line, detail: sample.detail };
  });
  const { style } = log.options;
  log.block([...rejected, summary], () =>
    log.shows("info") ? renderCollected(collected, style) : renderRejected(collected, style),
  );
}

/**
 * Refuses a run that read something and understood nothing: it would look like a cluster where nobody does anything.
 *
 * @param noun what was read: `record`, `file`
 * @throws NetlearnError `NETLEARN_INPUT_EMPTY`
 */
export function requireRecords(totals: Totals, noun: string): void {
  const { inputs, records, rejections } = totals;
  const [first] = rejections;
  if (records > 0 || auditTotals(totals).events > 0 || first === undefined) return;
  const { source } = first.sample.place;
  throw new NetlearnError(
    "NETLEARN_INPUT_EMPTY",
    `${counted(inputs, noun)} read, and neither a flow nor an audit event in any: ${source}: ${first.sample.detail}`,
    {
      hint: "Look at what is there, and name what holds Hubble flows or audit events. What was read will not be read again.",
    },
  );
}

/** A run that can't end in time is left alone; exit code 3. */
export function sayOverdue({ log, settings }: Session): ProcessExitCode {
  const message = `The run was to end and did not within --shutdown-timeout (${settings.shutdownTimeout / 1000} s). What was read last is not in the state; the next run reads it again.`;
  log.say("error", "overdue", message);
  return 3;
}
