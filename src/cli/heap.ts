import { setFlagsFromString } from "node:v8";

/** Node versions whose V8 is known to have the settings: an unknown one would be complained about on standard error. */
const KNOWN_MAJORS: readonly string[] = ["22", "23", "24", "25"];

/**
 * Keeps the heap near what is in use. Flow logs are read as one long stream of records that are garbage at once, which
 * V8 takes for a reason to let both generations grow far beyond that: a young generation that keeps its first size and
 * an old one that is swept when it has grown by a fifth halve the peak of memory and cost a tenth of the time. Both
 * only tune when to collect, and V8 reads them whenever it decides that.
 */
export function keepHeapSmall(): void {
  set("--semi-space-growth-factor=1", "--heap-growing-percent=20");
}

/**
 * While a cluster's objects are read: most of them are kept, and a young generation too small for a page of them costs
 * three times the time.
 */
export function keepHeapForObjects(): void {
  set("--semi-space-growth-factor=2", "--heap-growing-percent=40");
}

function set(...flags: readonly string[]): void {
  const [major = ""] = process.versions.node.split(".");
  if (!KNOWN_MAJORS.includes(major)) return;
  for (const flag of flags) setFlagsFromString(flag);
}
