import { NetlearnError } from "../../lib/errors.ts";

/** Whom to ask for a token, and as whom. */
export interface TokenRequest {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | undefined;
}

const TIMEOUT = 10_000;
/** Answers are a few kilobytes; a login page is not. */
const LONGEST_ANSWER = 256 * 1024;

/**
 * Asks for an access token by OAuth client credentials (RFC 6749, section 4.4).
 *
 * @throws NetlearnError `NETLEARN_KAFKA_UNAVAILABLE` with what the endpoint said; never with a secret or a token
 */
export async function requestToken({ url, clientId, clientSecret, scope }: TokenRequest): Promise<string> {
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { accept: "application/json", authorization: basic(clientId, clientSecret) },
      body,
      // The answer to a redirected POST is a login page.
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    text = (await response.text()).slice(0, LONGEST_ANSWER);
  } catch (cause) {
    throw refused(url, reasonOf(cause), cause);
  }
  const answer = readAnswer(text);
  if (!response.ok) throw refused(url, `it answered ${response.status}${saidBy(answer)}`);
  const { access_token: token } = answer;
  if (typeof token !== "string" || token === "") throw refused(url, "its answer holds no access_token");
  return token;
}

// Both parts are form-encoded before they are joined: RFC 6749, section 2.3.1.
function basic(clientId: string, clientSecret: string): string {
  const encode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString("base64")}`;
}

function readAnswer(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** What an error answer says (RFC 6749, section 5.2), which is about the request and holds no secret. */
function saidBy({ error, error_description: description }: Readonly<Record<string, unknown>>): string {
  const parts = [error, description].filter((part) => typeof part === "string" && part !== "");
  return parts.length === 0 ? "" : ` (${parts.join(": ").slice(0, 300)})`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === "TimeoutError") return `it did not answer within ${TIMEOUT / 1000} seconds`;
  // `fetch failed` says nothing; its cause does.
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

function refused(url: string, problem: string, cause?: unknown): NetlearnError {
  return new NetlearnError("NETLEARN_KAFKA_UNAVAILABLE", `no token for Kafka from ${url}: ${problem}`, {
    hint: "Look at --sasl-token-url, --sasl-client-id, the client's secret and --sasl-scope; NODE_EXTRA_CA_CERTS adds authorities to trust.",
    cause,
  });
}
