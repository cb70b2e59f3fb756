import type { KnownWorkloads } from "../../model/directory.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import type { InferredTraffic, WorkloadName } from "../../model/inferred.ts";
import type { WorkloadKey } from "../../model/peer.ts";
import type { Closures } from "./closures.ts";
import type { Direction } from "./needs.ts";

/** Inferred traffic with the keys of its ends. */
export interface Promised {
  readonly traffic: InferredTraffic;
  readonly server: WorkloadKey;
  /** Undefined when the client is no known workload. */
  readonly client: WorkloadKey | undefined;
}

/** Looks the ends up by name. */
export function withKeys(
  traffic: readonly InferredTraffic[],
  { workloads }: Pick<CommunicationGraph, "workloads">,
  known: KnownWorkloads,
): readonly Promised[] {
  const keys = new Map([
    ...workloads.map(({ key, namespace, kind = "", name }) => [nameText({ namespace, kind, name }), key] as const),
    ...[...known].map(([key, workload]) => [nameText(workload), key] as const),
  ]);
  return traffic.flatMap((one) => {
    const server = keys.get(nameText(one.server));
    const client = one.client.kind === "workload" ? keys.get(nameText(one.client.workload)) : undefined;
    return server === undefined ? [] : [{ traffic: one, server, client }];
  });
}

function nameText({ namespace, kind, name }: WorkloadName): string {
  return JSON.stringify([namespace, kind, name]);
}

/** The workload whose policies a direction is judged by; undefined where it is none. */
export function subjectOf({ server, client }: Promised, direction: Direction): WorkloadKey | undefined {
  return direction === "ingress" ? server : client;
}

/** Its namespace. */
export function namespaceOf({ traffic }: Promised, direction: Direction): string {
  const { client, server } = traffic;
  return direction === "egress" && client.kind === "workload" ? client.workload.namespace : server.namespace;
}

/** The directions it needs that policies close. */
export function closedDirections(promised: Promised, closures: Closures): readonly Direction[] {
  return (["ingress", "egress"] as const).filter((direction) => {
    const subject = subjectOf(promised, direction);
    return subject !== undefined && closures.isClosed(subject, namespaceOf(promised, direction), direction);
  });
}
