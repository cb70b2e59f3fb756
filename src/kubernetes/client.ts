import { setTimeout } from "node:timers/promises";
import type { RequestLimits, Target } from "./connect-options.ts";
import type { Credentials } from "./credentials.ts";
import { codeOf, connectionError, credentialError, isPassing, notKubernetes, refusedCredentials } from "./failures.ts";
import { messageOf, type Reply, readReply } from "./reply.ts";
import { get, type HttpAnswer, Silence, type TooLarge } from "./request.ts";

/** What is asked of a server. */
export interface Question {
  /** From the root, with a slash in front. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Media types, most wanted first. */
  readonly accept?: string;
}

/** Too busy, a change of etcd's leader, or nobody behind the load balancer for a moment. */
const PASSING_STATUS: readonly number[] = [429, 500, 502, 503, 504];

/** Asks one API server, again where that helps, and says in words what went wrong. */
export class Client {
  readonly target: Target;
  readonly #credentials: Credentials;
  readonly limits: RequestLimits;
  /** It has answered before: what goes wrong now is more likely to pass. */
  #isKnown = false;

  constructor(target: Target, credentials: Credentials, limits: RequestLimits) {
    this.target = target;
    this.#credentials = credentials;
    this.limits = limits;
  }

  /**
   * Asks a question until there is an answer worth reading.
   *
   * @throws NetlearnError when the server can't be reached, the credentials don't count, or it is no API server
   */
  async ask(question: Question, signal: AbortSignal): Promise<Reply> {
    let isRenewed = false;
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#attempt(question, attempt, signal);
      if (answer === undefined) continue;
      this.#isKnown = true;
      if (answer.kind === "too-large") return answer;
      if (answer.status === 401) {
        if (isRenewed) throw refusedCredentials(this.target, messageOf(answer));
        isRenewed = true;
        this.#credentials.renew();
      } else if (PASSING_STATUS.includes(answer.status) && attempt < this.limits.attempts) {
        await this.#wait(attempt, retryAfter(answer), signal);
      } else {
        return readReply(this.target, answer);
      }
    }
  }

  /** @returns undefined when it failed and may work next time; the wait for that is over then */
  async #attempt(question: Question, attempt: number, signal: AbortSignal): Promise<HttpAnswer | TooLarge | undefined> {
    const options = await unlessAborted(this.#credentials.options(), signal);
    const accept = question.accept ?? "application/json";
    const headers = { ...options.headers, accept, "accept-encoding": "gzip", "user-agent": "netlearn" };
    try {
      return await get(this.#url(question), {
        options: { ...options, headers },
        limits: this.limits,
        signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!this.#isWorthIt(error, attempt)) throw this.#explained(error);
      await this.#wait(attempt, undefined, signal);
      return undefined;
    }
  }

  #isWorthIt(error: unknown, attempt: number): boolean {
    if (attempt >= this.limits.attempts) return false;
    // Minutes of silence once are a mishap, twice a rule.
    if (error instanceof Silence) return this.#isKnown && attempt === 1;
    // An API server that restarts refuses connections; one that never answered is probably not there.
    return isPassing(error) || (this.#isKnown && codeOf(error) === "ECONNREFUSED");
  }

  #explained(error: unknown): Error {
    const code = codeOf(error);
    if (code === "ERR_INVALID_CHAR") return credentialError(this.target, error);
    if (code.startsWith("Z_")) return notKubernetes(this.target, "its answer says it is gzip, and is not");
    return connectionError(this.target, error);
  }

  async #wait(attempt: number, asked: number | undefined, signal: AbortSignal): Promise<void> {
    const { backoff, longestWait } = this.limits;
    await setTimeout(Math.min(asked ?? backoff * 2 ** (attempt - 1), longestWait), undefined, { signal });
  }

  #url({ path, query = {} }: Question): URL {
    const url = new URL(`${this.target.server}${path}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}

/** What a promise gives, or the signal's reason if that comes first: a plugin may wait for somebody to log in. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Milliseconds a server asks for; a date is counted from the server's own. */
function retryAfter({ headers }: HttpAnswer): number | undefined {
  const text = headers["retry-after"];
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/u.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.parse(headers.date ?? "");
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds : undefined;
}
