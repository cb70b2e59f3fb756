import type { Answer } from "./answer.ts";

/** `undefined`: the specification does not say, and the profile does not either. */
export type VerdictKind = "allowed" | "denied" | "undefined";

/** The direction of a policy: `egress` is judged at the client, `ingress` at the server. */
export type Direction = "ingress" | "egress";

/** Where in a policy a connection was allowed. Indexes count from 0, as in `spec.ingress[0].from[1]`. */
export interface AllowingRule {
  /** `namespace/name`. */
  readonly policy: string;
  readonly rule: number;
  /** Undefined when the rule names no peers: everyone. */
  readonly peer: number | undefined;
  /** Undefined when the rule names no ports: every port. */
  readonly port: number | undefined;
}

/** What the policies at one end say. */
export interface DirectionVerdict {
  readonly verdict: VerdictKind;
  readonly isolated: Answer;
  /** `namespace/name` of every policy that isolates the end in this direction, sorted. */
  readonly isolatedBy: readonly string[];
  /** Every rule that allows the connection, by policy and index; of each, the first peer and port that do. */
  readonly allowedBy: readonly AllowingRule[];
  /** One sentence; may hold text from the cluster. */
  readonly reason: string;
}

/** Whether a new connection passes, and which policies and rules decided (rule 2: both directions must agree). */
export interface NetworkVerdict {
  readonly verdict: VerdictKind;
  /** The reason of the direction that decided. */
  readonly reason: string;
  readonly egress: DirectionVerdict;
  readonly ingress: DirectionVerdict;
}
