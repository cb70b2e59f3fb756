import { type KafkaCollectOptions, kafkaCollectOptions } from "../../config/collect-options.ts";
import type { KafkaRunResult } from "../../ingest/run-kafka.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { type Collected, renderCollected } from "../../report/collected.ts";
import { counted } from "../../report/wording.ts";
import { IngestLog } from "../collect/ingest-log.ts";
import { tellAll } from "../collect/observers.ts";
import { withinBudget } from "../collect/within-budget.ts";
import { interruptionCode, type ProcessExitCode } from "../io.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn collect`: learns from Kafka topics, or from files, into a state.
 *
 * @returns 0 when it caught up or was asked to end while it followed; 1 when nothing of what was read is a flow record;
 *   130 or 143 when it was asked to end before it had caught up
 * @throws NetlearnError `NETLEARN_USAGE` before anything is tried; `NETLEARN_KAFKA_UNAVAILABLE`,
 *   `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`
 */
export async function runCollect(
  inputs: readonly string[],
  session: Session,
  version: string,
): Promise<ProcessExitCode> {
  const { settings, io } = session;
  if (inputs.length > 0) {
    throw new NetlearnError("NETLEARN_USAGE", `netlearn collect: ${JSON.stringify(inputs[0])} is not read from Kafka`, {
      hint: "--from-files reads files; topics are named with --topic.",
    });
  }
  const options = kafkaCollectOptions(settings, io);
  return await collectTopics(options, session);
}

async function collectTopics(options: KafkaCollectOptions, session: Session): Promise<ProcessExitCode> {
  const { io, settings, log } = session;
  warnOfPlainText(options, session);
  const { collectKafka, stateName } = await import("../../collect.ts");
  const watcher = new IngestLog(session, options);
  const work = collectKafka(options, {
    signal: io.signal,
    now: io.now,
    observer: tellAll([watcher]),
    begun: (beginning) => watcher.begun(beginning),
    log: (line) => log.say("debug", "kafka-client", line),
    connect: io.connectKafka,
  });
  const finished = await withinBudget(work, io.signal, settings.shutdownTimeout).finally(() => session.clearProgress());
  if (finished.kind === "overdue") return sayOverdue(session);
  return conclude(finished.result, { state: stateName(options.state), options }, session);
}

function warnOfPlainText({ connection }: KafkaCollectOptions, { log }: Session): void {
  const { sasl, tls } = connection;
  if (tls !== undefined || (sasl?.mechanism !== "plain" && sasl?.mechanism !== "oauthbearer")) return;
  log.say("warning", "no-tls", `--sasl ${sasl.mechanism} without TLS: whoever listens on the way can read the secret`);
}

function sayOverdue({ log, settings }: Session): ProcessExitCode {
  const message = `The run was to end and did not within --shutdown-timeout (${settings.shutdownTimeout / 1000} s). What was read last is not in the state; the next run reads it again.`;
  log.say("error", "overdue", message);
  return 3;
}

function conclude(
  result: KafkaRunResult,
  { state, options }: { readonly state: string; readonly options: KafkaCollectOptions },
  { io, log }: Session,
): ProcessExitCode {
  const collected = describe(result, state, options);
  const { totals } = result;
  const isEmpty = totals.records === 0 && totals.rejections.length > 0;
  log.block([{ level: "info", event: result.caughtUp ? "caught-up" : "stopped", state, ...recordOf(result) }], () =>
    renderCollected(collected, log.options.style),
  );
  if (isEmpty) {
    const [first] = totals.rejections;
    throw new NetlearnError(
      "NETLEARN_INPUT_EMPTY",
      `none of ${counted(totals.inputs, "record")} is a flow: ${first?.sample.detail ?? ""}`,
      {
        hint: "Look at what is in the topics, and name those with Hubble flows.",
      },
    );
  }
  return result.caughtUp || options.mode === "follow" ? 0 : interruptionCode(io.signal);
}

function describe(
  { topics, partitions, totals, caughtUp }: KafkaRunResult,
  state: string,
  options: KafkaCollectOptions,
): Collected {
  const { inputs, records, used, setAside, rejections, lostEvents, lastRecord } = totals;
  const lag = partitions.reduce((sum, held) => sum + held.lag, 0);
  const read = `${counted(inputs, "record")} of ${counted(partitions.length, "partition")} of ${topics.join(", ")}`;
  const behind = `${counted(lag, "record")} behind; what was read is in the state`;
  const ending = caughtUp
    ? "caught up with what was there when the run began"
    : options.mode === "follow"
      ? `asked to end, ${behind}`
      : `interrupted, ${behind}, and the next run goes on from there`;
  return { state, read, records, used, setAside, rejections, lostEvents, lastRecord, ending };
}

function recordOf({ topics, partitions, totals }: KafkaRunResult): Readonly<Record<string, unknown>> {
  const positions = partitions.map(({ topic, partition, next, end }) => ({ topic, partition, next, end }));
  const { rejections: _samples, lastRecord, ...counts } = totals;
  const last =
    lastRecord === undefined || Math.abs(lastRecord) > 8.64e15 ? undefined : new Date(lastRecord).toISOString();
  return { topics, partitions: positions, ...counts, lastRecord: last };
}
