import { NetlearnError } from "../../../lib/errors.ts";
import { at, type Fields, fieldsAt, isFields, listAt } from "../../fields.ts";
import type { WriteResult } from "../../host.ts";
import { redact } from "../git.ts";

/** What a request came to. */
export type Answer<Data = unknown> =
  | { readonly kind: "ok"; readonly data: Data }
  /** GitHub said no: nothing happened. */
  | Denied
  /** A limit, or the end of the run: nothing happened. */
  | { readonly kind: "deferred"; readonly because: string }
  /** GitHub failed, or the connection did: it may have happened. */
  | { readonly kind: "unsure"; readonly because: string };

export interface Denied {
  readonly kind: "denied";
  /** Of HTTP; 200 where GraphQL says no. */
  readonly status: number;
  readonly because: string;
}

/** Whether it is an error of octokit, which gives a status to whatever the network did; others are faults of ours. */
export function isOfOctokit(error: unknown): boolean {
  return at(error, "status") !== undefined || at(error, "errors") !== undefined;
}

/** What is known of a failed request: an answer, or why there can be none. */
export type Failure =
  | Exclude<Answer, { kind: "ok" | "deferred" }>
  | { readonly kind: "limited"; readonly until: number }
  /** The credentials are not, or no longer, taken. */
  | { readonly kind: "unknown-to-github"; readonly because: string };

/** Without `retry-after` GitHub asks for a minute at least. */
const UNTOLD_WAIT_MS = 60_000;

/**
 * What an error of octokit means: `request` failed.
 *
 * @param now milliseconds since the epoch
 * @param secrets what must not be in a text
 */
export function failureOf(error: unknown, now: number, secrets: readonly string[]): Failure {
  const { status, headers, errors, message } = saidBy(error);
  const because = redact(oneLine(message), secrets);
  const limit: Failure = { kind: "limited", until: limitedUntil(headers, now) };
  const type = errors[0]?.type;
  if (at(error, "errors") !== undefined) {
    if (type === "RATE_LIMITED") return limit;
    // A type is named where the answer is no; without one GraphQL failed, and may have written before.
    return type === undefined ? { kind: "unsure", because } : { kind: "denied", status: 200, because };
  }
  if (status === 401) return { kind: "unknown-to-github", because };
  if (isLimit(status, headers, message)) return limit;
  const isNo = status !== undefined && status >= 400 && status < 500;
  return isNo ? { kind: "denied", status, because } : { kind: "unsure", because };
}

interface Said {
  /** Undefined when there was no answer, or one of GraphQL. */
  readonly status: number | undefined;
  readonly headers: Fields;
  readonly errors: readonly SaidError[];
  readonly message: string;
}

interface SaidError {
  /** GraphQL's. */
  readonly type: string | undefined;
  /** Names and positions down to what the error is about. */
  readonly path: readonly unknown[];
  readonly message: string;
}

/** What an error of octokit holds, whichever of its kinds it is. */
function saidBy(error: unknown): Said {
  const isGraphQl = at(error, "errors") !== undefined;
  const body = isGraphQl ? error : at(error, "response", "data");
  const errors = listAt(body, "errors").map(saidError);
  const status = at(error, "status");
  const own = error instanceof Error ? error.message : String(error);
  const summary = at(error, "response", "data", "message");
  return {
    status: !isGraphQl && isFields(at(error, "response")) && typeof status === "number" ? status : undefined,
    headers: isGraphQl ? fieldsAt(error, "headers") : fieldsAt(error, "response", "headers"),
    errors,
    message: [
      ...(isGraphQl ? [] : [typeof summary === "string" ? summary : own]),
      ...errors.map(({ message }) => message),
    ].join(": "),
  };
}

function saidError(error: unknown): SaidError {
  if (typeof error === "string") return { type: undefined, path: [], message: error };
  const [type, message] = [at(error, "type"), at(error, "message")];
  return {
    type: typeof type === "string" ? type : undefined,
    path: listAt(error, "path"),
    message:
      typeof message === "string" && message !== ""
        ? message
        : `${String(at(error, "field"))} is ${String(at(error, "code"))}`,
  };
}

/**
 * What a query was answered although branches could not be compared: in whichever words GitHub says so, the comparison is null,
 * and is asked for in another way where the branch is there. Who is asked for a review is null as well where the token may not
 * see teams. An error about anything else leaves no answer to be relied on.
 *
 * @returns undefined when something else failed
 */
export function partialData(error: unknown): unknown {
  const { errors } = saidBy(error);
  const isComparison = ({ path }: SaidError): boolean =>
    path.length === 3 && path[0] === "repository" && path[1] === "base";
  const isReviewer = ({ path }: SaidError): boolean => path.at(-1) === "requestedReviewer";
  const isBearable = (one: SaidError): boolean => isComparison(one) || isReviewer(one);
  return errors.length > 0 && errors.every(isBearable) ? at(error, "data") : undefined;
}

function isLimit(status: number | undefined, headers: Fields, message: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return "retry-after" in headers || headers["x-ratelimit-remaining"] === "0" || /rate limit|abuse/iu.test(message);
}

function limitedUntil(headers: Fields, now: number): number {
  const after = Number(headers["retry-after"] ?? Number.NaN);
  if (Number.isFinite(after)) return now + after * 1000;
  const reset = headers["x-ratelimit-remaining"] === "0" ? Number(headers["x-ratelimit-reset"]) * 1000 : Number.NaN;
  // A clock that goes before GitHub's would find the limit over, and ask on.
  return reset > now ? reset : now + UNTOLD_WAIT_MS;
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, 500);
}

/** What a write came to when it is not known to have happened. */
export function writeResult(answer: Exclude<Answer, { kind: "ok" }>): WriteResult<never> {
  return { kind: answer.kind === "denied" ? "refused" : "deferred", because: answer.because };
}

/**
 * What was answered.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when nothing was
 */
export function dataOf(answer: Answer, place: string): unknown {
  if (answer.kind === "ok") return answer.data;
  throw unavailable(answer, place);
}

/** `NETLEARN_HOST_UNAVAILABLE`: nothing was answered. */
export function unavailable(answer: Exclude<Answer, { kind: "ok" }>, place: string): NetlearnError {
  return new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `${place} can't be asked: ${answer.because}`, {
    hint: HINTS[answer.kind],
  });
}

const HINTS = {
  denied: "Check the repository's name, and that the token or the App's installation may read it.",
  deferred: "Run again later: nothing is lost.",
  unsure: "Check the network and https://www.githubstatus.com, then run again: nothing is lost.",
} as const;
