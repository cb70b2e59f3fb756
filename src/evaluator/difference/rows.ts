import { sortedBy } from "../../lib/sort.ts";
import type { Direction } from "../network/verdict.ts";
import { changedPairs } from "./changed-pairs.ts";
import type { DifferenceRow } from "./difference.ts";
import { hangsOnNodes, type NodeRelation, type Pair, type PairChange, pairChanges } from "./pair-changes.ts";
import type { EndWriter } from "./row-end.ts";
import { type JointWorlds, type LocatedEnd, memberOf, type Unit, type UnitTable } from "./units.ts";

/** A row with the units (places) it is about. */
export interface UnitRow {
  readonly row: DifferenceRow;
  readonly clients: ReadonlySet<number>;
  readonly servers: ReadonlySet<number>;
}

/** All rows by what they say, so that the row of a pair is found without trying each. */
export type RowsByKey = ReadonlyMap<string, readonly UnitRow[]>;

type PolicyIds = DifferenceRow["policies"];

/** Pairs between which the same changes, grouped by client. */
interface Gathered {
  readonly change: PairChange;
  readonly policies: PolicyIds;
  readonly servers: Map<number, number[]>;
}

/** Finds all changes and joins those that say the same into rows. */
export function differenceRows(worlds: JointWorlds, table: UnitTable, write: EndWriter): RowsByKey {
  const gathered = gather(worlds, table);
  return new Map([...gathered].map(([key, found]) => [key, joinClients(found, table, write)]));
}

function gather(worlds: JointWorlds, table: UnitTable): ReadonlyMap<string, Gathered> {
  const found = new Map<string, Gathered>();
  for (const [client, servers] of changedPairs(worlds, table.units)) {
    for (const server of servers) {
      const pair = pairAt(table, client, server);
      for (const { key, change, policies } of pair === undefined ? [] : changesBetween(worlds, table, pair)) {
        const known = found.get(key) ?? { change, policies, servers: new Map<number, number[]>() };
        found.set(key, known);
        const list = known.servers.get(client) ?? [];
        list.push(server);
        known.servers.set(client, list);
      }
    }
  }
  return found;
}

function changesBetween(
  worlds: JointWorlds,
  table: UnitTable,
  pair: Pair,
): readonly { readonly key: string; readonly change: PairChange; readonly policies: PolicyIds }[] {
  return relationsOf(worlds, table, pair).flatMap((nodes) =>
    pairChanges(worlds, pair, nodes).map((change) => {
      const policies = decidingPolicies(worlds, change.direction, pair);
      return { key: changeKey(change, policies, pair), change, policies };
    }),
  );
}

/** Two units as a pair; undefined when the only pair of members is a pod with itself. */
function pairAt({ units }: UnitTable, clientPlace: number, serverPlace: number): Pair | undefined {
  const client = units[clientPlace];
  const server = units[serverPlace];
  if (client === undefined || server === undefined) {
    return undefined;
  }
  const isSelf = clientPlace === serverPlace && client.kind === "pods" && client.members.length === 1;
  return isSelf ? undefined : { client, server };
}

/** Which relations of nodes there are among the pairs of members; only undefined where that does not matter. */
function relationsOf(worlds: JointWorlds, table: UnitTable, pair: Pair): readonly NodeRelation[] {
  if (!hangsOnNodes(worlds, pair)) {
    return [undefined];
  }
  const [some, others] = [nodesOf(worlds, table, pair.client), nodesOf(worlds, table, pair.server)];
  const own = [...some].some((node) => node !== undefined && others.has(node));
  const other = [...some].some((node) =>
    [...others].some((one) => node !== undefined && one !== undefined && one !== node),
  );
  const relations: NodeRelation[] = [];
  if (own) relations.push("own");
  if (other) relations.push("other");
  if (some.has(undefined) || others.has(undefined)) relations.push("unknown");
  return relations;
}

function nodesOf(worlds: JointWorlds, table: UnitTable, unit: Unit): ReadonlySet<string | undefined> {
  return new Set(unit.members.map((member) => memberOf(worlds, table, unit, member).node));
}

/** Of the end that decided, the policies that isolate it. */
function decidingPolicies({ base, head }: JointWorlds, direction: Direction, { client, server }: Pair): PolicyIds {
  const decided = direction === "egress" ? client : server;
  return {
    base: base.isolation[direction].classes[decided.base]?.policies ?? [],
    head: head.isolation[direction].classes[decided.head]?.policies ?? [],
  };
}

function changeKey(
  { protocol, port, endPort, base, head, ...more }: PairChange,
  policies: PolicyIds,
  pair: Pair,
): string {
  const kinds = `${pair.client.kind} ${pair.server.kind} ${more.nodes ?? "any"}`;
  const names = `${policies.base.join()} ${policies.head.join()}`;
  return `${base} ${head} ${more.direction} ${protocol} ${port}-${endPort} ${kinds} ${names}`;
}

/** Clients with the same servers are one row. */
function joinClients({ change, policies, servers }: Gathered, { units }: UnitTable, write: EndWriter): UnitRow[] {
  const byServers = Map.groupBy(servers, ([, list]) => list.toSorted((a, b) => a - b).join());
  const unitsAt = (places: Iterable<number>): readonly Unit[] => [...places].flatMap((place) => units[place] ?? []);
  return [...byServers.values()].map((group) => {
    const clients = new Set(group.map(([client]) => client));
    const all = new Set(group[0]?.[1]);
    const row = { ...change, client: write(unitsAt(clients)), server: write(unitsAt(all)), policies };
    return { row, clients, servers: all };
  });
}

/** Rows in the order in which they are told: by client, server, protocol and port. */
export function sortedRows(rows: readonly DifferenceRow[]): readonly DifferenceRow[] {
  return sortedBy(rows, ({ client, server, protocol, port, ...more }) =>
    JSON.stringify([client, server, protocol, String(port).padStart(5, "0"), more]),
  );
}

/** The row in which two ends fall on a port. */
export function rowBetween(
  { worlds, table, rows }: { readonly worlds: JointWorlds; readonly table: UnitTable; readonly rows: RowsByKey },
  [client, server]: readonly [client: LocatedEnd, server: LocatedEnd],
  { protocol, port }: Pick<PairChange, "protocol" | "port">,
): DifferenceRow | undefined {
  const pair = pairAt(table, client.unit, server.unit);
  if (pair === undefined) {
    return undefined;
  }
  const nodes = hangsOnNodes(worlds, pair) ? relation(client.member?.node, server.member?.node) : undefined;
  const change = pairChanges(worlds, pair, nodes).find(
    (found) => found.protocol === protocol && found.port <= port && port <= found.endPort,
  );
  const key = change && changeKey(change, decidingPolicies(worlds, change.direction, pair), pair);
  const found = rows
    .get(key ?? "")
    ?.find(({ clients, servers }) => clients.has(client.unit) && servers.has(server.unit));
  return found?.row;
}

function relation(one: string | undefined, other: string | undefined): NodeRelation {
  if (one === undefined || other === undefined) {
    return "unknown";
  }
  return one === other ? "own" : "other";
}
