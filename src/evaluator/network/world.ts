import type { PolicyProtocol, Protocol } from "../../model/flow.ts";
import type { Labels } from "../../model/graph.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";

/** A namespace; the label `kubernetes.io/metadata.name` need not be given, every namespace has it (rule 11). */
export interface WorldNamespace {
  readonly name: string;
  readonly labels: Labels;
}

/** A container port of a pod; only the named ones decide anything (rule 9). */
export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: PolicyProtocol;
}

/** A pod as policies see it. For a hostNetwork pod, `ips` are the node's. */
export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly ips: readonly string[];
  readonly hostNetwork: boolean;
  /** Name of the node it runs on; absent when nobody knows. */
  readonly node?: string;
  readonly ports: readonly ContainerPort[];
}

/** A node and its addresses. */
export interface WorldNode {
  readonly name: string;
  readonly ips: readonly string[];
}

/**
 * Everything a verdict depends on. Policies are taken as they lie in a repository: not defaulted, and in namespace
 * `default` when they name none. Of two policies with one name the later stands (rule 16).
 */
export interface NetworkWorld {
  readonly namespaces: readonly WorldNamespace[];
  readonly pods: readonly WorldPod[];
  readonly policies: readonly NetworkPolicy[];
  readonly nodes?: readonly WorldNode[];
}

/** A pod of the world. */
export interface PodReference {
  readonly namespace: string;
  readonly name: string;
}

/** One end of a connection: a pod of the world, or an address (which is a pod's or a node's if the world says so). */
export type ConnectionEnd = PodReference | { readonly ip: string };

/** A new connection, client to server. `port` is the server's own (the pod's, not the Service's; rule 17). */
export interface Connection {
  readonly from: ConnectionEnd;
  readonly to: ConnectionEnd;
  readonly protocol: Protocol;
  /** 1-65535; undefined for protocols without ports. */
  readonly port: number | undefined;
}
