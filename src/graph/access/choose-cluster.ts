import { NetlearnError } from "../../lib/errors.ts";
import { some } from "../../lib/some.ts";
import { byText } from "../../lib/sort.ts";

/** Which cluster is meant. */
export interface ClusterChoice {
  /** What `--cluster-name` says; undefined: nothing. */
  readonly clusterName?: string | undefined;
  /** Clusters that flows of the same run name: theirs are names of the CNI's, which need not be the cloud's. */
  readonly flowClusters?: ReadonlySet<string> | undefined;
}

/**
 * Chooses the cluster to learn the use of the API from.
 *
 * @param named clusters that audit logs name
 * @returns its name in full; undefined when no log names any. What names none is taken to be of the chosen one
 * @throws NetlearnError `NETLEARN_USAGE` when that can't be told
 */
export function chooseCluster(
  named: ReadonlySet<string>,
  { clusterName, flowClusters }: ClusterChoice,
): string | undefined {
  const all = [...named].toSorted(byText);
  if (clusterName === undefined) {
    if (all.length > 1) throw mixed(`mixes ${all.length} clusters: ${some(all)}`, all);
    return all[0];
  }
  const [fitting, ...others] = all.filter((cluster) => isCalled(cluster, clusterName));
  if (others.length > 0) throw mixed(`is of several clusters called ${clusterName}: ${some(all)}`, all);
  if (fitting !== undefined || all.length === 0) return fitting;
  if (all.length === 1 && flowClusters?.has(clusterName) === true) return all[0];
  throw mixed(`is of ${some(all)}, not of ${clusterName}`, all);
}

/** `prod (project/location)` may be called `prod` as well. */
export function isCalled(cluster: string, name: string): boolean {
  return cluster === name || cluster.replace(/ \(.*$/u, "") === name;
}

function mixed(what: string, [first = ""]: readonly string[]): NetlearnError {
  return new NetlearnError("NETLEARN_USAGE", `the audit log ${what}`, {
    hint: `name the one to learn with --cluster-name, such as --cluster-name '${first}', or give the logs of one cluster`,
  });
}
