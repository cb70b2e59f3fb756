import { sortedBy } from "../../lib/sort.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { differenceOf, holds, peerSetOf } from "../network-index/peer-set.ts";
import { type Comparison, changeKey } from "./comparison.ts";
import type { DifferenceEnd, DifferenceRow } from "./difference.ts";
import { type Gathered, gather } from "./gather.ts";
import type { LocatedEnd } from "./locate.ts";
import type { PairChange } from "./pair-changes.ts";
import { type PlaceSet, type PlaceSets, placeSets } from "./place-sets.ts";
import type { EndWriter } from "./row-end.ts";
import type { Unit } from "./units.ts";

/** A row with the units it is about. */
export interface UnitRow {
  readonly row: DifferenceRow;
  readonly clients: PlaceSet;
  readonly servers: PlaceSet;
}

/** All rows by what they say, so that the row of a pair is found without trying each. */
export type RowsByKey = ReadonlyMap<string, readonly UnitRow[]>;

/** Finds all changes and joins those that say the same into rows. */
export function differenceRows(worlds: JointWorlds, compared: Comparison, write: EndWriter): RowsByKey {
  const { units } = compared;
  const sets = placeSets(units.length);
  const gathered = gather(worlds, compared, sets);
  return new Map([...gathered].map(([key, found]) => [key, rowsOf(found, { units, sets, write })]));
}

/** Subjects with the same others are one row. */
function rowsOf(
  { change, policies, subjects }: Gathered,
  { units, sets, write }: { readonly units: readonly Unit[]; readonly sets: PlaceSets; readonly write: EndWriter },
): readonly UnitRow[] {
  return [...subjects].flatMap(([all, list]) => {
    const others = sets([withoutSelf(all, list, units)]);
    if (others.words.length === 0) {
      return [];
    }
    const deciding = sets([peerSetOf([list], units.length)]);
    const [clients, servers] = change.direction === "egress" ? [deciding, others] : [others, deciding];
    return [{ row: { ...change, client: write(clients), server: write(servers), policies }, clients, servers }];
  });
}

/**
 * A pod is never cut from itself, so a lone pod is none of its own others. Among several subjects it is one of the
 * others' others, and the pair with itself is not meant.
 */
function withoutSelf(others: PlaceSet, [subject = -1, ...more]: readonly number[], units: readonly Unit[]): PlaceSet {
  const unit = units[subject];
  const isAlone = more.length === 0 && unit?.kind === "pods" && unit.members.length === 1;
  return isAlone ? differenceOf(others, peerSetOf([[subject]], units.length)) : others;
}

/** Rows in the order in which they are told: by client, server, protocol and port. */
export function sortedRows(rows: readonly DifferenceRow[]): readonly DifferenceRow[] {
  const texts = new Map<DifferenceEnd, string>();
  const textOf = (end: DifferenceEnd): string => {
    const found = texts.get(end) ?? JSON.stringify(end);
    texts.set(end, found);
    return found;
  };
  return sortedBy(
    rows,
    ({ client, server, protocol, port, ...more }) =>
      `${textOf(client)} ${textOf(server)} ${JSON.stringify([protocol, String(port).padStart(5, "0"), more])}`,
  );
}

/** The row in which two ends fall on a port. */
export function rowBetween(
  compared: Comparison,
  rows: RowsByKey,
  [client, server]: readonly [client: LocatedEnd, server: LocatedEnd],
  { protocol, port }: Pick<PairChange, "protocol" | "port">,
): DifferenceRow | undefined {
  const { units, answers, changes, relations, policies } = compared;
  const [from, to] = [units[client.unit], units[server.unit]];
  if (from === undefined || to === undefined) {
    return undefined;
  }
  const nodes = relations.between({ client: from, server: to }, client.member?.node, server.member?.node);
  const found = {
    egress: answers.egress(client.unit).about(server.unit),
    ingress: answers.ingress(server.unit).about(client.unit),
  };
  const change = changes(found, nodes).find(
    (one) => one.protocol === protocol && one.port <= port && port <= one.endPort,
  );
  if (change === undefined) {
    return undefined;
  }
  const deciding = policies(change.direction, change.direction === "egress" ? client.unit : server.unit);
  return rows
    .get(changeKey(change, deciding, from.kind, to.kind))
    ?.find(({ clients, servers }) => holds(clients, client.unit) && holds(servers, server.unit))?.row;
}
