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
  const [major = ""] = process.versions.node.split(".");
  if (!KNOWN_MAJORS.includes(major)) return;
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--heap-growing-percent=20");
}
