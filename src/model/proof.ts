import type { Edge } from "./graph.ts";
import type { InferredTraffic } from "./inferred.ts";

/** What the evaluator found when it replayed the observed edges against the policies. */
export interface Proof {
  /** Edges that a NetworkPolicy can speak about, and how many of them pass in both directions. */
  readonly checked: number;
  readonly allowed: number;
  /** Edges the policies would cut although they were seen: must be empty, else nothing is written. */
  readonly cut: readonly { readonly edge: Edge; readonly direction: "ingress" | "egress"; readonly reason: string }[];
  /** Inferred traffic that rules are there for: how much of it was asked about, and what does not pass (must be empty). */
  readonly promised: {
    readonly checked: number;
    readonly refused: readonly {
      readonly traffic: InferredTraffic;
      readonly direction: "ingress" | "egress";
      readonly reason: string;
    }[];
  };
  /** Rules whose removal cuts nothing that was seen or is to be allowed: must be empty. */
  readonly needless: readonly {
    readonly policy: string;
    readonly direction: "ingress" | "egress";
    readonly rule: number;
  }[];
  /**
   * Pairs of known workloads and ports that the policies let through and nobody used. `client` is `anyone` where a rule
   * lets everybody in on a port: pods, nodes and addresses.
   */
  readonly unused: readonly {
    readonly client: string;
    readonly server: string;
    readonly port: number;
    readonly protocol: string;
    readonly policy: string;
  }[];
}
