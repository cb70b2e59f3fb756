import { createRequire } from "node:module";
import path from "node:path";
import { INPUT_FORMATS } from "../collectors/formats/input-format.ts";
import type { OptionSpec } from "../config/option-spec.ts";
import { optionTable } from "../config/option-table.ts";
import { resolveSettings } from "../config/resolve.ts";
import type { CommandName } from "../config/settings.ts";
import { NetlearnError } from "../lib/errors.ts";
import { terminalSentence } from "../report/escape.ts";
import type { StateCommand } from "./commands/state.ts";
import { keepHeapSmall } from "./heap.ts";
import {
  type CliIo,
  Interruption,
  interruptionCode,
  isBrokenPipe,
  type ProcessExitCode,
  wantsColour,
  widthOf,
  writeAll,
} from "./io.ts";
import { Log } from "./log.ts";
import { type HelpStyle, type Invocation, parseCommandLine } from "./program.ts";
import { Session } from "./session.ts";

/**
 * Runs one command line.
 *
 * @param argv arguments without node and the script
 * @returns the exit code; every error has been printed to `io.stderr`
 */
export async function main(argv: readonly string[], io: CliIo): Promise<ProcessExitCode> {
  // A stream without a listener would throw its EPIPE where nobody can catch it; writeAll reports it to the writer.
  // The listeners stay: a stream may only say so after the run.
  const ignore = (): void => {};
  io.stdout.on("error", ignore);
  io.stderr.on("error", ignore);
  const options = optionTable(INPUT_FORMATS.map(({ name }) => name));
  let log = earlyLog(argv, io);
  try {
    const invocation = parseCommandLine(argv, options, helpStyle(io));
    if (invocation.kind === "text") {
      await writeAll(io.stdout, invocation.text);
      return 0;
    }
    if (invocation.command === "completion") {
      const { runCompletion } = await import("./commands/completion.ts");
      return await runCompletion(invocation.inputs[0] ?? "", options, io);
    }
    const session = await openSession(invocation, options, io);
    log = session.log;
    return await runCommand(invocation.command, invocation.inputs, session);
  } catch (error) {
    return reportFailure(error, argv, io, log);
  }
}

/** Runs this process's command line; called by bin/netlearn.js. */
export async function start(): Promise<void> {
  keepHeapSmall();
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // The second one does not wait for anything.
      if (interruption.signal.aborted) process.exit(new Interruption(signal).exitCode);
      interruption.abort(new Interruption(signal));
    });
  }
  process.exitCode = await main(process.argv.slice(2), {
    program: programName(process.argv[1]),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    now: () => Date.now(),
    signal: interruption.signal,
    loadPipeline: async () => await import("../pipeline.ts"),
  });
  // What an interrupted run left behind (standard input, connections that don't answer) would keep the process.
  if (interruption.signal.aborted) process.exit();
  process.stdin.destroy();
}

async function openSession(
  invocation: Extract<Invocation, { kind: "command" }>,
  options: readonly OptionSpec[],
  io: CliIo,
): Promise<Session> {
  const { command, flags } = invocation;
  const sources = { flags, environment: io.env, cwd: io.cwd, now: io.now() };
  return new Session(io, await resolveSettings(command, options, sources));
}

async function runCommand(
  command: Exclude<CommandName, "completion">,
  inputs: readonly string[],
  session: Session,
): Promise<ProcessExitCode> {
  if (isStateCommand(command)) {
    return await (await import("./commands/state.ts")).runState(command, inputs, session);
  }
  switch (command) {
    case "suggest":
      return await (await import("./commands/suggest.ts")).runSuggest(inputs, session);
    case "propose":
      return await (await import("./commands/propose.ts")).runPropose(inputs, session);
    case "graph":
      return await (await import("./commands/graph.ts")).runGraph(inputs, session);
    case "explain":
      return await (await import("./commands/explain.ts")).runExplain(inputs, session);
    case "access":
      return await (await import("./commands/access.ts")).runAccess(inputs, session);
    case "check":
      return await (await import("./commands/check.ts")).runCheck(inputs, session, readVersion());
    case "can":
      return await (await import("./commands/can.ts")).runCan(inputs, session);
    case "collect":
      return await (await import("./commands/collect.ts")).runCollect(inputs, session, readVersion());
  }
}

function isStateCommand(command: CommandName): command is StateCommand {
  return command.startsWith("state ");
}

function reportFailure(error: unknown, argv: readonly string[], io: CliIo, log: Log): ProcessExitCode {
  if (io.signal.aborted) {
    log.say("error", "interrupted", "interrupted; nothing more was written");
    return interruptionCode(io.signal);
  }
  if (isBrokenPipe(error)) {
    return 0;
  }
  if (error instanceof NetlearnError) {
    log.failure(error);
    return error.exitCode;
  }
  const text = issueText(error, argv);
  log.block([{ level: "error", event: "bug", message: text }], () => text);
  return 3;
}

/** What somebody can paste into an issue: no arguments, which may name things that are not public. */
function issueText(error: unknown, argv: readonly string[]): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause =
    error instanceof Error && error.cause !== undefined
      ? `\ncaused by: ${error.cause instanceof Error ? error.cause.message : JSON.stringify(error.cause)}`
      : "";
  return [
    "error: netlearn ran into a bug of its own. Please open an issue with the text below.",
    "",
    `netlearn ${readVersion()}, node ${process.version}, ${process.platform} ${process.arch}`,
    `command: ${argv.find((argument) => !argument.startsWith("-")) ?? "none"}`,
    "```",
    // Messages may quote records; the frame of a stack never spans lines.
    ...`${stack}${cause}`.split("\n").map(terminalSentence),
    "```",
  ].join("\n");
}

function helpStyle(io: CliIo): HelpStyle {
  return {
    width: widthOf(io.stdout),
    colour: wantsColour("auto", io.env, io.stdout),
    version: readVersion(),
    program: io.program ?? "netlearn",
  };
}

/** kubectl runs `kubectl-netlearn` for whoever typed `kubectl netlearn` (kubernetes.io "Extend kubectl with plugins"). */
function programName(script = ""): string {
  return path.parse(script).name === "kubectl-netlearn" ? "kubectl netlearn" : "netlearn";
}

// Errors in the command line come before its options are known, and whoever reads JSON reads them as well.
function earlyLog(argv: readonly string[], io: CliIo): Log {
  const position = argv.indexOf("--log-format");
  const format = position >= 0 ? argv[position + 1] : io.env["NETLEARN_LOG_FORMAT"];
  return new Log(io.stderr, {
    format: format === "json" || argv.includes("--log-format=json") ? "json" : "text",
    level: "info",
    style: { width: widthOf(io.stderr), colour: wantsColour("auto", io.env, io.stderr), verbose: false },
  });
}

function readVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)("netlearn/package.json");
  const isManifest = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return isManifest ? String(manifest.version) : "unknown";
}
