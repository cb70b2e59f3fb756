import type { Evidence, Sample } from "./evidence.ts";
import type { Protocol } from "./flow.ts";
import type { Gap } from "./gap.ts";
import type { Peer, WorkloadKey } from "./peer.ts";

/** A label as Kubernetes has it, the source prefix (`k8s:`) taken off. */
export type Labels = Readonly<Record<string, string>>;

/** Pods that one controller keeps: what a policy is written for. */
export interface Workload {
  readonly key: WorkloadKey;
  readonly cluster: string | undefined;
  readonly namespace: string;
  readonly name: string;
  /** `Deployment`, `StatefulSet`, ...; undefined when the flow log did not say and the pod names do not tell. */
  readonly kind: string | undefined;
  /** Labels that every sighting with labels agreed on, run-time labels included; the synthesizer picks the stable ones. */
  readonly labels: Labels;
  readonly serviceAccount: string | undefined;
}

/** "This client opens connections to this server's port", allowed and seen. One edge however many records showed it. */
export interface Edge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: Protocol;
  /** The server's own port (the pod's, not the Service's); undefined for protocols without ports. */
  readonly port: number | undefined;
  readonly evidence: Evidence;
  /** Services whose address was called, `namespace/name:port`, sorted: the server is one of what is behind them. */
  readonly services?: readonly string[];
}

/** An attempt that the datapath refused. Reported, never granted (DESIGN.md, decision 4). */
export interface DeniedEdge {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  /** Hubble's drop reason, `POLICY_DENIED` and the like; `UNKNOWN` when the record had none. */
  readonly reason: string;
  /** True when a policy refused it; false for datapath trouble that says nothing about what is wanted. */
  readonly byPolicy: boolean;
  readonly connections: number;
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  readonly samples: readonly Sample[];
}

/** Why an observation that might be traffic made no edge. */
export type QuarantineReason =
  | "ambiguous-address"
  | "ambiguous-workload"
  | "forwarded-then-dropped"
  | "no-identity"
  | "no-port"
  | "node-identity-on-overlay"
  | "service-address"
  | "unconfirmed-server-port"
  | "undirected";

/** Observations of one kind that were set aside: too uncertain for a rule, too real to forget. */
export interface Quarantine {
  readonly reason: QuarantineReason;
  /** How many distinct pairs of ends and ports. */
  readonly pairs: number;
  /** At most three, `a:port <-> b:port proto`. */
  readonly samples: readonly string[];
}

/** What the source itself said about its gaps, and which of its settings show in the records. */
export interface SourceFacts {
  readonly clusters: readonly string[];
  /** Nodes whose agents reported. */
  readonly nodes: readonly string[];
  readonly unavailableNodes: readonly string[];
  readonly lostEvents: number;
  /** Records that were gone before they could be read. */
  readonly gaps: readonly Gap[];
  /** Flow records read, and how many carried the named property; zero of many means an exporter left it out. */
  readonly records: number;
  readonly withIsReply: number;
  readonly withLabels: number;
  readonly withEventType: number;
  readonly withVerdict: number;
  readonly dropped: number;
  readonly aggregated: number;
}

/** What was seen: the first of the three hand-overs. Every list is sorted; equal observations give equal graphs. */
export interface CommunicationGraph {
  /** Milliseconds since the epoch of the first and last record with a time. */
  readonly window: { readonly first: number; readonly last: number } | undefined;
  readonly workloads: readonly Workload[];
  readonly edges: readonly Edge[];
  readonly denied: readonly DeniedEdge[];
  readonly quarantine: readonly Quarantine[];
  /** DNS names that were seen for external addresses, by address. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly facts: SourceFacts;
}
