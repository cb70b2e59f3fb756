import { NetlearnError } from "../../../lib/errors.ts";
import { type Answer, type Failure, failureOf, isOfOctokit, partialData } from "./answer.ts";
import { type Connection, connect, type Token } from "./connect.ts";
import type { GitHubAuth, GitHubPlace } from "./options.ts";
import type { Pace } from "./pace.ts";
import type { Permissions } from "./permissions.ts";

/** What goes into a path, a query and a body. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Milliseconds before a read is tried again. */
const READ_AGAIN = [1000, 4000];
/** A token of an App is renewed so long before its end. */
const RENEW_MS = 300_000;
const NO_CONTENT = 204;
const UNREADABLE = { kind: "unsure", because: "the answer was cut off, or is no JSON" } as const;
/** What is shorter are the words around a key, or its last line. */
const isOfKey = (part: string): boolean => part.length >= 32;

interface Credentials {
  readonly secrets: Set<string>;
  isRefused: boolean;
}

/** Speaks with GitHub: reads are tried again, writes are not, and nothing goes on beyond a limit or the end of the run. */
export class GitHubClient {
  readonly #place: GitHubPlace;
  readonly #auth: GitHubAuth;
  readonly #pace: Pace;
  readonly #permissions: Permissions;
  /** The same for all permissions. */
  #credentials: Credentials = { secrets: new Set(), isRefused: false };
  #connection: Promise<Connection> | undefined;
  #token: Token | undefined;

  /** @param permissions of an App's tokens; others have what they have */
  constructor(place: GitHubPlace, auth: GitHubAuth, pace: Pace, permissions: Permissions) {
    this.#place = place;
    this.#auth = auth;
    this.#pace = pace;
    this.#permissions = permissions;
    // Of a key each line tells a part, however it is indented.
    const secrets = auth.kind === "token" ? [auth.token] : auth.privateKey.split(/\s+/u).filter(isOfKey);
    for (const secret of secrets) if (secret !== "") this.#credentials.secrets.add(secret);
  }

