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

  /** Takes note of a limit, before whose end nothing is asked, and says so in one sentence. */
  limitUntil(until: number): string {
    this.#limitedUntil = Math.max(this.#limitedUntil, until);
    return limited(this.#limitedUntil);
  }

  /** Waits until a read may be made; otherwise, why there is none in this run. */
  async beforeRead(): Promise<string | undefined> {
    const { limit } = this;
    return limit === undefined || (await this.wait(this.#limitedUntil - this.now())) ? this.#over() : limit;
  }

  /** Waits until a write may be made; otherwise, why there is none in this run. No limit is waited for. */
  async beforeWrite(): Promise<string | undefined> {
    const { limit } = this;
    if (limit !== undefined) return limit;
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

  /** The limit that holds now, one sentence; undefined: none. */
  get limit(): string | undefined {
    return this.now() < this.#limitedUntil ? limited(this.#limitedUntil) : undefined;
  }
}

const OVER = "The time of this run is over.";

function limited(until: number): string {
  // What `Date` can't say is later than any run.
  return `GitHub's rate limit is reached until ${new Date(Math.min(until, 8.64e15)).toISOString()}.`;
}
