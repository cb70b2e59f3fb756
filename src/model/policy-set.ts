import type { Finding } from "./finding.ts";
import type { PolicyProtocol } from "./flow.ts";
import type { Edge, Labels } from "./graph.ts";
import type { InferredTraffic } from "./inferred.ts";
import type { WorkloadKey } from "./peer.ts";

/** Who a rule lets in or out. */
export type RulePeer =
  /** Pods of one namespace with all these labels; never without labels. */
  | { readonly kind: "pods"; readonly namespace: string; readonly labels: Labels }
  /** Canonical CIDR text. */
  | { readonly kind: "block"; readonly cidr: string }
  /** Every pod, node and address. Blocks do not say this: some CNIs never match pods and nodes by address. */
  | { readonly kind: "anyone" };

/** One server port. */
export interface RulePort {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** Every peer may use every port: both lists are non-empty, sorted and free of duplicates; `anyone` stands alone. */
export interface Rule {
  readonly peers: readonly RulePeer[];
  readonly ports: readonly RulePort[];
  /** The observed edges this rule is there for; empty only where `promised` is not. */
  readonly because: readonly Edge[];
  /** What objects promise, nobody was seen doing, and the operator allowed by its kind: this rule is there for it. */
  readonly promised: readonly InferredTraffic[];
  /** Ports that not every peer was seen using and a named generalisation added (`dns-over-tcp`). */
  readonly inferred: readonly { readonly port: RulePort; readonly by: string }[];
}

/**
 * What a policy does about one direction. `isolated` closes everything its rules do not name (no rules: everything);
 * `open` leaves it as it is, with the reason a finding explains; `explicit` when it has to be said with a rule that
 * allows everything, because a default-deny of the namespace would close it.
 */
export type DirectionPolicy =
  | { readonly mode: "isolated"; readonly rules: readonly Rule[] }
  | { readonly mode: "open"; readonly reason: "unobserved" | "inexpressible" | "covered"; readonly explicit: boolean };

/** What one workload is to be allowed. */
export interface WorkloadPolicy {
  /** DNS-1123, stable across runs. */
  readonly name: string;
  readonly namespace: string;
  /** matchLabels; never empty. */
  readonly selector: Labels;
  /** The workloads it is written for: one, or several that no stable label tells apart. */
  readonly workloads: readonly WorkloadKey[];
  readonly ingress: DirectionPolicy;
  readonly egress: DirectionPolicy;
}

/** A default-deny for all pods of a namespace, a manifest of its own. */
export interface NamespaceDeny {
  readonly name: string;
  readonly namespace: string;
}

/** Inferred traffic, and what the policies make of it. */
export interface InferredOutcome {
  readonly traffic: InferredTraffic;
  readonly server: WorkloadKey;
  /** Undefined when the client is no known workload. */
  readonly client: WorkloadKey | undefined;
  /**
   * `cut`: policies close a direction it needs, and no rule lets it through; `allowed`: rules are there for it, since
   * the operator allowed its kind; `seen`: rules that were made for observed edges let it through; `in-force`: a rule
   * of a policy in force does; `open`: no policy closes a direction it needs.
   */
  readonly outcome: "allowed" | "cut" | "in-force" | "open" | "seen";
  /** The directions of `cut` (closed without a rule) and `allowed` (with one made for it); else none. */
  readonly directions: readonly ("ingress" | "egress")[];
}

/** What is to be allowed, in no dialect: the second of the three hand-overs. Sorted by namespace and name. */
export interface PolicySet {
  readonly policies: readonly WorkloadPolicy[];
  readonly denies: readonly NamespaceDeny[];
  /** What becomes of traffic that objects promise, in their order; empty where no objects are known. */
  readonly inferred: readonly InferredOutcome[];
  readonly findings: readonly Finding[];
}
