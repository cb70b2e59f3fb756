import type { KubernetesApi } from "../model/kubernetes-api.ts";
import { type ClusterObjects, type ClusterOptions, readCluster } from "./cluster/read-cluster.ts";

/** Where a live cluster is. */
export interface LiveSources {
  /** Reaches the live cluster; undefined when none is to be read. */
  readonly connect: (() => Promise<KubernetesApi & { readonly close: () => void }>) | undefined;
  /** Where to look when the whole cluster may not be listed. */
  readonly namespaces: readonly string[];
}

/**
 * Connects, reads the cluster and lets go of the connection; reads nothing where no cluster is to be read.
 *
 * @throws NetlearnError as `readCluster`
 */
export async function readLive(
  { connect, namespaces }: LiveSources,
  { signal, progress }: Pick<ClusterOptions, "signal" | "progress">,
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
