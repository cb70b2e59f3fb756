import type { HostClock } from "./options.ts";

/** How long GitHub may take for one request. */
const REQUEST_MS = 60_000;

/** When something may be asked, and when not: limits of GitHub, its wish for time between writes, and the end of the run. */
export class Pace {
  readonly #clock: HostClock;
  readonly #gap: number;
  #nextWrite = 0;
  #limitedUntil = 0;

  /** @param gap milliseconds between two writes */
  constructor(clock: HostClock, gap: number) {
    this.#clock = clock;
    this.#gap = gap;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Takes note of a limit: nothing is asked before it ends. */
  limit(until: number): void {
    this.#limitedUntil = Math.max(this.#limitedUntil, until);
  }

  /** Waits until a read may be made; otherwise, why there is none in this run. */
  async beforeRead(): Promise<string | undefined> {
    const wait = this.#limitedUntil - this.now();
    if (wait <= 0 || (await this.wait(wait))) return this.#over();
    return this.limitText();
  }

  /** Waits until a write may be made; otherwise, why there is none in this run. No limit is waited for. */
  async beforeWrite(): Promise<string | undefined> {
    if (this.now() < this.#limitedUntil) return this.limitText();
    const at = Math.max(this.now(), this.#nextWrite);
    this.#nextWrite = at + this.#gap;
    const wait = at - this.now();
    if (wait > 0 && !(await this.wait(wait))) return OVER;
    return this.#over();
  }

  /** False, and not waited, when it would take longer than the run may. */
  async wait(milliseconds: number): Promise<boolean> {
    if (this.#clock.signal?.aborted === true || this.now() + milliseconds >= this.#clock.deadline) return false;
    await this.#clock.sleep(milliseconds);
    return true;
  }

  /** Ends a request that takes too long, and with the run. */
  signal(): AbortSignal {
    const left = Math.max(1, Math.min(REQUEST_MS, this.#clock.deadline - this.now()));
    const limit = AbortSignal.timeout(left);
    return this.#clock.signal === undefined ? limit : AbortSignal.any([limit, this.#clock.signal]);
  }

  #over(): string | undefined {
    return this.#clock.signal?.aborted === true || this.now() >= this.#clock.deadline ? OVER : undefined;
  }

  /** Until when nothing is asked. */
  limitText(): string {
    return `GitHub's rate limit is reached until ${timeOf(this.#limitedUntil)}.`;
  }
}

const OVER = "The time of this run is over.";

/** The end of what `Date` can say is later than any run. */
function timeOf(at: number): string {
  return new Date(Math.min(at, 8.64e15)).toISOString();
}
