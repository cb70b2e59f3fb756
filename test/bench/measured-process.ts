import { spawn } from "node:child_process";
import path from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";

/** What a process took, from its start to its end. */
export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
  /** What it printed to standard output. */
  readonly output: string;
}

export const ROOT: string = path.resolve(import.meta.dirname, "../..");

/**
 * Runs a script in a process of its own.
 *
 * @throws Error with what it said when it ends with another code than 0
 */
export async function measured(args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", path.join(ROOT, "test/bench/report-usage.ts"), ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const [output, said, usage, code] = await Promise.all([
    buffer(child.stdio[1] as Readable),
    buffer(child.stdio[2] as Readable),
    buffer(child.stdio[3] as Readable),
    new Promise((resolve) => child.on("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${String(code)}:\n${said.toString("utf8")}`);
  const { peakKib, cpuMicros } = JSON.parse(usage.toString("utf8"));
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpuMicros / 1e6,
    peakMib: peakKib / 1024,
    output: output.toString("utf8"),
  };
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
