import path from "node:path";
import { NetlearnError } from "../../lib/errors.ts";
import type { BranchWrite, Host, WriteResult } from "../host.ts";
import type { GitPlace } from "./git.ts";
import type { GitCredentials } from "./git-environment.ts";
import { mergesCleanly } from "./merges-cleanly.ts";
import { GitCache } from "./plain-git-cache.ts";
import { type CommitIdentity, makeCommit } from "./plain-git-commit.ts";
import { findOn } from "./plain-git-find.ts";
import { orDeferred, pushRef } from "./plain-git-push.ts";
import type { Remote } from "./plain-git-remote.ts";
import { readTree } from "./read-tree.ts";
import { remoteAddress } from "./remote-address.ts";

/** A remote, and how it is written to. */
export interface PlainGitOptions {
  /** As {@link remoteAddress} takes it. */
  readonly address: string;
  /** A folder; made when it is missing. May be empty, be kept between runs, and be shared by processes. */
  readonly cache: string;
  /** Undefined: git reaches the remote as the person's own git does. */
  readonly credentials?: GitCredentials;
  /** Author and committer of netlearn's commits: by the e-mail address it knows them again. */
  readonly identity?: CommitIdentity;
  /** The process's own environment. */
  readonly env: GitPlace["env"];
  /** Milliseconds since the epoch: the date of commits. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
  /** For one command of git. */
  readonly timeoutMs?: number;
  /** What is run as git. */
  readonly program?: string;
}

/** Whose commits netlearn's are where nothing else is said. */
export const DEFAULT_IDENTITY: CommitIdentity = {
  name: "netlearn[bot]",
  email: "netlearn@users.noreply.github.com",
};

const NO_PULL_REQUESTS = {
  kind: "refused",
  because: "A plain git remote has no pull requests: open one of the branch yourself.",
} as const;

/**
 * A remote that is written to by git alone: https, ssh, or a repository of this machine. Of a local clone only branches
 * change, never the files.
 *
 * @throws NetlearnError `NETLEARN_USAGE` for an address, a token's origin or an identity that can't be used
 */
export function plainGitHost(options: PlainGitOptions): Host {
  const { identity = DEFAULT_IDENTITY } = options;
  checkIdentity(identity);
  const remote = remoteOf(options);
  const cache = new GitCache(remote);
  const bases = new Set<string>();
  return {
    name: remote.address.name,
    capabilities: { pullRequests: false, drafts: false, checkboxes: false, bodyLimit: 0 },
    find: async (base, branches) => {
      const found = await findOn(remote, cache, { base, branches, email: identity.email.toLowerCase() });
      bases.add(found.base.branch);
      return found;
    },
    read: async (commit) => await cache.use([commit], async (place) => await readTree(place, commit)),
    mergesCleanly: async (file) => await mergesCleanly(remote.git, file),
    writeBranch: async (write) => {
      if (bases.has(write.branch)) return isBase(write.branch);
      if (hasSecret(write, options.credentials)) {
        return { kind: "refused", because: `What would be written to ${write.branch} contains the token.` };
      }
      return await written({ remote, cache, who: identity, now: options.now }, write);
    },
    deleteBranch: async (branch, expected) => {
      if (bases.has(branch)) return isBase(branch);
      const change = { branch, expected, to: undefined };
      return await orDeferred(() => cache.use([expected], async (place) => await pushRef(remote, place, change)));
    },
    openPullRequest: () => Promise.resolve(NO_PULL_REQUESTS),
    editPullRequest: () => Promise.resolve(NO_PULL_REQUESTS),
    comment: () => Promise.resolve(NO_PULL_REQUESTS),
    label: () => Promise.resolve(NO_PULL_REQUESTS),
  };
}

function remoteOf({ address, cache, credentials, env, signal, timeoutMs, program }: PlainGitOptions): Remote {
  const git = {
    // Without a token the way in is the person's own: helpers, keys and proxies are in their configuration.
    userConfig: credentials === undefined,
    env,
    ...(credentials === undefined ? {} : { credentials }),
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(program === undefined ? {} : { program }),
  };
  const remote = { address: remoteAddress(address), cache: path.resolve(cache), git };
  checkOrigin(remote, credentials);
  return remote;
}

/** Git would leave the token out, and complain that it has none. */
function checkOrigin({ address: { origin, name } }: Remote, credentials: GitCredentials | undefined): void {
  if (origin === undefined || credentials === undefined || origin === credentials.origin) return;
  throw new NetlearnError("NETLEARN_USAGE", `the token is for ${credentials.origin}, and ${name} is on ${origin}`, {
    hint: "Give a token of the host that the repository is on.",
  });
}

function checkIdentity({ name, email }: CommitIdentity): void {
  const isUsable = /^[^<>\p{Cc}]+$/u.test(name) && /^[^<>\s\p{Cc}]+$/u.test(email);
  if (isUsable) return;
  throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(`${name} <${email}>`)} can't be the author of a commit`, {
    hint: "Give a name and an e-mail address without line breaks and angle brackets.",
  });
}

function isBase(branch: string): WriteResult<never> {
  return { kind: "refused", because: `${branch} is the base, to which nothing is ever pushed.` };
}

/** In plain, and as a Secret or a header would spell it. */
function hasSecret({ changes, message }: BranchWrite, credentials: GitCredentials | undefined): boolean {
  if (credentials === undefined || credentials.token === "") return false;
  const { user, token } = credentials;
  const spellings = [token, ...[token, `${user}:${token}`].map((text) => Buffer.from(text).toString("base64"))];
  const texts = changes.flatMap((change) => [change.path, change.kind === "write" ? change.text : ""]);
  return [message, ...texts].some((text) => spellings.some((secret) => text.includes(secret)));
}

interface Writing {
  readonly remote: Remote;
  readonly cache: GitCache;
  readonly who: CommitIdentity;
  readonly now: () => number;
}

async function written(
  { remote, cache, who, now }: Writing,
  write: BranchWrite,
): Promise<WriteResult<{ readonly head: string }>> {
  const { branch, parent, expected } = write;
  const at = now();
  return await orDeferred(() =>
    cache.use([parent], async (place) => {
      const made = await makeCommit(place, write, { who, at });
      if (made.kind === "refused") return made;
      const pushed = await pushRef(remote, place, { branch, expected, to: made.id });
      return pushed.kind === "done" ? { kind: "done", value: { head: made.id } } : pushed;
    }),
  );
}
