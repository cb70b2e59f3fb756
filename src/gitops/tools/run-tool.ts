import { spawn } from "node:child_process";
import { once } from "node:events";
import { killGroup } from "../hosts/kill-group.ts";

/** One call of a program. */
export interface ToolCall {
  /** Absolute. */
  readonly program: string;
  readonly args: readonly string[];
  /** Working directory. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Names of folders that are left out of what is told, the longest first: temporary ones are others the next time. */
  readonly hidden?: readonly string[];
  /** Standard input; nothing when undefined. */
  readonly input?: string;
  /** A minute when undefined. */
  readonly timeoutMs?: number;
  /** Bytes of standard output that are taken at most; 64 MiB when undefined. */
  readonly largestOutput?: number;
  readonly signal?: AbortSignal | undefined;
}

/** `because` is one line without control characters, and still whatever text the tool chose. */
export type ToolResult =
  | { readonly kind: "done"; readonly stdout: string }
  /** The tool says no. */
  | { readonly kind: "refused"; readonly because: string }
  /** Nothing can be told from it: it could not be run, took too long, or said too much. */
  | { readonly kind: "stopped"; readonly because: string };

const TIMEOUT_MS = 60_000;
const LARGEST_OUTPUT = 64 * 1024 * 1024;
const LARGEST_COMPLAINT = 64 * 1024;
const LONGEST_LINE = 300;

/**
 * Runs a program with a list of arguments, and no shell between. It ends with whatever it started.
 *
 * @throws the reason of `signal`, when that was aborted
 */
export async function runTool(call: ToolCall): Promise<ToolResult> {
  const { signal, timeoutMs = TIMEOUT_MS, largestOutput: largest = LARGEST_OUTPUT } = call;
  signal?.throwIfAborted();
  const child = spawn(call.program, [...call.args], {
    cwd: call.folder,
    env: { ...call.environment },
    stdio: ["pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
  });
  let stopped: string | undefined;
  const stop = (because: string) => {
    stopped ??= because;
    killGroup(child);
    // What left the group may hold them open for good.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  const stopAborted = () => stop("it was stopped");
  const timer = setTimeout(() => stop(`it took more than ${timeoutMs / 1000} seconds`), timeoutMs);
  signal?.addEventListener("abort", stopAborted);
  try {
    const stdout = collected(child.stdout, largest, () => stop(`it printed more than ${largest} bytes`));
    const stderr = collected(child.stderr, LARGEST_COMPLAINT, () => {});
    // It may end before it has read everything: its exit code says why.
    child.stdin.on("error", () => {});
    child.stdin.end(call.input ?? "");
    const [code, ended]: unknown[] = await once(child, "close");
    signal?.throwIfAborted();
    if (stopped !== undefined) return { kind: "stopped", because: stopped };
    return resultOf({ code, ended, stdout: textOf(stdout), stderr: textOf(stderr) }, call);
  } catch (error) {
    signal?.throwIfAborted();
    const because = error instanceof Error ? error.message : String(error);
    return { kind: "stopped", because: `it can't be run: ${oneLine(because, call.hidden)}` };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", stopAborted);
  }
}

interface Ended {
  /** Null where a signal ended it. */
  readonly code: unknown;
  readonly ended: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function resultOf({ code, ended, stdout, stderr }: Ended, { hidden }: ToolCall): ToolResult {
  if (code === 0) return { kind: "done", stdout };
  // Somebody else ended it, such as a machine without memory: that says nothing of what it was given.
  if (code === null)
    return { kind: "stopped", because: `it was ended by ${typeof ended === "string" ? ended : "a signal"}` };
  return { kind: "refused", because: complaint(stderr, hidden, typeof code === "number" ? code : 1) };
}

/** Chunks as they come, up to a number of bytes. */
function collected(stream: NodeJS.ReadableStream, largest: number, tooMuch: () => void): readonly Buffer[] {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= largest) chunks.push(chunk);
    else tooMuch();
  });
  return chunks;
}

function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString("utf8");
}

/** How programs of Kubernetes begin what they log: the time and the process are others each time. */
const STAMP = /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [^\]\n]{0,100}\] (?:"command failed" err=(?:<\n\s*)?)?/gmu;

/** The line that says what is wrong: tools warn of other things before it. */
function complaint(stderr: string, hidden: ToolCall["hidden"], code: number): string {
  const lines = stderr
    .replaceAll(STAMP, "")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const line = lines.find((each) => /^\W*error/iu.test(each)) ?? lines[0];
  return line === undefined ? `exit code ${code}` : oneLine(line, hidden);
}

function oneLine(text: string, hidden: ToolCall["hidden"] = []): string {
  let line = text;
  for (const name of hidden) line = line.replaceAll(name, ".");
  line = line.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE).toWellFormed()}...`;
}
