import type { Rejection, RejectionReason } from "./observation.ts";

/** What became of audit events: each is in exactly one of `used` and `setAside`. */
export interface AuditReading {
  /** Events understood, of every stage. */
  readonly events: number;
  /** Events that became evidence of a use, allowed or denied. */
  readonly used: number;
  /** Events left out, by reason (`request-received`, `unauthenticated`, ...), sorted by it. */
  readonly setAside: Readonly<Record<string, number>>;
}

/** What became of everything that was read: each record is in exactly one of `used`, `setAside` and `rejected`. */
export interface Reading {
  /** Files and streams opened, and bytes as they lay there (before decompression). */
  readonly sources: number;
  readonly bytes: number;
  readonly lines: number;
  /** Snapshots and states that were merged in, and the flow records and audit events these had understood; counted below as well. */
  readonly remembered: readonly { readonly source: string; readonly records: number; readonly events: number }[];
  /** Flow records understood (before any were set aside). */
  readonly records: number;
  /** Flow records that became evidence for or against an edge. */
  readonly used: number;
  /** Flow records understood and left out, by reason (`health-check`, `reply-side duplicate`, ...). */
  readonly setAside: Readonly<Record<string, number>>;
  /** Audit events; in none of the counts of flow records. */
  readonly audit: AuditReading;
  /** Inputs not understood, one row a reason with the sample that is first by source and line. */
  readonly rejected: readonly {
    readonly reason: RejectionReason;
    readonly count: number;
    readonly sample: Rejection;
  }[];
  /** Records that carry no flow (`agent_event`, `lost_events`, ...), by kind. */
  readonly otherEvents: Readonly<Record<string, number>>;
  /** Inputs that could not be read to their end. */
  readonly unreadable: readonly { readonly source: string; readonly message: string }[];
}
