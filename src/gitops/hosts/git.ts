import { spawn } from "node:child_process";
import { once } from "node:events";
import { NetlearnError } from "../../lib/errors.ts";
import { type GitCredentials, gitEnvironment } from "./git-environment.ts";
import { killGroup } from "./kill-group.ts";

/** Where and how git runs. */
export interface GitPlace {
  /** Working directory, or a bare repository. */
  readonly folder: string;
  /** The repository, absolute: a broken one is an error then, and none is looked for in the folders around. */
  readonly gitDir?: string;
  /**
   * True where people's own set-up counts: their clones, and remotes whose access is theirs (credential helpers, SSH, proxies).
   * False: git behaves the same on every machine.
   */
  readonly userConfig: boolean;
  /** The process's own environment: what git needs to find programs, keys and proxies. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly credentials?: GitCredentials;
  readonly signal?: AbortSignal;
  /** For one command; ten minutes when undefined. */
  readonly timeoutMs?: number;
  /** What is run as git; `git` when undefined. */
  readonly program?: string;
}

export interface GitResult {
  /** Zero is success. */
  readonly code: number;
  readonly stdout: Buffer;
  /** Without secrets. */
  readonly stderr: string;
}

const TIMEOUT_MS = 600_000;
/** What git complains of is short; a hostile server's text need not be kept. */
const STDERR_BYTES = 64 * 1024;

/**
 * Runs git with a list of arguments: no shell is between, and nothing asks questions on a terminal.
 *
 * @param args the command first; data that could look like an option comes after `--` or is checked before
 * @returns also when git says no: see `code`
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` when git is missing, is stopped, or takes too long
 */
export async function runGit(place: GitPlace, args: readonly string[], input?: Buffer | string): Promise<GitResult> {
  const limit = AbortSignal.timeout(place.timeoutMs ?? TIMEOUT_MS);
  const stop = place.signal === undefined ? limit : AbortSignal.any([limit, place.signal]);
  const name = `git ${args[0] ?? ""}`;
  if (stop.aborted) throw stopped(name, limit.aborted);
  const { environment, secrets } = gitEnvironment(place);
  // A group of its own: what git starts (ssh, git-remote-https) ends with it, and has no terminal to ask on.
  const child = spawn(place.program ?? "git", [...args], {
    cwd: place.folder,
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  const kill = () => killGroup(child);
  stop.addEventListener("abort", kill);
  try {
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let kept = 0;
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => {
      if (kept < STDERR_BYTES) stderr.push(chunk);
      kept += chunk.length;
    });
    // Git may stop reading before everything is written: its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    const [code] = await once(child, "close");
    if (stop.aborted) throw stopped(name, limit.aborted);
    const complaint = redact(Buffer.concat(stderr).toString("utf8"), secrets);
    return { code: typeof code === "number" ? code : 128, stdout: Buffer.concat(stdout), stderr: complaint };
  } catch (cause) {
    throw cause instanceof NetlearnError ? cause : missing(place, cause);
  } finally {
    stop.removeEventListener("abort", kill);
  }
}

/**
 * What git prints, when it has to succeed.
 *
 * @throws NetlearnError `NETLEARN_HOST_UNAVAILABLE` with what git complained of
 */
export async function gitOutput(place: GitPlace, args: readonly string[], input?: Buffer | string): Promise<Buffer> {
  const result = await runGit(place, args, input);
  if (result.code !== 0) throw gitFailed(args, result);
  return result.stdout;
}

/** The error for a command that did not succeed. */
export function gitFailed(args: readonly string[], result: GitResult): NetlearnError {
  const said = result.stderr.trim().slice(0, 2000);
  return new NetlearnError(
    "NETLEARN_HOST_UNAVAILABLE",
    `git ${args[0] ?? ""} failed with exit code ${result.code}${said === "" ? "" : `: ${said}`}`,
    { hint: "Check the repository's address, the network and the credentials, then run again." },
  );
}

function stopped(name: string, tookTooLong: boolean): NetlearnError {
  return new NetlearnError(
    "NETLEARN_HOST_UNAVAILABLE",
    tookTooLong ? `${name} took too long and was stopped` : `${name} was stopped`,
    { hint: "Run again; what was finished is found again." },
  );
}

function missing(place: GitPlace, cause: unknown): NetlearnError {
  const program = place.program ?? "git";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new NetlearnError(
    "NETLEARN_HOST_UNAVAILABLE",
    `cannot run ${JSON.stringify(program)} in ${JSON.stringify(place.folder)}: ${reason}`,
    { hint: "Install git, put it on PATH, and see that the folder exists.", cause },
  );
}

/** Takes secrets, and credentials inside addresses, out of a text that people or logs will see. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== "") clean = clean.replaceAll(secret, "***");
  return clean.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/giu, "$1***@");
}
