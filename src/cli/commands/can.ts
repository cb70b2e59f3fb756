import { createReadStream } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { readPort } from "../../config/value-syntax.ts";
import { AddressBook } from "../../evaluator/review/addresses.ts";
import { refusedPolicies } from "../../evaluator/review/policies.ts";
import { buildReviewWorld, type ReviewWorld } from "../../evaluator/review/world.ts";
import { type ExitCode, NetlearnError } from "../../lib/errors.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import { renderAnswerJson, renderAnswerText, renderQuestionError } from "../../report/can/answer.ts";
import { orderedFindings } from "../../report/check/order.ts";
import { manifestFindings } from "../check/manifest-findings.ts";
import { answer, parseQuestion, type Question } from "../check/questions.ts";
import { learnFlows, readSource, requireObjects, requireOneStandardInput, type Source } from "../check/sources.ts";
import { wantsColour, widthOf, writeAll } from "../io.ts";
import type { Session } from "../session.ts";

/**
 * `netlearn can`: whether a connection would be allowed, and what decides, to standard output.
 *
 * @returns 0 when every question is answered with allowed, 1 otherwise
 * @throws NetlearnError `NETLEARN_USAGE` when nothing, or nothing that is known, is asked about
 */
export async function runCan(inputs: readonly string[], session: Session): Promise<ExitCode> {
  const { settings } = session;
  const question = questionOf(inputs, session);
  requireOneStandardInput([...settings.manifests, ...(settings.queries === "-" ? ["-"] : [])], settings);
  const world = await readWorld(session);
  return question === undefined ? await answerAll(world, session) : await answerOne(world, question, session);
}

function questionOf(inputs: readonly string[], { settings }: Session): Question | undefined {
  if (settings.queries !== undefined) {
    if (inputs.length === 0) return undefined;
    throw usage("there is a question beside --queries", "Give one or the other.");
  }
  const [from, to, port, ...rest] = inputs;
  if (from === undefined || to === undefined || port === undefined || rest.length > 0) {
    const count = inputs.length === 0 ? "nothing is asked" : `a question has three parts, not ${inputs.length}`;
    throw usage(count, "Ask with client, server and port: netlearn can shop/cart shop/db 5432/TCP --manifests deploy/");
  }
  const read = readPort(port, { label: "the port", code: "NETLEARN_USAGE" });
  const protocol = (["UDP", "SCTP"] as const satisfies readonly PolicyProtocol[]).find(
    (known) => known === read.protocol,
  );
  return { from, to, port: read.port, protocol: protocol ?? "TCP" };
}

async function readWorld(session: Session): Promise<ReviewWorld> {
  const { settings, log, io } = session;
  const { manifests, flows, snapshot, profile } = settings;
  if (manifests.length + flows.length + snapshot.length === 0) {
    throw usage(
      "there is nothing to answer from",
      "Give the policies and workloads with --manifests DIR; --flows and --graph name workloads too.",
    );
  }
  const source = await readSource(manifests, session);
  if (manifests.length > 0) requireObjects([source], manifests);
  requireReadable(source);
  const graph = await learnFlows(session);
  io.signal.throwIfAborted();
  const world = buildReviewWorld({ ...source.inventory, graph }, profile, new AddressBook(graph?.edges ?? []));
  // A cluster would not have these policies as they stand here either; that has to be said.
  for (const finding of orderedFindings([...manifestFindings(source), ...refusedPolicies(world)])) {
    const { severity, place, message, code } = finding;
    const where = place === undefined ? "" : `${place.file}:${place.line}: `;
    const level = severity === "info" ? "info" : "warning";
    log.say(level, "finding", `${where}${message.split("\n", 1).join("")}`, {
      code,
      file: place?.file,
      line: place?.line,
    });
  }
  return world;
}

/** An answer that knows only some of the policies may be wrong, and nobody would see it. */
function requireReadable({ problems }: Source): void {
  const unread = problems.filter(({ code }) => code !== "directory-loop");
  const [first] = unread;
  if (first === undefined) return;
  const more = unread.length === 1 ? "" : ` (and ${unread.length - 1} more like it)`;
  throw new NetlearnError("NETLEARN_INPUT_UNREADABLE", `${first.file}:${first.line}: ${first.message}${more}`, {
    hint: `${first.choice} netlearn check lists everything; an answer without it might be wrong.`,
  });
}

async function answerOne(world: ReviewWorld, question: Question, { io, settings }: Session): Promise<ExitCode> {
  const answered = answer(world, question);
  const style = {
    width: widthOf(io.stdout),
    colour: wantsColour(settings.color, io.env, io.stdout),
    verbose: settings.verbose,
  };
  const isJson = settings.canFormat === "json";
  await writeAll(io.stdout, isJson ? renderAnswerJson(answered) : renderAnswerText(answered, style));
  return answered.verdict === "allowed" ? 0 : 1;
}

/** One answer a line, in the order of the questions: memory does not grow with them. */
async function answerAll(world: ReviewWorld, session: Session): Promise<ExitCode> {
  const { stdout, signal } = session.io;
  let number = 0;
  let isAllowed = true;
  for await (const line of linesOf(session)) {
    signal.throwIfAborted();
    number += 1;
    if (line.trim() === "") continue;
    const { text, allowed } = answerLine(world, line, number);
    isAllowed &&= allowed;
    await writeAll(stdout, text);
  }
  return isAllowed ? 0 : 1;
}

async function* linesOf({ io, settings }: Session): AsyncGenerator<string> {
  const file = settings.queries ?? "-";
  const input = file === "-" ? io.stdin : createReadStream(path.resolve(io.cwd, file));
  let failure: Error | undefined;
  input.once("error", (error: Error) => {
    failure = error;
  });
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    // Only what the input reports: the reader's own errors pass through here too.
    if (error !== failure) throw error;
  }
  if (failure === undefined) return;
  throw new NetlearnError("NETLEARN_INPUT_MISSING", `${JSON.stringify(file)} can't be read: ${failure.message}`, {
    hint: "Give a file with one question a line to --queries, or - for standard input.",
    cause: failure,
  });
}

function answerLine(
  world: ReviewWorld,
  line: string,
  number: number,
): { readonly text: string; readonly allowed: boolean } {
  try {
    const answered = answer(world, parseQuestion(line));
    return { text: renderAnswerJson(answered), allowed: answered.verdict === "allowed" };
  } catch (error) {
    if (!(error instanceof NetlearnError)) throw error;
    return { text: renderQuestionError(number, error.message), allowed: false };
  }
}

function usage(problem: string, hint: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `netlearn can: ${problem}`, { hint });
}
