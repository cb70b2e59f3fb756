import { isPolicyProtocol, type PolicyProtocol } from "../model/flow.ts";
import { type Comparison, comparison } from "./difference/comparison.ts";
import type { Difference, DifferenceOptions, DifferenceRow } from "./difference/difference.ts";
import { locate } from "./difference/locate.ts";
import { endWriter } from "./difference/row-end.ts";
import { differenceRows, type RowsByKey, rowBetween, sortedRows } from "./difference/rows.ts";
import { type UnitTable, unitTable } from "./difference/units.ts";
import type { ProfileName } from "./network/profile.ts";
import type { NetworkWorld } from "./network/world.ts";
import { type JointWorlds, joinWorlds } from "./network-index/joint-worlds.ts";
import type { ReadWorld } from "./network-index/read-world.ts";

export type {
  Difference,
  DifferenceClass,
  DifferenceEnd,
  DifferenceOptions,
  DifferenceRow,
  JudgedDifference,
  JudgedEdge,
} from "./difference/difference.ts";
export { judgeDifference } from "./difference/judge.ts";

const LISTED = 10;

/**
 * Everything that changes for new connections between the ends both worlds have: exactly, for every pair and port, not
 * by sampling. Where a pod runs is no change: it is taken from the head, or from the base if only that says. Addresses
 * on record for several pods are left out, since nobody can say whose they are.
 * Never throws; policies that a cluster would refuse do not exist (`compileNetworkWorld` lists them).
 */
export function policyDifference(
  base: NetworkWorld,
  head: NetworkWorld,
  profileName: ProfileName = "upstream",
  { listed = LISTED }: DifferenceOptions = {},
): Difference {
  const worlds = joinWorlds(base, head, profileName);
  const table = unitTable(worlds);
  const compared = comparison(worlds, table);
  const rows = differenceRows(worlds, compared, endWriter(worlds, table, listed));
  const all = sortedRows([...rows.values()].flatMap((found) => found.map(({ row }) => row)));
  return {
    cut: all.filter((row) => row.base === "allowed" && row.head === "denied"),
    opened: all.filter((row) => row.base === "denied" && row.head === "allowed"),
    unclear: all.filter((row) => row.base === "undefined" || row.head === "undefined"),
    onlyInBase: podsOnlyIn(worlds.base.world, worlds.head.world),
    onlyInHead: podsOnlyIn(worlds.head.world, worlds.base.world),
    rowOf: rowFinder(worlds, table, compared, rows),
  };
}

function rowFinder(worlds: JointWorlds, table: UnitTable, compared: Comparison, rows: RowsByKey): Difference["rowOf"] {
  return ({ from, to, protocol, port }): DifferenceRow | undefined => {
    const client = locate(worlds, table, from);
    const server = locate(worlds, table, to);
    if (client === undefined || server === undefined || !isPolicyProtocol(protocol) || port === undefined) {
      return undefined;
    }
    const isSelf =
      client.unit === server.unit && client.member !== undefined && client.member.name === server.member?.name;
    const at: { readonly protocol: PolicyProtocol; readonly port: number } = { protocol, port };
    return isSelf && table.units[client.unit]?.kind === "pods"
      ? undefined
      : rowBetween(compared, rows, [client, server], at);
  };
}

function podsOnlyIn({ pods }: ReadWorld, { pods: others, podNumbers }: ReadWorld): readonly string[] {
  if (pods === others) {
    return [];
  }
  return pods
    .filter(({ pod }) => podNumbers.get(pod.namespace)?.has(pod.name) !== true)
    .map(({ pod }) => `${pod.namespace}/${pod.name}`)
    .toSorted();
}
