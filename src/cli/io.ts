import type { Readable, Writable } from "node:stream";
import type { ConnectKafka } from "../collect.ts";
import type { LearnOptions, PipelineIo, SuggestOptions } from "../config/pipeline-options.ts";
import type { ExitCode } from "../lib/errors.ts";
import type { Remembered, ReviewedAccess, Suggestion } from "../pipeline.ts";

/** A stream of the process, or what stands for one in a test. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number | undefined };

/** The entries of the program. */
export interface Pipeline {
  learn(inputs: readonly string[], options: LearnOptions, io: PipelineIo): Promise<Remembered>;
  suggest(inputs: readonly string[], options: SuggestOptions, io: PipelineIo): Promise<Suggestion>;
  review(inputs: readonly string[], options: SuggestOptions, io: PipelineIo): Promise<ReviewedAccess>;
}

/** Everything a command touches outside itself. */
export interface CliIo {
  /** What the user typed to get here, for the help; `netlearn` when absent. */
  readonly program?: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the user or the system asks the run to end; with an {@link Interruption} as its reason, if it is known. */
  readonly signal: AbortSignal;
  /** Loads the pipeline when a command needs it, so that the help does not pay for it. */
  readonly loadPipeline: () => Promise<Pipeline>;
  /** Reaches a Kafka cluster; undefined: over the network. */
  readonly connectKafka?: ConnectKafka;
}

/** Exit codes of interrupted runs, as shells have them: 128 and the signal's number. */
export type InterruptionCode = 130 | 143;
export type ProcessExitCode = ExitCode | InterruptionCode;

/** A signal that asked the run to end. */
export class Interruption extends Error {
  readonly exitCode: InterruptionCode;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`interrupted by ${signal}`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** The exit code of a run that the signal ended. */
export function interruptionCode({ reason }: AbortSignal): InterruptionCode {
  return reason instanceof Interruption ? reason.exitCode : 130;
}

/**
 * Writes all of a text and waits until it is taken.
 *
 * @throws the stream's error; `EPIPE` when the reader has gone
 */
export async function writeAll(stream: Writable, text: string): Promise<void> {
  if (text === "") {
    return;
  }
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error === null || error === undefined) {
        resolve();
      } else {
        reject(error);
      }
    });
  });
}

/** True for the error of writing to a pipe whose reader has gone, as in `netlearn graph ... | head`. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}

/** Colours wanted on a stream: an explicit choice, then NO_COLOR (no-color.org), FORCE_COLOR (as Node reads it), then whether it is a terminal. */
export function wantsColour(choice: "auto" | "always" | "never", env: CliIo["env"], stream: OutputStream): boolean {
  if (choice !== "auto") {
    return choice === "always";
  }
  const { NO_COLOR: none, FORCE_COLOR: forced, TERM: terminal } = env;
  if (none !== undefined && none !== "") {
    return false;
  }
  if (forced !== undefined) {
    return !["0", "false"].includes(forced);
  }
  return stream.isTTY === true && terminal !== "dumb";
}

/** Columns of a stream, 80 where it has none; wide terminals are not filled, long lines read badly. */
export function widthOf(stream: OutputStream): number {
  const { columns } = stream;
  return columns !== undefined && columns > 0 ? Math.min(columns, 110) : 80;
}
