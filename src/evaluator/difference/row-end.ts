import { byText, sortedBy } from "../../lib/sort.ts";
import type { Labels } from "../../model/graph.ts";
import { HOST } from "../network-index/peer-space.ts";
import { addressText, cidrsOf } from "./cidrs.ts";
import type { DifferenceClass, DifferenceEnd } from "./difference.ts";
import { type JointWorlds, memberOf, type Unit, type UnitTable } from "./units.ts";

/** Writes units of one kind down as the end of a row. */
export type EndWriter = (units: readonly Unit[]) => DifferenceEnd;

/** Makes a writer that names at most `listed` pods, nodes and classes an end. */
export function endWriter(worlds: JointWorlds, table: UnitTable, listed: number): EndWriter {
  const names = remembered((unit) => namesOf(worlds, table, unit).slice(0, listed));
  const classOf = remembered((unit) => differenceClass(worlds, unit));
  const firstNames = (units: readonly Unit[]): readonly string[] =>
    // The first of all are among the first of each.
    [...new Set(units.flatMap(names))].toSorted(byText).slice(0, listed);
  return (units) => {
    switch (units[0]?.kind) {
      case "pods": {
        const classes = sortedBy(units, (unit) => classKey(classOf(unit)));
        const count = units.reduce((sum, { members }) => sum + members.length, 0);
        const shown = classes.slice(0, listed).map(classOf);
        return { kind: "pods", pods: firstNames(units), count, classes: shown, classCount: units.length };
      }
      case "nodes": {
        const all = units.flatMap(({ members }) => members.flatMap((place) => table.nodes[place] ?? []));
        const count = new Set(all.map(({ name }) => name)).size;
        const addresses = all.map(({ address }) => addressText(BigInt(address), typeof address === "number" ? 4 : 16));
        return {
          kind: "nodes",
          nodes: firstNames(units),
          count,
          addresses: addresses.toSorted(byText).slice(0, listed),
        };
      }
      case "addresses":
      case undefined: {
        const firstAtom = worlds.head.peers.table.classes.length;
        const atoms = units.map(({ head }) => head - firstAtom).toSorted((a, b) => a - b);
        return { kind: "addresses", cidrs: cidrsOf(worlds.head.peers.space, atoms) };
      }
    }
  };
}

function namesOf(worlds: JointWorlds, table: UnitTable, unit: Unit): readonly string[] {
  return [...new Set(unit.members.map((member) => memberOf(worlds, table, unit, member).name))].toSorted(byText);
}

function differenceClass({ head }: JointWorlds, unit: Unit): DifferenceClass {
  const [first] = unit.members;
  const pod = head.world.pods[first ?? -1]?.pod;
  return {
    namespace: pod?.namespace ?? "",
    labels: commonLabels({ head }, unit),
    hostNetwork: head.peers.kinds[unit.head] === HOST,
    count: unit.members.length,
  };
}

/** A selector may only ask whether a key is there: then the values differ within a class and say nothing. */
function commonLabels({ head }: Pick<JointWorlds, "head">, { members }: Unit): Labels {
  const [first, ...others] = members.map((member) => head.world.pods[member]?.pod.labels ?? {});
  const entries = Object.entries(first ?? {}).filter(
    ([key, value]) =>
      head.vocabulary.pairs.has(key) && others.every((labels) => Object.hasOwn(labels, key) && labels[key] === value),
  );
  return Object.fromEntries(sortedBy(entries, ([key]) => key));
}

function classKey({ namespace, labels, hostNetwork }: DifferenceClass): string {
  return JSON.stringify([namespace, Object.entries(labels), hostNetwork]);
}

function remembered<T>(make: (unit: Unit) => T): (unit: Unit) => T {
  const known = new Map<Unit, T>();
  return (unit) => {
    const found = known.get(unit) ?? make(unit);
    known.set(unit, found);
    return found;
  };
}
