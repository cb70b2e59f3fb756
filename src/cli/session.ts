import type { PipelineIo, ReadProgress } from "../config/pipeline-options.ts";
import type { Settings } from "../config/settings.ts";
import { NetlearnError } from "../lib/errors.ts";
import { keepHeapForObjects, keepHeapSmall } from "./heap.ts";
import { type CliIo, wantsColour, widthOf } from "./io.ts";
import { Log } from "./log.ts";
import { type LagProgress, ProgressBar } from "./progress.ts";

/** One run of one command: its settings, its log, and what the pipeline gets from the process. */
export class Session {
  readonly io: CliIo;
  readonly settings: Settings;
  readonly log: Log;
  readonly #bar: ProgressBar | undefined;

  constructor(io: CliIo, settings: Settings) {
    this.io = io;
    this.settings = settings;
    this.log = new Log(io.stderr, {
      format: settings.logFormat,
      level: settings.quiet ? "warning" : settings.verbose ? "debug" : "info",
      style: {
        width: widthOf(io.stderr),
        colour: wantsColour(settings.color, io.env, io.stderr),
        verbose: settings.verbose,
      },
    });
    const drawsProgress =
      io.stderr.isTTY === true && settings.progress && !settings.quiet && settings.logFormat === "text";
    this.#bar = drawsProgress ? new ProgressBar(io.stderr, io.now) : undefined;
    this.log.onWrite(() => this.#bar?.clear());
  }

  /**
   * Runs work of the pipeline with progress on the terminal, which is gone when the work ends, however it ends.
   */
  async withProgress<Result>(work: (io: PipelineIo) => Promise<Result>): Promise<Result> {
    const { stdin, signal, env, cwd } = this.io;
    const progress = (state: ReadProgress): void => {
      if (!signal.aborted) this.#bar?.update(state);
    };
    try {
      const notice = (text: string): void => this.log.say("info", "notice", text);
      // A read that waits for a pipe hears of nothing until the pipe says something.
      return await Promise.race([
        work({ stdin, progress, notice, signal, env, cwd, reading: keepHeapFor }),
        untilAborted(signal),
      ]);
    } finally {
      this.#bar?.clear();
    }
  }

  /** Shows how far a stream has come, on a terminal. */
  showLag(progress: LagProgress): void {
    this.#bar?.updateLag(progress);
  }

  /** Shows how far files have been read, on a terminal. */
  showProgress(progress: ReadProgress): void {
    this.#bar?.update(progress);
  }

  /** Takes what {@link showLag} and {@link showProgress} show from the terminal. */
  clearProgress(): void {
    this.#bar?.clear();
  }

  /**
   * Refuses a run that was given nothing to read.
   *
   * @throws NetlearnError `NETLEARN_USAGE` that says what to give
   */
  requireInputs(command: string, inputs: readonly string[]): void {
    const { stdin } = this.io;
    const { snapshot, state } = this.settings;
    if (inputs.length === 0 && snapshot.length === 0 && state === undefined) {
      // Reading a pipe nobody mentioned would hang in scripts whose standard input is open by accident.
      const piped = stdin.isTTY !== true ? ` To read standard input: netlearn ${command} -` : "";
      throw new NetlearnError("NETLEARN_USAGE", `netlearn ${command}: there is nothing to read`, {
        hint: `Give files, directories or globs with ${whatToRead(command)}, or what netlearn collect learned: --state netlearn.db.${piped}`,
      });
    }
    if (inputs.includes("-") && stdin.isTTY === true) {
      this.log.say("info", "notice", "Reading records from the terminal; end with Ctrl-D.");
    }
  }
}

function whatToRead(command: string): string {
  if (command === "access") return "audit events, for example: netlearn access audit.log";
  return `Hubble flows, for example: netlearn ${command} flows.jsonl`;
}

function keepHeapFor(what: "objects" | "records"): void {
  if (what === "objects") keepHeapForObjects();
  else keepHeapSmall();
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  return await new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("interrupted")), { once: true });
  });
}
