import { NetlearnError } from "../../lib/errors.ts";

/** Names that a message shows, and how much of each: one in full has to be there whole, since it may be needed. */
const SHOWN = 5;
const LONGEST_SHOWN = 80;
const LONGEST_IN_FULL = 400;

/** What a cluster is called: what is behind the last `/` of its name in full (see `AccessRecord.cluster`). */
export function shortName(cluster: string): string {
  return cluster.slice(cluster.lastIndexOf("/") + 1);
}

/**
 * Brings names in full together that are of one cluster. Only some envelopes of EKS tell the account: without it, a name is that
 * of the only cluster which is called so in any account.
 *
 * @param clusters names in full, each once
 */
export function distinctClusters(clusters: readonly string[]): readonly (readonly string[])[] {
  const inAccounts = Map.groupBy(clusters.filter(isInAccount), shortName);
  const bare = new Set(clusters.filter((cluster) => !cluster.includes("/")));
  const joined = [...inAccounts].flatMap(([name, ofAccounts]) =>
    ofAccounts.length === 1 && bare.delete(name) ? [[...ofAccounts, name]] : ofAccounts.map((cluster) => [cluster]),
  );
  const others = clusters.filter((cluster) => cluster.includes("/") && !isInAccount(cluster));
  return [...joined, ...[...bare, ...others].map((cluster) => [cluster])];
}

/** Whether somebody who writes `wanted` may mean a cluster: its name, or its name in full. Azure tells no case from another. */
export function isCalled(cluster: string, wanted: string): boolean {
  const text = cluster.startsWith("/") ? wanted.toLowerCase() : wanted;
  return cluster === text || shortName(cluster) === text;
}

/**
 * The names of the only cluster; empty where there is none.
 *
 * @param hasMore there are others that were not kept
 * @throws NetlearnError `NETLEARN_USAGE` when there are several
 */
export function onlyCluster(clusters: readonly string[], hasMore: boolean): readonly string[] {
  const [only = [], ...others] = distinctClusters(clusters);
  if (others.length === 0) return only;
  throw new NetlearnError(
    "NETLEARN_USAGE",
    `the input mixes audit events of ${hasMore ? "more than " : ""}${others.length + 1} clusters: ${namesText([only, ...others])}`,
    { hint: "name the one to learn with --cluster-name" },
  );
}

/** A few of them in one line, sorted: short names, and those in full that share one. Clusters may be called anything. */
export function namesText(clusters: readonly (readonly string[])[]): string {
  const names = clusters.flatMap(([cluster]) => (cluster === undefined ? [] : [cluster]));
  const bearers = Map.groupBy(names, shortName);
  const texts = names.map((cluster) => {
    const name = shortName(cluster);
    return (bearers.get(name)?.length ?? 0) > 1 ? quoted(cluster, LONGEST_IN_FULL) : quoted(name);
  });
  const shown = texts.toSorted().slice(0, SHOWN).join(", ");
  return texts.length > SHOWN ? `${shown} and ${texts.length - SHOWN} more` : shown;
}

/** A name as a message shows it: plain where it is, else as JSON. */
export function quoted(name: string, longest: number = LONGEST_SHOWN): string {
  const text = name.length > longest ? `${name.slice(0, longest).toWellFormed()}...` : name;
  return /^[\w./:@~-]+$/u.test(text) ? text : JSON.stringify(text);
}

function isInAccount(cluster: string): boolean {
  return /^\d{12}\/[^/]+$/u.test(cluster);
}
