import type { Gap } from "../model/gap.ts";
import type { HeldPartition } from "./held-partition.ts";
import type { Totals } from "./totals.ts";

/** What one fold did. */
export interface FoldReport {
  readonly inputs: number;
  /** Distinct things that were folded in. */
  readonly size: number;
  /** Cells of the state that are different now. */
  readonly changed: number;
  readonly milliseconds: number;
}

/** Hears what happens during a run, to show it: log, metrics, progress. It is called often and must be quick. */
export interface IngestObserver {
  assigned(partitions: readonly HeldPartition[]): void;
  folded(report: FoldReport): void;
  /** What was read was refused, and is read again. */
  fenced(sources: readonly string[]): void;
  gap(gap: Gap): void;
  progress(partitions: readonly HeldPartition[], totals: Totals): void;
}
