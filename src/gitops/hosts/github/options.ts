import { NetlearnError } from "../../../lib/errors.ts";
import { remoteAddress } from "../remote-address.ts";

/** Who netlearn is for GitHub. */
export type GitHubAuth =
  /** Of a person, or of a workflow (`GITHUB_TOKEN`). */
  | { readonly kind: "token"; readonly token: string }
  /** A GitHub App: a token is minted for each run, for this repository and the least permissions alone. */
  | { readonly kind: "app"; readonly appId: string; readonly privateKey: string };

/** Time, as far as a host needs it. */
export interface HostClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Waits so many milliseconds; ends early, without an error, when the run is stopped. */
  sleep(milliseconds: number): Promise<void>;
  /** When the run has to be over, milliseconds since the epoch: nothing is waited for beyond it. */
  readonly deadline: number;
  readonly signal?: AbortSignal;
}

/** What a host on GitHub needs: nothing is taken from the environment behind one's back. */
export interface GitHubOptions {
  /** `acme/fleet`. */
  readonly repository: string;
  readonly auth: GitHubAuth;
  /** `https://HOST/api/v3` of an Enterprise Server; github.com when undefined. */
  readonly apiUrl?: string;
  /** Folder for a bare repository of this one alone, which is made when it is not there. */
  readonly cacheFolder: string;
  /** The process's own environment, for git. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Author and committer where a person's token is used; an App commits in its own name, which GitHub signs. */
  readonly author: { readonly name: string; readonly email: string };
  readonly clock: HostClock;
  /** Least time between two writes; GitHub asks for 1,000 ms. */
  readonly minimumWriteGapMs: number;
}

/** Where a repository is on GitHub. */
export interface GitHubPlace {
  readonly owner: string;
  readonly repo: string;
  readonly apiUrl: string;
  readonly gitUrl: string;
  /** Of {@link gitUrl}: who gets the token. */
  readonly origin: string;
  /** `github.com`. */
  readonly hostname: string;
  /** `github.com/acme/fleet`. */
  readonly name: string;
}

/**
 * The addresses of a repository.
 *
 * @throws NetlearnError `NETLEARN_USAGE`
 */
export function githubPlace({ repository, apiUrl }: Pick<GitHubOptions, "repository" | "apiUrl">): GitHubPlace {
  const [, owner = "", repo = ""] = /^([A-Za-z0-9][A-Za-z0-9_-]*)\/([A-Za-z0-9_.-]+)$/u.exec(repository) ?? [];
  if (owner === "" || /^\.{1,2}$/u.test(repo)) {
    throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(repository)} is no repository on GitHub`, {
      hint: "Give OWNER/NAME, such as acme/fleet.",
    });
  }
  const api = (apiUrl ?? "https://api.github.com").replace(/\/+$/u, "");
  const { protocol } = remoteAddress(api);
  if (protocol !== "https" && protocol !== "http") {
    throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(api)} is no address of GitHub's API`, {
      hint: "Give https://HOST/api/v3 of your GitHub Enterprise Server.",
    });
  }
  // api.github.com and api.NAME.ghe.com stand beside the site, an Enterprise Server's API is a folder of it.
  const site = new URL(api);
  site.hostname = site.hostname.replace(/^api\./u, "");
  return {
    owner,
    repo,
    apiUrl: api,
    gitUrl: `${site.origin}/${owner}/${repo}.git`,
    origin: site.origin,
    hostname: site.hostname,
    name: `${site.host}/${owner}/${repo}`,
  };
}
