import type { Octokit } from "octokit";
import { z } from "zod";
import { NetlearnError } from "../../../lib/errors.ts";
import { isOfOctokit } from "./answer.ts";
import type { GitHubAuth, GitHubPlace } from "./options.ts";
import type { Permissions } from "./permissions.ts";

/** A token, and when it ends. */
export interface Token {
  readonly token: string;
  /** Milliseconds since the epoch; undefined: GitHub did not say. */
  readonly until: number | undefined;
}

/** What makes requests: octokit, without its own retries and waits, which know nothing of the run's end. */
export interface Connection {
  readonly octokit: Octokit;
  /** A token for this repository; errors are octokit's. */
  token(signal: AbortSignal): Promise<Token>;
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const Installation = z.object({ id: z.number() });
const Minted = z.object({ token: z.string().min(1), expires_at: z.string() });

/**
 * Loads octokit: only runs that speak with GitHub pay for it.
 *
 * @param permissions of an App's tokens; others have what they have
 */
export async function connect(place: GitHubPlace, auth: GitHubAuth, permissions: Permissions): Promise<Connection> {
  const { App, Octokit: Client } = await import("octokit");
  const Quiet = Client.defaults({
    baseUrl: place.apiUrl,
    userAgent: "netlearn",
    log: SILENT,
    retry: { enabled: false },
    throttle: { enabled: false },
  });
  if (auth.kind === "token") {
    const { token } = auth;
    return { octokit: new Quiet(), token: async () => ({ token, until: undefined }) };
  }
  const { octokit: app } = new App({ appId: auth.appId, privateKey: auth.privateKey, Octokit: Quiet, log: SILENT });
  const { owner, repo } = place;
  const asApp = async (route: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown> => {
    try {
      return (await app.request(route, parameters)).data;
    } catch (error) {
      throw isOfOctokit(error) ? error : unusableKey(place);
    }
  };
  const token = async (signal: AbortSignal): Promise<Token> => {
    const found = await asApp("GET /repos/{owner}/{repo}/installation", { owner, repo, request: { signal } });
    const minted = await asApp("POST /app/installations/{installation_id}/access_tokens", {
      installation_id: Installation.parse(found).id,
      repositories: [repo],
      permissions,
      request: { signal },
    });
    const { token: text, expires_at } = Minted.parse(minted);
    return { token: text, until: Date.parse(expires_at) };
  };
  return { octokit: new Quiet(), token };
}

/** What the library complains of may quote the key. */
function unusableKey({ name }: GitHubPlace): NetlearnError {
  return new NetlearnError("NETLEARN_HOST_UNAVAILABLE", `the App's private key for ${name} can't sign`, {
    hint: "Give the private key as GitHub made it: a PEM text that begins with -----BEGIN RSA PRIVATE KEY-----.",
  });
}
