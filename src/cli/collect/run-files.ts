import type { FileCollectChoice } from "../../config/collect-options.ts";
import type { FileRunResult } from "../../ingest/collect-files.ts";
import type { FoldReport, IngestObserver } from "../../ingest/observer.ts";
import { auditTotals } from "../../ingest/totals.ts";
import { counted, formatBytes, thousands } from "../../report/wording.ts";
import { interruptionCode, type ProcessExitCode } from "../io.ts";
import type { Session } from "../session.ts";
import { requireRecords, sayOutcome, sayOverdue, totalsRecord } from "./outcome.ts";
import { type Watch, watchRun } from "./watch.ts";
import { withinBudget } from "./within-budget.ts";

/**
 * Reads flow logs into a state.
 *
 * @returns 0 when all of them were read; 1 when one could only partly be read; 130 or 143 when it was asked to end before
 * @throws NetlearnError as `collectFiles` does; `NETLEARN_INPUT_EMPTY` when nothing of what was read is a flow record or an audit event
 */
export async function runFiles(
  inputs: readonly string[],
  choice: FileCollectChoice,
  session: Session,
  version: string,
): Promise<ProcessExitCode> {
  const { io, settings } = session;
  const { stateName } = await import("../../collect.ts");
  const watch = await watchRun(session, foldLog(session), version);
  try {
    const finished = await withinBudget(start(inputs, choice, session, watch), io.signal, settings.shutdownTimeout);
    session.clearProgress();
    if (finished.kind === "overdue") return sayOverdue(session);
    await watch.finish(finished.result.totals);
    return conclude(finished.result, stateName(choice.state), session);
  } finally {
    session.clearProgress();
    watch.close();
  }
}

async function start(
  inputs: readonly string[],
  choice: FileCollectChoice,
  session: Session,
  watch: Watch,
): Promise<FileRunResult> {
  const { io, log } = session;
  const { collectFiles } = await import("../../collect.ts");
  return await collectFiles(inputs, choice, {
    signal: io.signal,
    now: io.now,
    stdin: io.stdin,
    observer: watch.observer,
    begun: ({ state, store }) => {
      watch.opened(store);
      log.say("debug", "started", `Reading files into ${state}.`, { state });
    },
    ending: watch.ending,
    notice: (text) => log.say("info", "notice", text),
    progress: (progress) => session.showProgress(progress),
  });
}

function foldLog({ log }: Session): IngestObserver {
  return {
    assigned: () => {},
    folded: ({ inputs, size, changed, milliseconds }: FoldReport) => {
      const message = `Wrote to the state in ${thousands(milliseconds)} ms; ${counted(changed, "fact")} changed.`;
      log.say("debug", "folded", message, { inputs, size, changed, milliseconds });
    },
    fenced: () => {},
    gap: () => {},
    progress: () => {},
  };
}

function conclude(result: FileRunResult, state: string, { io, log }: Session): ProcessExitCode {
  const { summary, totals, unchanged, isStopped } = result;
  const { sources, bytes, lines, unreadable } = summary;
  for (const { source, message } of unreadable) {
    log.say("error", "unreadable", `${source} could not be read to its end: ${message}`, { source });
  }
  const { records, used, setAside, rejections, lostEvents, lastRecord } = totals;
  const audit = auditTotals(totals);
  const known = unchanged === 0 ? "" : `; ${counted(unchanged, "file")} held nothing new`;
  const read = `${counted(sources, "source")}, ${formatBytes(bytes)}, ${counted(lines, "line")}${known}`;
  const ending = isStopped
    ? "interrupted; what was read is in the state, and the next run goes on from there"
    : "everything was read";
  const collected = { state, read, records, used, setAside, audit, rejections, lostEvents, lastRecord, ending };
  const event = isStopped ? "stopped" : "caught-up";
  const counts = { sources, bytes, lines, unchanged, ...totalsRecord(totals) };
  sayOutcome(log, collected, { level: "info", event, state, ...counts });
  requireRecords(totals, "file");
  if (isStopped) return interruptionCode(io.signal);
  return unreadable.length > 0 ? 1 : 0;
}
