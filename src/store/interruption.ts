import { setTimeout as sleep } from "node:timers/promises";
import type { NetlearnError } from "../lib/errors.ts";

/** The database went away in the middle, or asks to be tried again. */
export class Interruption extends Error {
  /** What to throw once there is no more patience. */
  readonly failure: NetlearnError;
  /** Whether the transaction may have been committed all the same: the answer to COMMIT was lost. */
  readonly isUncertain: boolean;

  constructor(failure: NetlearnError, isUncertain: boolean) {
    super(failure.message, { cause: failure });
    this.name = "Interruption";
    this.failure = failure;
    this.isUncertain = isUncertain;
  }
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/**
 * Does work, and does it again after each interruption until `patienceMs` have passed since the first one.
 *
 * @param recall is told of each interruption before the work is done again; throws to give up
 * @throws the interruption's failure when there is no more patience
 */
export async function persist<Result>(
  work: () => Promise<Result>,
  patienceMs: number,
  recall: (interruption: Interruption) => void = () => {},
): Promise<Result> {
  let deadline: AbortSignal | undefined;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      recall(error);
      deadline ??= AbortSignal.timeout(patienceMs);
      await pauseUntil(deadline, pause, error.failure);
    }
  }
}

/** @throws `failure` when the deadline comes first */
async function pauseUntil(deadline: AbortSignal, pauseMs: number, failure: NetlearnError): Promise<void> {
  try {
    await sleep(pauseMs, undefined, { signal: deadline });
  } catch {
    throw failure;
  }
}
