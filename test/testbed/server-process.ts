import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";

/** How to run a server. */
export interface ServerCommand {
  /** The program and its arguments. */
  readonly run: readonly [string, ...string[]];
  /** Its folder, which goes with it when this process dies. */
  readonly folder: string;
  /** A file that its standard error and its log are appended to. */
  readonly log: string;
  readonly environment: NodeJS.ProcessEnv;
  /** What ends it at once, with all its children, when this process has died: KILL unless told. */
  readonly orphanSignal?: "KILL" | "QUIT";
  /** Whom it runs as: this process' user unless told. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
}

/** A server that runs, or did. */
export interface ServerProcess {
  readonly pid: number;
  /** Lines of its standard output, from the first on; they end with the process. */
  readonly lines: AsyncIterator<string>;
  /** Resolves when it has ended, with how. */
  readonly ended: Promise<string>;
  readonly isRunning: () => boolean;
  /** Sends a signal and waits for the end; what is slow to end is killed. Does nothing when it has ended. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

/**
 * Runs a server in a process group of its own. Standard input ends when whoever started it has died, however that came:
 * then the server must not go on, nor its folder stay. The first line says the number of the server's process. What
 * watches standard input is ended when the server ends, unless it is already clearing up.
 */
const GUARDED = `
folder=$1 signal=$2
shift 2
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
echo $server
{
  cat <&3
  trap "" TERM
  kill -$signal $server
  while kill -0 $server; do sleep 0.1; done
  rm -rf "$folder"
} >/dev/null 2>&1 &
exec >/dev/null
wait $server
status=$?
kill $!
exit $status`;

const STOP_LIMIT_MS = 20_000;

/**
 * Starts a server that ends with this process.
 *
 * @throws Error when the program can't be started
 */
export async function startProcess(command: ServerCommand): Promise<ServerProcess> {
  const { run, folder, log, environment, orphanSignal = "KILL", user = {} } = command;
  const file = openSync(log, "a");
  const child = spawn("sh", ["-c", GUARDED, "sh", folder, orphanSignal, ...run], {
    cwd: folder,
    env: environment,
    detached: true,
    stdio: ["pipe", "pipe", file],
    ...user,
  });
  closeSync(file);
  await once(child, "spawn");
  const exited = once(child, "exit");
  const ended = exited.then(([code, signal]) => `it ended with ${String(code ?? signal)}`);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  if (child.stdout === null) throw new Error("spawn made no pipe");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value } = await lines.next();
  const pid = Number(value);
  if (!Number.isSafeInteger(pid) || pid < 2) throw new Error(`${run[0]} did not start: ${await readFile(log, "utf8")}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (isRunning()) send(pid, signal);
    const isSlow = await Promise.race([exited.then(() => false), setTimeout(STOP_LIMIT_MS, true, { ref: false })]);
    if (isSlow) send(pid, "SIGKILL");
    await exited;
  };
  return { pid, lines, ended, isRunning, end };
}

/** A process that ended a moment ago gets no signal, and needs none. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

/** The end of a log, for an error that quotes it. */
export async function endOf(log: string): Promise<string> {
  return (await readFile(log, "utf8")).slice(-4000);
}
