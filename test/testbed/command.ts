import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";

/**
 * Runs a command in a process group of its own until it ends or standard input does, which it does when whoever holds
 * the other end dies: a build must not go on for minutes when nobody waits for it.
 */
const UNTIL_STDIN_ENDS = `
exec 3<&0
{ cat <&3 >/dev/null; kill -TERM 0; } &
"$@" </dev/null 3<&-
status=$?
kill $!
exit $status`;

/** A command and what it runs with. */
export interface Command {
  /** The program and its arguments. */
  readonly run: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Whom it runs as: this process' user unless told. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A command that runs. */
export interface Running {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit status, null when a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Ends what still holds its standard input. */
  readonly release: () => void;
}

/** Starts a command that ends when this process does, however that ends. 127 is the status of a program that is not there. */
export function start({ run, cwd, environment, user }: Command): Running {
  const options = { cwd, env: environment, detached: true, ...user };
  const child = spawn("sh", ["-c", UNTIL_STDIN_ENDS, "sh", ...run], options);
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const stdin: Writable = child.stdin;
  return { stdout: child.stdout, stderr: child.stderr, ended, release: () => stdin.destroy() };
}

/** What a command said and how it ended. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end, which comes at the latest with the end of this process. */
export async function outcomeOf(command: Command): Promise<Outcome> {
  const running = start(command);
  try {
    const [stdout, stderr, status] = await Promise.all([text(running.stdout), text(running.stderr), running.ended]);
    return { status, stdout, stderr };
  } finally {
    running.release();
  }
}
