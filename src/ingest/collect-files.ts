import type { CollectOptions, CollectSummary } from "../collectors/file/collect-options.ts";
import { errorCode } from "../collectors/file/file-errors.ts";
import { findInputs, type Input } from "../collectors/file/inputs.ts";
import { LogFile } from "../collectors/file/log-file.ts";
import { readSource } from "../collectors/file/read-source.ts";
import { Sources } from "../collectors/file/sources.ts";
import { NetlearnError } from "../lib/errors.ts";
import type { StateStore } from "../model/state.ts";
import type { Delta } from "./delta.ts";
import { type FileFold, FileLedger, Overtaken } from "./file-ledger.ts";
import { FileRun } from "./file-run.ts";
import type { IngestObserver } from "./observer.ts";
import { StreamRun } from "./stream-run.ts";
import { addTotals, NO_TOTALS, type Totals } from "./totals.ts";

/** What a run over files works with. */
export interface FileCollectorParts {
  readonly store: StateStore;
  readonly observer: Pick<IngestObserver, "folded">;
  readonly now: () => number;
}

/** How files are read. Its `notice` hears of files that are read anew, left unfinished, or have no position. */
export interface FileCollectorOptions extends CollectOptions {
  /** Names this collector to people who look at the state. */
  readonly owner: string;
  /** What was learned is folded in when it is about so many distinct things. */
  readonly flushSize: number;
  /** The same of standard input and pipes when it is so old, milliseconds. */
  readonly flushInterval: number;
}

/** How a run ended. */
export interface FileRunResult {
  /** What was read by this run: what was folded in before is not read again. */
  readonly summary: CollectSummary;
  readonly totals: Totals;
  /** Files that held nothing new. */
  readonly unchanged: number;
  /** True when `signal` ended it: what was folded in stays, and the next run goes on from there. */
  readonly isStopped: boolean;
}

/** So many times a file is looked at anew when another collector was faster. */
const TRIES = 5;

/**
 * Folds flow logs into the state, each byte once, whatever a file is called: files, directories, globs and standard input
 * (`-`), packed with gzip or zstd or not. Positions and what they brought are written in one transaction.
 *
 * A file is known by its first bytes, unpacked; a log that was rotated, renamed or packed since is not read again, and one
 * that grew is read from where it was left. Its last line is left alone while it is no whole record. Standard input and
 * pipes have no position: what comes again counts again, though no edge comes twice.
 *
 * @throws NetlearnError `NETLEARN_INPUT_MISSING` before anything is read; `NETLEARN_STATE_UNUSABLE` or
 *   `NETLEARN_STATE_BUSY`, and what was folded in before stays
 */
export async function collectFilesInto(
  inputs: readonly string[],
  parts: FileCollectorParts,
  options: FileCollectorOptions,
): Promise<FileRunResult> {
  const notice = options.notice ?? (() => {});
  const found = await findInputs(inputs, notice);
  const collector = new FileCollector(parts, options, new Sources(options, found.unreadable));
  await collector.begin();
  for (const input of found.inputs) {
    if (options.signal?.aborted === true) break;
    await collector.collect(input);
  }
  const result = collector.result();
  for (const { source, message } of result.summary.skipped) notice(`${source} is skipped: ${message}`);
  return result;
}

class FileCollector {
  readonly #parts: FileCollectorParts;
  readonly #options: FileCollectorOptions;
  readonly #sources: Sources;
  readonly #ledger: FileLedger;
  #totals: Totals = NO_TOTALS;
  #unchanged = 0;

  constructor(parts: FileCollectorParts, options: FileCollectorOptions, sources: Sources) {
    this.#parts = parts;
    this.#options = options;
    this.#sources = sources;
    this.#ledger = new FileLedger(parts.store, options.owner);
  }

  async begin(): Promise<void> {
    await this.#ledger.reload();
  }

  result(): FileRunResult {
    return {
      summary: this.#sources.summary(),
      totals: this.#totals,
      unchanged: this.#unchanged,
      isStopped: this.#options.signal?.aborted === true,
    };
  }

  async collect(input: Input): Promise<void> {
    if (input.size === undefined) return await this.#stream(input);
    try {
      const file = await LogFile.open(input);
      try {
        await this.#file(file);
      } finally {
        await file.close();
      }
    } catch (error) {
      // What was read since the last fold is forgotten, and read again by the next run.
      if (this.#options.signal?.aborted === true) return;
      if (error instanceof NetlearnError || errorCode(error) === undefined) throw error;
      this.#sources.failed(input, error);
    }
  }

  async #file(file: LogFile): Promise<void> {
    const { flushSize } = this.#options;
    for (let left = TRIES; left > 0; left--) {
      const run = new FileRun(file, {
        ledger: this.#ledger,
        sources: this.#sources,
        options: this.#options,
        foldSize: flushSize,
        fold: async (fold) => await this.#fold(fold),
        notice: this.#notice,
      });
      try {
        if (!(await run.run())) this.#unchanged++;
        return;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        await this.#ledger.reload();
      }
    }
    this.#notice(
      `${file.input.source} is left to another collector, which folds it into the same state at this moment`,
    );
  }

  async #stream(input: Input): Promise<void> {
    this.#notice(
      `${input.stdin ? "standard input" : input.source} has no position: records that come again count again`,
    );
    const { flushSize, flushInterval } = this.#options;
    const run = new StreamRun(async (delta) => await this.#foldStream(delta), {
      flushSize,
      flushInterval,
      now: this.#parts.now,
    });
    const reader = this.#sources.open(input, run.sink);
    const read = await readSource(input, run.taker(reader), this.#options);
    if (read.error instanceof NetlearnError) throw read.error;
    await run.end();
    const isStopped = this.#options.signal?.aborted === true;
    this.#sources.read(input, isStopped ? { ...read, error: undefined } : read, reader);
  }

  async #fold(fold: FileFold): Promise<void> {
    const begun = this.#parts.now();
    const { changed } = await this.#ledger.fold(fold);
    this.#folded(fold.delta, { changed, begun });
  }

  async #foldStream(delta: Delta): Promise<void> {
    const begun = this.#parts.now();
    const outcome = await this.#parts.store.fold(delta.cells(), []);
    this.#folded(delta, { changed: outcome.kind === "folded" ? outcome.changed : 0, begun });
  }

  #folded(delta: Delta, { changed, begun }: { readonly changed: number; readonly begun: number }): void {
    this.#totals = addTotals(this.#totals, delta);
    const { inputs, size } = delta;
    this.#parts.observer.folded({ inputs, size, changed, milliseconds: this.#parts.now() - begun });
  }

  readonly #notice = (text: string): void => {
    this.#options.notice?.(text);
  };
}
