import { type AskedEnd, answerQuestion, findAskedEnd } from "../../evaluator/review/question.ts";
import type { ReviewWorld } from "../../evaluator/review/world.ts";
import { didYouMean } from "../../lib/closest.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { ShownAnswer } from "../../report/can/answer.ts";

/** A question about one connection, the ends as they were written. */
export interface Question {
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: PolicyProtocol;
}

/** Longer lines are no questions. */
const LONGEST = 64 * 1024;

/**
 * Reads a line of `--queries`: `{"from":"shop/cart","to":"shop/db","port":5432,"protocol":"TCP"}`; without a protocol
 * TCP is meant, as in a NetworkPolicy. Other fields are ignored.
 *
 * @throws NetlearnError `NETLEARN_USAGE` that says what is wrong with the line
 */
export function parseQuestion(line: string): Question {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("the line is no JSON object");
  const fields = new Map<string, unknown>(Object.entries(value));
  const port = fields.get("port");
  if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw bad(`port: ${shown(port)} is no whole number from 1 to 65535`);
  }
  return {
    from: endOf(fields, "from"),
    to: endOf(fields, "to"),
    port,
    protocol: protocolOf(fields.get("protocol") ?? "TCP"),
  };
}

function parseJson(line: string): unknown {
  if (line.length > LONGEST) throw bad("the line is longer than 64 KiB");
  try {
    return JSON.parse(line);
  } catch (error) {
    throw bad(`the line is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function endOf(fields: ReadonlyMap<string, unknown>, name: string): string {
  const text = fields.get(name);
  if (typeof text === "string" && text !== "") return text;
  throw bad(`${name}: ${shown(text)} is no pod, workload or address`);
}

function protocolOf(value: unknown): PolicyProtocol {
  const text = typeof value === "string" ? value.toUpperCase() : value;
  if (text === "TCP" || text === "UDP" || text === "SCTP") return text;
  throw bad(`protocol: ${shown(value)} is none of TCP, UDP, SCTP`);
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 100);
}

function bad(problem: string): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", problem, {
    hint: 'Write {"from":"shop/cart","to":"shop/db","port":5432,"protocol":"TCP"}, one object a line.',
  });
}

/**
 * Answers a question.
 *
 * @throws NetlearnError `NETLEARN_USAGE` for an end nobody knows, with what was probably meant
 */
export function answer(world: ReviewWorld, question: Question): ShownAnswer {
  const client = requireEnd(world, question.from, "client");
  const server = requireEnd(world, question.to, "server");
  const { port, protocol } = question;
  const answered = answerQuestion(world, { client, server }, { port, protocol });
  return { from: client.text, to: server.text, port, protocol, profile: world.compiled.profileName, ...answered };
}

function requireEnd(world: ReviewWorld, text: string, which: string): AskedEnd {
  const found = findAskedEnd(world, text);
  if ("ends" in found) return found;
  const { problem, names } = found;
  if (problem === "several") {
    throw new NetlearnError("NETLEARN_USAGE", `${which}: ${JSON.stringify(text)} is the name of several workloads`, {
      hint: `Say which: ${names.slice(0, 10).join(", ")}.`,
    });
  }
  const known =
    names.length === 0
      ? "No workload is known: give their manifests too, or flows (--flows)."
      : `Known workloads: ${names.slice(0, 10).join(", ")}${names.length > 10 ? ", …" : ""}.`;
  throw new NetlearnError("NETLEARN_USAGE", `${which}: there is no pod, workload or address ${JSON.stringify(text)}`, {
    hint: didYouMean(text, names) ?? known,
  });
}