  /** Speaks for the same App with other permissions; a token of them is minted when something is first asked. */
  withPermissions(permissions: Permissions): GitHubClient {
    if (this.#auth.kind === "token") return this;
    const other = new GitHubClient(this.#place, this.#auth, this.#pace, permissions);
    other.#credentials = this.#credentials;
    return other;
  }

  /** What must never be written anywhere: the token, and the App's key. */
  get secrets(): readonly string[] {
    return [...this.#credentials.secrets];
  }

  /** Whether the credentials were refused: nothing can be done until a person gives others. */
  get isRefused(): boolean {
    return this.#credentials.isRefused;
  }

  /** Why nothing is written for now; undefined: it may be. */
  get limit(): string | undefined {
    return this.#pace.limit;
  }

  /** The token for git. @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` */
  async token(): Promise<Answer<string>> {
    const answer = await this.#reading((signal) => this.#valid(signal));
    return answer.kind === "ok" ? { kind: "ok", data: answer.data.token } : answer;
  }

  /**
   * Asks by REST; failures are tried again, limits are waited for when they end within the run.
   *
   * @param route `GET /repos/{owner}/{repo}/pulls`; owner and repo are filled in
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
   */
  async read(route: string, parameters: Parameters = {}): Promise<Answer> {
    return await this.#reading((signal) => this.#request(route, parameters, signal));
  }

  /**
   * Asks by GraphQL, as {@link read}. What could not be compared is null in the answer.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
   */
  async query(text: string, variables: Parameters): Promise<Answer> {
    return await this.#reading(async (signal) => {
      try {
        return await this.#graphql(text, variables, signal);
      } catch (error) {
        const found = partialData(error);
        if (found === undefined || found === null) throw error;
        return found;
      }
    });
  }

  /**
   * Writes by REST, once.
   *
   * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when the credentials are refused
   */
  async write(route: string, parameters: Parameters): Promise<Answer> {
    return await this.#writing((signal) => this.#request(route, parameters, signal));
  }

  /** Writes by GraphQL, as {@link write}. @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` */
  async mutate(text: string, variables: Parameters): Promise<Answer> {
    return await this.#writing((signal) => this.#graphql(text, variables, signal));
  }

  async #reading<Data>(ask: (signal: AbortSignal) => Promise<Data>): Promise<Answer<Data>> {
    for (let attempt = 0; ; attempt += 1) {
      const held = await this.#pace.beforeRead();
      if (held !== undefined) return { kind: "deferred", because: held };
      const answer = await this.#tried(ask);
      if (answer.kind === "ok" || answer.kind === "denied") return answer;
      const wait = READ_AGAIN[attempt];
      if (wait === undefined) return answer;
      // A limit is waited for before the next attempt.
      if (answer.kind === "unsure" && !(await this.#pace.wait(wait))) return answer;
    }
  }

  async #writing(ask: (signal: AbortSignal) => Promise<unknown>): Promise<Answer> {
    const held = await this.#pace.beforeWrite();
    if (held !== undefined) return { kind: "deferred", because: held };
    // A token that can't be minted is no write that may have happened.
    const token = await this.token();
    if (token.kind !== "ok") return token.kind === "unsure" ? { kind: "deferred", because: token.because } : token;
    return await this.#tried(ask);
  }

  async #tried<Data>(ask: (signal: AbortSignal) => Promise<Data>): Promise<Answer<Data>> {
    try {
      const data = await ask(this.#pace.signal());
      // Octokit hands on as text what it can't read, and as nothing what it can't find in it.
      return data === undefined || typeof data === "string" ? UNREADABLE : { kind: "ok", data };
    } catch (error) {
      if (!isOfOctokit(error)) throw error;
      return this.#answerTo(failureOf(error, this.#pace.now(), this.secrets));
    }
  }

  #answerTo(failure: Failure): Exclude<Answer, { kind: "ok" }> {
    if (failure.kind === "limited") {
      return { kind: "deferred", because: this.#pace.limitUntil(failure.until) };
    }
    if (failure.kind !== "unknown-to-github") return failure;
    this.#credentials.isRefused = true;
    const hint =
      this.#auth.kind === "token"
        ? "The token has expired, was revoked, or is another's: make a new one with contents and pull requests to write."
        : "Check the App's id and its private key, and the clock of this machine.";
    throw new NetlearnError(
      "NETLEARN_HOST_UNAVAILABLE",
      `${this.#place.name} refuses the credentials: ${failure.because}`,
      { hint },
    );
  }

  async #request(route: string, parameters: Parameters, signal: AbortSignal): Promise<unknown> {
    const { octokit, headers } = await this.#ready(signal);
    const { owner, repo } = this.#place;
    const answer = await octokit.request(route, { owner, repo, ...parameters, headers, request: { signal } });
    return answer.status === NO_CONTENT ? null : answer.data;
  }

  async #graphql(text: string, variables: Parameters, signal: AbortSignal): Promise<unknown> {
    const { octokit, headers } = await this.#ready(signal);
    return await octokit.graphql(text, { ...variables, headers, request: { signal } });
  }

  async #ready(signal: AbortSignal): Promise<{ octokit: Connection["octokit"]; headers: { authorization: string } }> {
    const { token } = await this.#valid(signal);
    const { octokit } = await this.#connected();
    return { octokit, headers: { authorization: `token ${token}` } };
  }

  async #valid(signal: AbortSignal): Promise<Token> {
    const { until } = this.#token ?? { until: 0 };
    if (this.#token !== undefined && (until === undefined || until - RENEW_MS > this.#pace.now())) return this.#token;
    const connection = await this.#connected();
    this.#token = await connection.token(signal);
    this.#credentials.secrets.add(this.#token.token);
    return this.#token;
  }

  #connected(): Promise<Connection> {
    this.#connection ??= connect(this.#place, this.#auth, this.#permissions);
    return this.#connection;
  }
}
