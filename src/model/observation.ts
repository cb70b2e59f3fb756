import type { AccessRecord } from "./access.ts";
import type { FlowRecord } from "./flow.ts";

/** Where in the input something stands: a file, `-`, or a record of Kafka (`TOPIC/PARTITION@OFFSET`); a 1-based line in it, which
 * whole values have not. */
export interface Place {
  readonly source: string;
  readonly line: number | undefined;
}

/** Why a record was not taken. Each is one row of the summary; GLOSSARY.md and the README explain them. */
export const REJECTION_REASONS = [
  "binary-encoding",
  "human-output",
  "invalid-event",
  "invalid-flow",
  "invalid-json",
  "not-a-flow",
  "too-deep",
  "too-long",
  "truncated",
  "wrong-encoding",
] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** A record that was not taken, with what a person needs to find and mend it. */
export interface Rejection {
  readonly reason: RejectionReason;
  readonly place: Place;
  /** One sentence: what was found there and the way out. Contains no line break. */
  readonly detail: string;
}

/** A source's own statement that it lost events: an edge may be missing in that time. */
export interface LostEvents {
  readonly time: number | undefined;
  readonly node: string | undefined;
  /** `HUBBLE_RING_BUFFER`, `PERF_EVENT_RING_BUFFER`, ... */
  readonly buffer: string;
  readonly count: number;
}

/** A relay's statement about nodes: those `connected` were heard, those `unavailable` or `gone` were not. */
export interface NodeStatus {
  readonly time: number | undefined;
  readonly state: "connected" | "unavailable" | "gone" | "error" | "unknown";
  readonly nodes: readonly string[];
  readonly message: string | undefined;
}

/**
 * Where collectors put what they read, one call a record, in the order of the input. Calls are synchronous: a sink
 * that is slow slows the reading, nothing piles up.
 */
export interface ObservationSink {
  flow(record: FlowRecord): void;
  /** An audit event of any stage. */
  access(record: AccessRecord): void;
  lostEvents(lost: LostEvents): void;
  nodeStatus(status: NodeStatus): void;
  /** A well-formed record of a kind that carries no flow (agent events, debug events): counted by kind. */
  otherEvent(kind: string): void;
  rejected(rejection: Rejection): void;
}
