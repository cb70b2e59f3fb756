import { fileCollectChoice, kafkaCollectOptions } from "../../config/collect-options.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { runFiles } from "../collect/run-files.ts";
import { runTopics } from "../collect/run-topics.ts";
import type { ProcessExitCode } from "../io.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn collect`: learns from Kafka topics, or from files, into a state.
 *
 * @returns 0 when it caught up or was asked to end while it followed; 1 when an input could only partly be read; 130 or
 *   143 when it was asked to end before it had caught up
 * @throws NetlearnError `NETLEARN_USAGE` before anything is tried; `NETLEARN_INPUT_EMPTY` when nothing of what was read is
 *   a flow record; `NETLEARN_INPUT_MISSING`, `NETLEARN_KAFKA_UNAVAILABLE`, `NETLEARN_STATE_UNUSABLE`, `NETLEARN_STATE_BUSY`
 */
export async function runCollect(
  inputs: readonly string[],
  session: Session,
  version: string,
): Promise<ProcessExitCode> {
  const { settings, io, log } = session;
  if (!settings.fromFiles) {
    refuseInputs(inputs);
    return await runTopics(await kafkaCollectOptions(settings, io), session, version);
  }
  if (inputs.length === 0) {
    throw new NetlearnError("NETLEARN_USAGE", "netlearn collect: there is no file to read", {
      hint: "Give files, directories or globs with Hubble flows: netlearn collect --from-files flows.jsonl, or - for standard input.",
    });
  }
  if (inputs.includes("-") && io.stdin.isTTY === true) {
    log.say("info", "notice", "Reading flows from the terminal; end with Ctrl-D.");
  }
  return await runFiles(inputs, fileCollectChoice(settings), session, version);
}

function refuseInputs(inputs: readonly string[]): void {
  const [first] = inputs;
  if (first === undefined) return;
  throw new NetlearnError("NETLEARN_USAGE", `netlearn collect: ${JSON.stringify(first)} is no option`, {
    hint: "--from-files reads files; topics are named with --topic.",
  });
}
