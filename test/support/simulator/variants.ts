import { gzipSync } from "node:zlib";
import { createRandom } from "./random.ts";

/** The same lines in another order. */
export function shuffle(lines: readonly string[], seed: string | number): string[] {
  return createRandom(`${seed}/shuffle`).shuffle(lines);
}

/** Every line `times` times, the copies anywhere. */
export function duplicate(lines: readonly string[], times: number, seed: string | number): string[] {
  return shuffle(Array.from({ length: times }, () => lines).flat(), seed);
}

/** The lines dealt out to `parts` files, the way a topic's partitions get them without a key. */
export function split(lines: readonly string[], parts: number): string[][] {
  const dealt = Array.from({ length: parts }, (): string[] => []);
  for (const [index, line] of lines.entries()) dealt[index % parts]!.push(line);
  return dealt;
}

/** The lines as a file has them, each with its line feed. */
export function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

/** The lines as a compressed file. */
export function gzip(lines: readonly string[]): Buffer {
  return gzipSync(text(lines));
}
