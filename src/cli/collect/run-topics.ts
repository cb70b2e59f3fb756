import type { KafkaCollectOptions } from "../../config/collect-options.ts";
import type { KafkaRunResult } from "../../ingest/run-kafka.ts";
import { auditTotals } from "../../ingest/totals.ts";
import type { Collected } from "../../report/collected.ts";
import { counted } from "../../report/wording.ts";
import { interruptionCode, type ProcessExitCode } from "../io.ts";
import type { Session } from "../session.ts";
import { IngestLog } from "./ingest-log.ts";
import { requireRecords, sayOutcome, sayOverdue, totalsRecord } from "./outcome.ts";
import { type Watch, watchRun } from "./watch.ts";
import { withinBudget } from "./within-budget.ts";

/**
 * Reads Kafka topics into a state.
 *
 * @returns 0 when it caught up or was asked to end while it followed; else 130 or 143
 * @throws NetlearnError as `collectKafka` does; `NETLEARN_INPUT_EMPTY` when nothing of what was read is a flow record or an audit event
 */
export async function runTopics(
  options: KafkaCollectOptions,
  session: Session,
  version: string,
): Promise<ProcessExitCode> {
  const { io, settings } = session;
  warnOfPlainText(options, session);
  const { stateName } = await import("../../collect.ts");
  const log = new IngestLog(session, options);
  const watch = await watchRun(session, log, version);
  try {
    const work = start(options, session, { log, watch });
    const finished = await withinBudget(work, io.signal, settings.shutdownTimeout);
    session.clearProgress();
    if (finished.kind === "overdue") return sayOverdue(session);
    await watch.finish(finished.result.totals);
    return conclude(finished.result, { state: stateName(options.state), options }, session);
  } finally {
    session.clearProgress();
    watch.close();
  }
}

async function start(
  options: KafkaCollectOptions,
  session: Session,
  { log, watch }: { readonly log: IngestLog; readonly watch: Watch },
): Promise<KafkaRunResult> {
  const { io } = session;
  const { collectKafka } = await import("../../collect.ts");
  return await collectKafka(options, {
    signal: io.signal,
    now: io.now,
    observer: watch.observer,
    begun: (beginning) => {
      watch.opened(beginning.store);
      log.begun(beginning);
    },
    ending: watch.ending,
    log: (line) => session.log.say("debug", "kafka-client", line),
    connect: io.connectKafka,
  });
}

function warnOfPlainText({ connection }: KafkaCollectOptions, { log }: Session): void {
  const { sasl, tls } = connection;
  if (tls !== undefined || (sasl?.mechanism !== "plain" && sasl?.mechanism !== "oauthbearer")) return;
  log.say("warning", "no-tls", `--sasl ${sasl.mechanism} without TLS: whoever listens on the way can read the secret`);
}

function conclude(
  result: KafkaRunResult,
  { state, options }: { readonly state: string; readonly options: KafkaCollectOptions },
  { io, log }: Session,
): ProcessExitCode {
  const collected = describe(result, state, options);
  const event = result.caughtUp ? "caught-up" : "stopped";
  sayOutcome(log, collected, { level: "info", event, state, ...recordOf(result) });
  requireRecords(result.totals, "record");
  return result.caughtUp || options.mode === "follow" ? 0 : interruptionCode(io.signal);
}

function describe(
  { topics, partitions, totals, caughtUp }: KafkaRunResult,
  state: string,
  options: KafkaCollectOptions,
): Collected {
  const { inputs, records, used, setAside, rejections, lostEvents, lastRecord } = totals;
  const audit = auditTotals(totals);
  const lag = partitions.reduce((sum, held) => sum + held.lag, 0);
  const read = `${counted(inputs, "record")} of ${counted(partitions.length, "partition")} of ${topics.join(", ")}`;
  const behind = `${counted(lag, "record")} behind; what was read is in the state`;
  const ending = caughtUp
    ? "caught up with what was there when the run began"
    : options.mode === "follow"
      ? `asked to end, ${behind}`
      : `interrupted, ${behind}, and the next run goes on from there`;
  return { state, read, records, used, setAside, audit, rejections, lostEvents, lastRecord, ending };
}

function recordOf({ topics, partitions, totals }: KafkaRunResult): Readonly<Record<string, unknown>> {
  const positions = partitions.map(({ topic, partition, next, end }) => ({ topic, partition, next, end }));
  return { topics, partitions: positions, ...totalsRecord(totals) };
}
