import { setTimeout as sleep } from "node:timers/promises";
import { runConsumer } from "./consumer.ts";
import { explain } from "./failures.ts";
import type { KafkaSubscription, PartitionStart } from "./port.ts";
import type { SessionOwner, SessionParts } from "./session.ts";
import { Session } from "./session.ts";
import type { Failure } from "./unavailable.ts";

const COMMIT_MS = 5000;
const STOP_MS = 15_000;
const RESTART_PAUSES_MS = [300, 1000, 3000];
const LONGEST_PAUSE_MS = 10_000;
const START_PAUSE_MS = 500;

/**
 * A membership in a consumer group over the lives of several consumers: one that crashed is replaced by another, for as
 * long as that may help.
 */
export class Subscription implements KafkaSubscription, SessionOwner {
  readonly ended: Promise<void>;
  readonly #parts: SessionParts;
  readonly #topics: readonly string[];
  readonly #end = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  #session: Session | undefined;
  #crash: { readonly error: unknown } | undefined;
  #isOpening = false;
  /** From the first crash after the last answer: aborted when it has lasted too long. */
  #outage: AbortSignal | undefined;

  constructor(topics: readonly string[], parts: SessionParts) {
    this.#topics = topics;
    this.#parts = parts;
    this.ended = this.#end.promise;
    // That nobody looks at it is no reason for Node to end the process.
    this.ended.catch(() => {});
  }

  /** @throws NetlearnError NETLEARN_KAFKA_UNAVAILABLE when the group can't be joined */
  async start(): Promise<void> {
    const late = AbortSignal.timeout(this.#parts.client.limits.connectMs);
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        const failure = this.#explained(error);
        // A broker that has just started is still reading what it knows of groups.
        if (!failure.passing || late.aborted) {
          this.#over.abort();
          throw failure.error;
        }
        await sleep(START_PAUSE_MS);
      }
    }
  }

  seek(starts: readonly PartitionStart[]): void {
    this.#session?.seek(starts);
  }

  async heartbeat(): Promise<void> {
    await this.#session?.heartbeat();
  }

  async commit(starts: readonly PartitionStart[]): Promise<void> {
    const offsets = starts.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) }));
    const committed = this.#session?.consumer.commitOffsets(offsets).catch((error: unknown) => {
      this.#parts.client.log(`offsets were not committed: ${String(error)}`);
    });
    await atMost(COMMIT_MS, committed);
  }

  async stop(): Promise<void> {
    if (!this.#over.signal.aborted) {
      this.#over.abort();
      await this.#leave();
      this.#end.resolve();
    }
    await this.#parts.turns.done();
  }

  alive(): void {
    this.#outage = undefined;
  }

  failed(error: unknown): void {
    if (this.#over.signal.aborted) {
      return;
    }
    this.#over.abort();
    void this.#leave().finally(() => this.#end.reject(error));
  }

  crashed(error: unknown): void {
    if (this.#isOpening) {
      this.#crash = { error };
    } else {
      this.#recover(error).catch((fault: unknown) => this.failed(fault));
    }
  }

  async #open(): Promise<void> {
    const session = new Session(this.#parts, this);
    this.#session = session;
    this.#crash = undefined;
    this.#isOpening = true;
    try {
      await runConsumer(session.consumer, this.#topics, session);
      this.#throwCrash();
    } catch (error) {
      session.end();
      await atMost(
        STOP_MS,
        session.consumer.disconnect().catch(() => {}),
      );
      throw error;
    } finally {
      this.#isOpening = false;
    }
  }

  #throwCrash(): void {
    if (this.#crash !== undefined) {
      throw this.#crash.error;
    }
  }

  /** @throws NetlearnError when it does not help to go on */
  async #recover(first: unknown): Promise<void> {
    this.#session?.end();
    let error = first;
    for (let attempt = 0; !this.#over.signal.aborted; attempt++) {
      const failure = this.#explained(error);
      this.#outage ??= AbortSignal.timeout(this.#parts.client.limits.outageMs);
      if (!failure.passing || this.#outage.aborted) {
        throw failure.error;
      }
      this.#parts.client.log(`${failure.error.message}; trying again`);
      try {
        await sleep(RESTART_PAUSES_MS[attempt] ?? LONGEST_PAUSE_MS, undefined, { signal: this.#over.signal });
        return await this.#open();
      } catch (fault) {
        error = fault;
      }
    }
  }

  async #leave(): Promise<void> {
    this.#session?.end();
    await atMost(
      STOP_MS,
      this.#session?.consumer.disconnect().catch(() => {}),
    );
  }

  #explained(error: unknown): Failure {
    return explain(error, this.#parts.client.scene(this.#topics));
  }
}

async function atMost(milliseconds: number, work: Promise<void> | undefined): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([work, sleep(milliseconds, undefined, { signal: over.signal, ref: false }).catch(() => {})]);
  } finally {
    over.abort();
  }
}
