import { type Measured, median } from "./measured-process.ts";

/** What was read. */
export interface ReadInput {
  readonly bytes: number;
  readonly count: number;
  /** What is counted, in the plural: `records`. */
  readonly unit: string;
}

/** A line of a table: the median time of some runs, what it comes to a second, and the highest peak of memory. */
export function speedRow(name: string, runs: readonly Measured[], { bytes, count, unit }: ReadInput): string {
  const seconds = median(runs.map((one) => one.seconds));
  const peak = Math.max(...runs.map((one) => one.peakMib));
  const speed = [
    `${seconds.toFixed(1)} s`,
    `${Math.round(count / seconds / 1000)} thousand ${unit}/s`,
    `${Math.round(bytes / seconds / 1e6)} MB/s`,
  ];
  return `${name.padEnd(24)} ${speed.map((text) => text.padStart(26)).join("")} ${`${Math.round(peak)} MiB at the most`.padStart(24)}`;
}
