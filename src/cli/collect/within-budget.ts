import { setTimeout as sleep } from "node:timers/promises";

/** What came of work that may be asked to end. */
export type Finished<Result> = { readonly kind: "done"; readonly result: Result } | { readonly kind: "overdue" };

/**
 * Waits for work to end; once the signal has aborted, no longer than `budget` milliseconds. Overdue work goes on, and its
 * failure is no longer heard.
 *
 * @throws what the work throws
 */
export async function withinBudget<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
  budget: number,
): Promise<Finished<Result>> {
  const ended = new AbortController();
  const done = work.then((result) => ({ kind: "done", result }) as const);
  const overdue = (async (): Promise<Finished<Result>> => {
    await aborted(signal, ended.signal);
    await sleep(budget, undefined, { signal: ended.signal });
    return { kind: "overdue" };
  })();
  overdue.catch(() => {});
  try {
    return await Promise.race([done, overdue]);
  } finally {
    ended.abort();
  }
}

async function aborted(signal: AbortSignal, ended: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true, signal: ended });
  await promise;
}
