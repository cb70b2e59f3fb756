import { byText } from "../../lib/sort.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { membersOf } from "../network-index/peer-set.ts";
import { addressText, cidrsOf } from "./cidrs.ts";
import type { DifferenceEnd } from "./difference.ts";
import type { PlaceSet } from "./place-sets.ts";
import { podsWriter } from "./pods-end.ts";
import type { Unit, UnitTable } from "./units.ts";

/** Writes units of one kind down as the end of a row; the same set is the same object. */
export type EndWriter = (places: PlaceSet) => DifferenceEnd;

/** Makes a writer that names at most `listed` pods, nodes and classes an end. */
export function endWriter(worlds: JointWorlds, table: UnitTable, listed: number): EndWriter {
  const podsEnd = podsWriter(worlds, table, listed);
  const known = new Map<PlaceSet, DifferenceEnd>();
  const write: EndWriter = (places) => {
    const units = unitsAt(table, places);
    switch (units[0]?.kind) {
      case "pods":
        return podsEnd(places, units);
      case "nodes":
        return nodesEnd(table, units, listed);
      case "addresses":
      case undefined:
        return addressesEnd(worlds, units);
    }
  };
  return (places) => {
    const found = known.get(places) ?? write(places);
    known.set(places, found);
    return found;
  };
}

function unitsAt({ units }: UnitTable, places: PlaceSet): readonly Unit[] {
  const found: Unit[] = [];
  for (const place of membersOf(places)) {
    const unit = units[place];
    if (unit !== undefined) {
      found.push(unit);
    }
  }
  return found;
}

function nodesEnd({ nodes }: UnitTable, units: readonly Unit[], listed: number): DifferenceEnd {
  const all = units.flatMap(({ members }) => members.flatMap((place) => nodes[place] ?? []));
  const names = [...new Set(all.map(({ name }) => name))].toSorted(byText);
  const addresses = all.map(({ address }) => addressText(BigInt(address), typeof address === "number" ? 4 : 16));
  return {
    kind: "nodes",
    nodes: names.slice(0, listed),
    count: names.length,
    addresses: addresses.toSorted(byText).slice(0, listed),
  };
}

function addressesEnd({ peers: { table, space } }: JointWorlds, units: readonly Unit[]): DifferenceEnd {
  const atoms = units.map(({ head }) => head - table.classes.length).toSorted((a, b) => a - b);
  return { kind: "addresses", cidrs: cidrsOf(space, atoms) };
}
