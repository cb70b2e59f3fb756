import { writeFileAtomically } from "../../lib/atomic-file.ts";
import { NetlearnError } from "../../lib/errors.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";

/** Metrics in a file, for the node exporter's textfile collector: written anew after each write to the state. */
export class MetricsFile {
  readonly #file: string;
  readonly #metrics: Metrics;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #isWaiting = false;
  #hasFailed = false;

  constructor(file: string, metrics: Metrics, log: Log) {
    this.#file = file;
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Writes soon; a file that can't be written is said once, and collecting goes on. */
  request(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#writing = this.#writing.then(async () => {
      this.#isWaiting = false;
      await this.#write().catch((error: unknown) => this.#sayOnce(error));
    });
  }

  /**
   * Writes the last time.
   *
   * @throws NetlearnError `NETLEARN_OUTPUT_UNWRITABLE`
   */
  async finish(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    await writeFileAtomically(this.#file, await this.#metrics.text());
  }

  #sayOnce(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const message = error instanceof NetlearnError ? error.message : String(error);
    this.#log.say("warning", "metrics-file", `${message}; collecting goes on`);
  }
}
