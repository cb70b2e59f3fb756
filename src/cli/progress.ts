import type { ReadProgress } from "../config/pipeline-options.ts";
import { terminalText } from "../report/escape.ts";
import { columns } from "../report/terminal-layout.ts";
import { formatBytes, thousands } from "../report/wording.ts";
import type { OutputStream } from "./io.ts";

const REDRAW_EVERY = 100;
const CLEAR_LINE = "\r\u001b[K";

/** How far a stream has come that others write to meanwhile, in records. */
export interface LagProgress {
  readonly taken: number;
  /** Records still to be read. */
  readonly lag: number;
  /** Whether the run ends when there is no more, so that a share can be told. */
  readonly ends: boolean;
  /** Undefined: nothing to wait for. */
  readonly waitsFor: string | undefined;
}

/** One line on a terminal that says how far reading has come. */
export class ProgressBar {
  readonly #stream: OutputStream;
  readonly #now: () => number;
  readonly #start: number;
  #source: string | undefined;
  #sourceStart: number;
  #drawnAt: number | undefined;
  #visible = false;

  constructor(stream: OutputStream, now: () => number) {
    this.#stream = stream;
    this.#now = now;
    this.#start = now();
    this.#sourceStart = this.#start;
  }

  /** Draws, unless it did within the last tenth of a second: terminals are slower than reading. */
  update(progress: ReadProgress): void {
    if (progress.source !== this.#source) {
      this.#source = progress.source;
      this.#sourceStart = this.#now();
    }
    this.#draw((elapsed) => progressParts(progress, elapsed));
  }

  /** As {@link update}, for a stream. */
  updateLag(progress: LagProgress): void {
    this.#draw(({ total }) => lagParts(progress, total));
  }

  /** Leaves the line empty for other text. */
  clear(): void {
    if (this.#visible) {
      this.#visible = false;
      this.#stream.write(CLEAR_LINE);
    }
  }

  #draw(partsAt: (elapsed: Elapsed) => readonly string[]): void {
    const now = this.#now();
    if (this.#drawnAt !== undefined && now - this.#drawnAt < REDRAW_EVERY) {
      return;
    }
    this.#drawnAt = now;
    this.#visible = true;
    // One column stays free: a full line makes some terminals wrap.
    const width = (this.#stream.columns ?? 80) - 1;
    const parts = partsAt({ total: now - this.#start, source: now - this.#sourceStart });
    this.#stream.write(CLEAR_LINE + fitted(parts, width));
  }
}

interface Elapsed {
  readonly total: number;
  readonly source: number;
}

/**
 * The text of the line.
 *
 * @param elapsed milliseconds since reading began, and since this source was begun
 * @param width columns it may take; what does not fit is left out, the least telling first
 */
export function progressLine(progress: ReadProgress, elapsed: Elapsed, width: number): string {
  return fitted(progressParts(progress, elapsed), width);
}

/**
 * The text of the line for a stream.
 *
 * @param elapsed milliseconds since reading began
 */
export function lagLine(progress: LagProgress, elapsed: number, width: number): string {
  return fitted(lagParts(progress, elapsed), width);
}

function fitted(parts: readonly string[], width: number): string {
  let line = "";
  for (const part of parts) {
    const longer = line === "" ? part : `${line}  ${part}`;
    if (columns(longer) <= width) {
      line = longer;
    }
  }
  return line;
}

function lagParts({ taken, lag, ends, waitsFor }: LagProgress, elapsed: number): readonly string[] {
  if (waitsFor !== undefined) return [`waiting for ${terminalText(waitsFor)}`];
  const all = taken + lag;
  const perSecond = elapsed < 500 ? undefined : Math.round((taken * 1000) / elapsed);
  const isSample = elapsed >= 2000 && perSecond !== undefined && perSecond > 0 && lag > 0;
  return [
    ...(ends && all > 0 ? [`${String(Math.floor((taken / all) * 100)).padStart(3)} %`] : []),
    `${thousands(lag)} behind`,
    `${thousands(taken)} read`,
    ...(perSecond === undefined ? [] : [`${thousands(perSecond)} records/s`]),
    ...(ends && isSample ? [`${formatDuration((lag * 1000) / perSecond)} left`] : []),
  ];
}

function progressParts(progress: ReadProgress, elapsed: Elapsed): readonly string[] {
  const { bytesRead, bytesTotal, records, source } = progress;
  const rate =
    records === undefined || elapsed.total < 500
      ? []
      : [`${thousands(Math.round((records * 1000) / elapsed.total))} records/s`];
  if (bytesTotal === undefined || bytesTotal <= 0) {
    return [formatBytes(bytesRead), ...rate, terminalText(source)];
  }
  const share = Math.min(bytesRead / bytesTotal, 1);
  // The first two seconds are no sample to extrapolate from.
  const left =
    share === 0 || elapsed.source < 2000 ? [] : [`${formatDuration((elapsed.source * (1 - share)) / share)} left`];
  return [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `${formatBytes(bytesRead)} of ${formatBytes(bytesTotal)}`,
    ...rate,
    ...left,
    terminalText(source),
  ];
}

function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0
    ? `${seconds} s`
    : minutes < 60
      ? `${minutes} min ${seconds % 60} s`
      : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
