import type { ReadProgress } from "../config/pipeline-options.ts";
import { terminalText } from "../report/escape.ts";
import { columns } from "../report/terminal-layout.ts";
import { formatBytes, thousands } from "../report/wording.ts";
import type { OutputStream } from "./io.ts";

const REDRAW_EVERY = 100;
const CLEAR_LINE = "\r\u001b[K";

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
    const now = this.#now();
    if (progress.source !== this.#source) {
      this.#source = progress.source;
      this.#sourceStart = now;
    }
    if (this.#drawnAt !== undefined && now - this.#drawnAt < REDRAW_EVERY) {
      return;
    }
    this.#drawnAt = now;
    this.#visible = true;
    // One column stays free: a full line makes some terminals wrap.
    const width = (this.#stream.columns ?? 80) - 1;
    this.#stream.write(
      CLEAR_LINE + progressLine(progress, { total: now - this.#start, source: now - this.#sourceStart }, width),
    );
  }

  /** Leaves the line empty for other text. */
  clear(): void {
    if (this.#visible) {
      this.#visible = false;
      this.#stream.write(CLEAR_LINE);
    }
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
  let line = "";
  for (const part of progressParts(progress, elapsed)) {
    const longer = line === "" ? part : `${line}  ${part}`;
    if (columns(longer) <= width) {
      line = longer;
    }
  }
  return line;
}

function progressParts(progress: ReadProgress, elapsed: Elapsed): readonly string[] {
  const { bytesRead, bytesTotal, records, source } = progress;
  const rate = elapsed.total < 500 ? [] : [`${thousands(Math.round((records * 1000) / elapsed.total))} records/s`];
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
