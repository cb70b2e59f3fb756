import { type ClusterObjects, type ClusterOptions, readCluster } from "./cluster/read-cluster.ts";
import type { ClusterReading, ClusterSources } from "./known-cluster.ts";

/**
 * Connects, reads the cluster and lets go of the connection; reads nothing where no cluster is to be read.
 *
 * @throws NetlearnError as `readCluster`
 */
export async function readLive(
  { connect, namespaces }: Pick<ClusterSources, "connect" | "namespaces">,
  { signal, progress }: Pick<ClusterReading, "signal" | "progress">,
  what: Pick<ClusterOptions, "kinds" | "prune">,
): Promise<ClusterObjects> {
  if (connect === undefined) return { objects: [], notices: [], whole: new Set() };
  const api = await connect();
  try {
    const options = { ...what, namespaces, signal };
    return await readCluster(api, progress === undefined ? options : { ...options, progress });
  } finally {
    api.close();
  }
}
