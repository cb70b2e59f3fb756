import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { readPemFile, readSecretFile } from "../../config/secret-file.ts";
import type { Host } from "../../gitops/host.ts";
import type { GitHubAuth } from "../../gitops/hosts/github/options.ts";
import { type RemoteAddress, remoteAddress } from "../../gitops/hosts/remote-address.ts";
import { NetlearnError } from "../../lib/errors.ts";
import { safeName } from "../../lib/safe-name.ts";
import type { Session } from "../session.ts";

/** A host, and what goes with it. */
export interface OpenedHost {
  readonly host: Host;
  /** Where the repository can be cloned from. */
  readonly addresses: readonly string[];
  /** Clears away what was fetched, where nobody wants it kept. */
  readonly close: () => Promise<void>;
}

/** Waiting longer for limits is the next run's. */
const LONGEST_RUN_MS = 30 * 60_000;
/** GitHub asks for no more than one write a second. */
const WRITE_GAP_MS = 1000;

/**
 * Opens what speaks for a repository: GitHub for pull requests, git alone for branches and for looking.
 *
 * @param repo a directory or an address
 * @throws NetlearnError `NETLEARN_USAGE` for an address that can't be used, or pull requests where there are none
 */
export async function openHost(repo: string, session: Session): Promise<OpenedHost> {
  const address = remoteAddress(repo);
  const { settings, io } = session;
  const kept = settings.repoCache === undefined ? undefined : path.resolve(io.cwd, settings.repoCache);
  const cache = kept ?? (await mkdtemp(path.join(tmpdir(), "netlearn-repo-")));
  const close = async (): Promise<void> => {
    if (kept === undefined) await rm(cache, { recursive: true, force: true });
  };
  try {
    const host =
      settings.deliver === "pull-request"
        ? await gitHub(address, path.join(cache, safeName(address.name)), session)
        : await plainGit(address, cache, session);
    return { host, addresses: address.protocol === "file" ? [] : [address.url], close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function plainGit(address: RemoteAddress, cache: string, session: Session): Promise<Host> {
  const { plainGitHost } = await import("../../gitops/hosts/plain-git.ts");
  const { env, now, signal } = session.io;
  const token = address.origin === undefined ? undefined : await tokenOf(session, address);
  const credentials =
    token === undefined || address.origin === undefined
      ? {}
      : { credentials: { origin: address.origin, user: "x-access-token", token } };
  return plainGitHost({ address: address.url, cache, env, now, signal, ...credentials });
}

async function gitHub(address: RemoteAddress, cacheFolder: string, session: Session): Promise<Host> {
  const { githubHost } = await import("../../gitops/hosts/github/github-host.ts");
  const { DEFAULT_IDENTITY } = await import("../../gitops/hosts/plain-git.ts");
  const { io, settings } = session;
  const { env, now, signal } = io;
  const [hostname = "", ...rest] = address.name.split("/");
  if (address.protocol === "file" || rest.length !== 2) {
    throw new NetlearnError(
      "NETLEARN_USAGE",
      `--output pull-request: ${JSON.stringify(address.name)} is no repository on GitHub`,
      {
        hint: "Give --repo https://github.com/OWNER/NAME; elsewhere --output branch pushes branches that you open pull requests of.",
      },
    );
  }
  return githubHost({
    repository: rest.join("/"),
    auth: await authOf(session, address),
    apiUrl: settings.githubApiUrl ?? apiOf(hostname),
    cacheFolder,
    env,
    author: DEFAULT_IDENTITY,
    clock: {
      now,
      sleep: async (milliseconds) => {
        await setTimeout(milliseconds, undefined, { signal }).catch(() => {});
      },
      deadline: now() + LONGEST_RUN_MS,
      signal,
    },
    minimumWriteGapMs: WRITE_GAP_MS,
  });
}

function apiOf(hostname: string): string {
  if (hostname === "github.com") return "https://api.github.com";
  return hostname.endsWith(".ghe.com") ? `https://api.${hostname}` : `https://${hostname}/api/v3`;
}

async function authOf(session: Session, address: RemoteAddress): Promise<GitHubAuth> {
  const { io, settings } = session;
  const { githubAppId, githubAppKeyFile } = settings;
  if (githubAppId !== undefined && githubAppKeyFile !== undefined) {
    const privateKey = await readPemFile(githubAppKeyFile, io.cwd, "the key of --github-app-key-file");
    return { kind: "app", appId: githubAppId, privateKey };
  }
  if (githubAppId !== undefined || githubAppKeyFile !== undefined) {
    throw new NetlearnError("NETLEARN_USAGE", "--github-app-id and --github-app-key-file go together");
  }
  const token = await tokenOf(session, address);
  if (token !== undefined) return { kind: "token", token };
  throw new NetlearnError("NETLEARN_USAGE", "--output pull-request: nothing says who asks GitHub", {
    hint: "Give --token-file, or set GITHUB_TOKEN; or speak as an App with --github-app-id and --github-app-key-file.",
  });
}

/** GitHub's own variables are for github.com alone: an Enterprise Server, or anybody else, must not see them. */
async function tokenOf({ io, settings }: Session, { name }: RemoteAddress): Promise<string | undefined> {
  if (settings.tokenFile !== undefined) {
    return await readSecretFile(settings.tokenFile, io.cwd, "the token of --token-file");
  }
  if (!name.startsWith("github.com/")) return undefined;
  const found = [io.env["GH_TOKEN"], io.env["GITHUB_TOKEN"]].find((token) => token !== undefined && token !== "");
  return found;
}
