import type { KubernetesApi, ListOptions, ResourceType } from "../model/kubernetes-api.ts";
import { Client } from "./client.ts";
import { type ClusterChoice, REQUEST_LIMITS, type RequestLimits, type Surroundings } from "./connect-options.ts";
import { Credentials } from "./credentials.ts";
import { Discovery } from "./discovery.ts";
import { findCluster } from "./find-cluster.ts";
import { list } from "./list.ts";

/** A connection, which holds sockets until it is closed. */
export interface Connection extends KubernetesApi {
  readonly close: () => void;
}

/**
 * Finds the cluster that is meant and makes ready to read it. Nothing is asked of it yet.
 *
 * @throws NetlearnError as {@link findCluster}
 */
export async function connect(
  choice: ClusterChoice,
  surroundings: Surroundings,
  limits: RequestLimits = REQUEST_LIMITS,
): Promise<Connection> {
  const target = await findCluster(choice, surroundings);
  const credentials = await Credentials.open(target, surroundings);
  const client = new Client(target, credentials, limits);
  const discovery = new Discovery(client);
  return {
    name: target.name,
    typesIn: async (group: string, signal: AbortSignal) => await discovery.typesIn(group, signal),
    list: (type: ResourceType, options: ListOptions) => list(client, type, options),
    close: () => credentials.close(),
  };
}
