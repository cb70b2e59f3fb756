import type { HeldPartition } from "../../ingest/held-partition.ts";
import type { IngestObserver } from "../../ingest/observer.ts";

/** The loop turns ten times a second; a database that was restarted may hold it for a minute. */
const ALIVE_FOR = 300_000;
const READY_FOR = 30_000;

/** Whether a run that follows is well: what an orchestrator's probes ask. */
export class Pulse implements IngestObserver {
  readonly #now: () => number;
  #lastTurn: number;
  #isAssigned = false;

  constructor(now: () => number) {
    this.#now = now;
    this.#lastTurn = now();
  }

  /** False when the process hangs, so that starting it anew is the way out; nothing is lost by that. */
  get isAlive(): boolean {
    return this.#now() - this.#lastTurn < ALIVE_FOR;
  }

  /** True while the group has given this member its part, and reading and writing go on. */
  get isReady(): boolean {
    return this.#isAssigned && this.#now() - this.#lastTurn < READY_FOR;
  }

  assigned(_partitions: readonly HeldPartition[]): void {
    this.#isAssigned = true;
    this.#lastTurn = this.#now();
  }

  progress(): void {
    this.#lastTurn = this.#now();
  }

  folded(): void {}

  fenced(): void {}

  gap(): void {}
}
