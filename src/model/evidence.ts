/** How a source showed that a connection exists, from strongest to weakest. */
export type EvidenceKind = "policy-verdict" | "layer7" | "trace" | "reply" | "undirected";

/** One observed connection, kept as an example for people. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly time: number | undefined;
  /** `address:port` of each end as recorded, client first. */
  readonly client: string;
  readonly server: string;
  readonly node: string | undefined;
}

/** Why netlearn believes in an edge. Counts are of what was read, never part of a manifest. */
export interface Evidence {
  /** Distinct 5-tuples per day; exact while `exact`, else an estimate within about 6 %. */
  readonly connections: number;
  readonly exact: boolean;
  /** Milliseconds since the epoch; undefined when no record carried a time. */
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  /** Whole hours since the epoch in which the edge was seen, ascending. */
  readonly hours: readonly number[];
  readonly kinds: readonly EvidenceKind[];
  /** True when something showed that packets reached the server: a reply, an established record, its own node's trace. */
  readonly passed: boolean;
  /** True when an existing policy would have dropped it but only audits (verdict AUDIT). */
  readonly audited: boolean;
  /** At most three, the same ones whatever the order of the input. */
  readonly samples: readonly Sample[];
}
