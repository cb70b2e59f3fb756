import type { PolicyProtocol } from "../../model/flow.ts";
import type { Edge, Labels } from "../../model/graph.ts";
import type { Direction, VerdictKind } from "../network/verdict.ts";
import type { Connection } from "../network/world.ts";

/** Pods of one namespace that the policies of neither world tell apart. */
export interface DifferenceClass {
  readonly namespace: string;
  /** The labels that the policies look at, as they are in the head; all others are left out. Keys sorted. */
  readonly labels: Labels;
  readonly hostNetwork: boolean;
  /** How many pods there are. */
  readonly count: number;
}

/** One end of the connections of a row. Text of all kinds comes from the cluster: escape it for the sink. */
export type DifferenceEnd =
  | {
      readonly kind: "pods";
      /** The first pods as `namespace/name`, sorted; {@link DifferenceOptions.listed} of them at most. */
      readonly pods: readonly string[];
      /** How many pods there are in all. */
      readonly count: number;
      /** The first classes these pods are of, sorted by namespace and labels; as many as `listed` at most. */
      readonly classes: readonly DifferenceClass[];
      readonly classCount: number;
    }
  | {
      readonly kind: "nodes";
      /** Names of the first nodes, sorted; those in use by hostNetwork pods are nodes too. */
      readonly nodes: readonly string[];
      readonly count: number;
      /** The first addresses of these nodes that are meant, sorted as text: a node's others may be in another row. */
      readonly addresses: readonly string[];
    }
  | {
      readonly kind: "addresses";
      /**
       * Canonical blocks, IPv4 first, ascending and as wide as possible. Meant are the addresses in them that neither
       * world gives to a pod or a node; those of pods are in rows of their own.
       */
      readonly cidrs: readonly string[];
    };

/**
 * Connections whose verdict changes, all in the same way: from every end in `client` to every end in `server`, on
 * every port from `port` to `endPort`. A pod is never cut from itself, so pairs of a pod with itself are not meant.
 */
export interface DifferenceRow {
  readonly base: VerdictKind;
  readonly head: VerdictKind;
  readonly client: DifferenceEnd;
  readonly server: DifferenceEnd;
  readonly protocol: PolicyProtocol;
  /** 1-65535, both inclusive. */
  readonly port: number;
  readonly endPort: number;
  /**
   * Where it was decided, on the side with the less permissive verdict: `egress` at the client, `ingress` at the
   * server. When both directions deny, `egress`, as in `NetworkVerdict.reason`.
   */
  readonly direction: Direction;
  /**
   * `namespace/name` of the policies that isolate the deciding end in that direction, sorted. Empty: it is not
   * isolated there, so everything passes.
   */
  readonly policies: { readonly base: readonly string[]; readonly head: readonly string[] };
  /**
   * Which pairs of a pod and a node (or hostNetwork pod) are meant, where that matters: traffic between a pod and its
   * `own` node is exempt from policies by most plugins, and where a pod runs may be `unknown`. Undefined: all pairs.
   */
  readonly nodes: "own" | "other" | "unknown" | undefined;
}

/** What a change of policies, pods or namespaces does to connections between ends that are in both worlds. */
export interface Difference {
  /** Allowed in the base, denied in the head. */
  readonly cut: readonly DifferenceRow[];
  /** Denied in the base, allowed in the head. */
  readonly opened: readonly DifferenceRow[];
  /** Changes from or to `undefined`: the profile does not say whether something is cut or opened. */
  readonly unclear: readonly DifferenceRow[];
  /** Pods that only one of the worlds has, as `namespace/name`, sorted: there is nothing to compare them with. */
  readonly onlyInBase: readonly string[];
  readonly onlyInHead: readonly string[];
  /**
   * The row a connection falls in; undefined when its verdict does not change. An address that both worlds give to one
   * pod is that pod; a pod that only one of them has, a text that is no address, and protocols without ports have no
   * row.
   */
  readonly rowOf: (connection: Connection) => DifferenceRow | undefined;
}

/** How a difference is told. */
export interface DifferenceOptions {
  /** How many pods, nodes and classes an end names; default 10. */
  readonly listed?: number;
}

/** An observed edge between ends of which at least one pair falls in the row. */
export interface JudgedEdge {
  readonly edge: Edge;
  readonly row: DifferenceRow;
}

/** A difference beside what was observed. Every list is in the order of the graph's edges, or of the rows. */
export interface JudgedDifference {
  /** Observed, and the change cuts it. An edge with pods in several rows stands here with each of them. */
  readonly cut: readonly JudgedEdge[];
  /** Observed, and whether it still passes (or passed before) is left open by the profile. */
  readonly unclear: readonly JudgedEdge[];
  /** Observed although the base denies it, and the head lets it through. */
  readonly opened: readonly JudgedEdge[];
  /** Rows of {@link Difference.opened} that no observed edge uses. */
  readonly unused: readonly DifferenceRow[];
}
