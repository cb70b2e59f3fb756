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
  /** Directions in which a policy in force lets it through, whatever others close. */
  readonly inForce: readonly Direction[];
}

/** Directions by traffic, of that which policies in force let through. */
export type PromisesInForce = ReadonlyMap<InferredTraffic, readonly Direction[]>;

/** Looks the ends up by name. */
export function withKeys(
  traffic: readonly InferredTraffic[],
  { workloads }: Pick<CommunicationGraph, "workloads">,
  known: KnownWorkloads,
  inForce: PromisesInForce,
): readonly Promised[] {
  const keys = new Map([
    ...workloads.map(({ key, namespace, kind = "", name }) => [nameText({ namespace, kind, name }), key] as const),
    ...[...known].map(([key, workload]) => [nameText(workload), key] as const),
  ]);
  return traffic.flatMap((one) => {
    const server = keys.get(nameText(one.server));
    const client = one.client.kind === "workload" ? keys.get(nameText(one.client.workload)) : undefined;
    return server === undefined ? [] : [{ traffic: one, server, client, inForce: inForce.get(one) ?? [] }];
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
function namespaceOf({ traffic }: Promised, direction: Direction): string {
  const { client, server } = traffic;
  return direction === "egress" && client.kind === "workload" ? client.workload.namespace : server.namespace;
}

/** The directions it needs that policies close and no policy in force keeps passable. */
export function closedDirections(promised: Promised, closures: Closures): readonly Direction[] {
  return restricted(promised, closures).filter((direction) => !promised.inForce.includes(direction));
}

/** True when policies close a direction it needs, and one in force lets it through all the same. */
export function isKeptInForce(promised: Promised, closures: Closures): boolean {
  return restricted(promised, closures).some((direction) => promised.inForce.includes(direction));
}

function restricted(promised: Promised, closures: Closures): readonly Direction[] {
  return (["ingress", "egress"] as const).filter((direction) => {
    const subject = subjectOf(promised, direction);
    return subject !== undefined && closures.isClosed(subject, namespaceOf(promised, direction), direction);
  });
}
