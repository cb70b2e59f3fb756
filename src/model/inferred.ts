import type { KnownWorkload } from "./directory.ts";
import type { PolicyProtocol } from "./flow.ts";

/** Sorts of traffic that objects promise, by the names that `--allow` has for them. */
export const INFERRED_KINDS = [
  "webhooks",
  "apiservices",
  "ingress",
  "gateways",
  "loadbalancers",
  "nodeports",
  "scrapes",
] as const;
export type InferredKind = (typeof INFERRED_KINDS)[number];

/** A workload by its own name, as {@link KnownWorkload} has it. */
export type WorkloadName = Pick<KnownWorkload, "namespace" | "kind" | "name">;

/** Who opens the connections that an object promises. */
export type InferredClient =
  /** Its pods have addresses of their own. */
  | { readonly kind: "workload"; readonly workload: WorkloadName }
  /** From wherever the control plane is: a managed one has addresses that no object tells. */
  | { readonly kind: "api-server" }
  /** Clients outside the cluster, who arrive with their own addresses. */
  | { readonly kind: "outside" }
  /** Clients outside the cluster, in whose place a node may arrive. */
  | { readonly kind: "outside-or-nodes" }
  /** Something in a node's network: a pod of the host's network, or the datapath itself. */
  | { readonly kind: "nodes" }
  | { readonly kind: "unknown" };

/** A connection that an object of the cluster promises, whether anybody was seen opening it or not. */
export interface InferredTraffic {
  readonly kind: InferredKind;
  readonly client: InferredClient;
  /** Never one in the host's network: no policy is certain to concern it. */
  readonly server: WorkloadName;
  readonly protocol: PolicyProtocol;
  /** The pods' own, not the Service's. */
  readonly port: number;
  /** What promises it: `ValidatingWebhookConfiguration/cert-manager-webhook`, `Ingress/shop/web`. */
  readonly object: string;
}

const CLIENT_NAMES: Readonly<Record<Exclude<InferredClient["kind"], "workload">, string>> = {
  "api-server": "the API server",
  nodes: "nodes",
  outside: "outside addresses",
  "outside-or-nodes": "outside clients, maybe by way of nodes",
  unknown: "an unknown client",
};

/** Who a client is, in words: `monitoring/prometheus`, `the API server`. */
export function clientName(client: InferredClient): string {
  return client.kind === "workload"
    ? `${client.workload.namespace}/${client.workload.name}`
    : CLIENT_NAMES[client.kind];
}

/** An object that promises traffic, of which it is not known who serves it. */
export interface UnresolvedPromise {
  readonly kind: InferredKind;
  readonly object: string;
  /** What is missing, as the end of "... : "; may hold text from the cluster. */
  readonly problem: string;
}

/** A workload that runs by the clock. */
export interface Schedule {
  readonly workload: WorkloadName;
  /** As it is written: `0 3 * * 1`. */
  readonly schedule: string;
  readonly suspended: boolean;
  /** Milliseconds since the epoch; undefined when it never ran, or nothing tells. */
  readonly lastRun: number | undefined;
}

/** What a cluster's objects tell about traffic. Every list is sorted, each entry once. */
export interface Inferred {
  readonly traffic: readonly InferredTraffic[];
  readonly unresolved: readonly UnresolvedPromise[];
  readonly schedules: readonly Schedule[];
}

/** What is inferred where no objects are known. */
export const NOTHING_INFERRED: Inferred = { traffic: [], unresolved: [], schedules: [] };
