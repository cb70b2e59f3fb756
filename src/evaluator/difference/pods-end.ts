import { byText, sortedBy } from "../../lib/sort.ts";
import type { Labels } from "../../model/graph.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { holds } from "../network-index/peer-set.ts";
import { HOST } from "../network-index/peer-space.ts";
import type { DifferenceClass, DifferenceEnd } from "./difference.ts";
import type { PlaceSet } from "./place-sets.ts";
import { memberOf, type Unit, type UnitTable } from "./units.ts";

/** Makes a writer for sets of units of pods that names at most `listed` pods and classes. */
export function podsWriter(
  worlds: JointWorlds,
  table: UnitTable,
  listed: number,
): (places: PlaceSet, units: readonly Unit[]) => DifferenceEnd {
  const names = remembered((unit) => namesOf(worlds, table, unit));
  const classOf = remembered((unit) => differenceClass(worlds, unit));
  const firstName = (unit: Unit): string => names(unit)[0] ?? "";
  const byName = unitOrder(table, firstName);
  // Classes that only ports or addresses tell apart look alike: their pods decide.
  const byClass = unitOrder(table, (unit) => `${classKey(classOf(unit))} ${firstName(unit)}`);
  return (places, units) => ({
    kind: "pods",
    pods: firstNames(byName(places, units), names, listed),
    count: units.reduce((sum, { members }) => sum + members.length, 0),
    classes: firstOf(byClass(places, units), listed).map(classOf),
    classCount: units.length,
  });
}

/** The units of a set in some order. */
type UnitOrder = (places: PlaceSet, units: readonly Unit[]) => Iterable<Unit>;

/** A large set is not sorted: it is picked out of all units, sorted once, and nobody looks at more than its first few. */
function unitOrder({ units }: UnitTable, keyOf: (unit: Unit) => string): UnitOrder {
  let all: readonly (readonly [place: number, unit: Unit])[] | undefined;
  const inAll = function* (places: PlaceSet): Generator<Unit> {
    all ??= sortedBy(
      [...units.entries()].filter(([, { kind }]) => kind === "pods"),
      ([, unit]) => keyOf(unit),
    );
    for (const [place, unit] of all) {
      if (holds(places, place)) {
        yield unit;
      }
    }
  };
  return (places, own) => (places.dense ? inAll(places) : sortedBy(own, keyOf));
}

function firstOf<T>(items: Iterable<T>, count: number): readonly T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length >= count) {
      break;
    }
    found.push(item);
  }
  return found;
}

/** The first names of all; the units are sorted by their first names, and so are the names of each. */
function firstNames(
  units: Iterable<Unit>,
  names: (unit: Unit) => readonly string[],
  listed: number,
): readonly string[] {
  let found: readonly string[] = [];
  for (const unit of units) {
    const own = names(unit);
    const last = found[listed - 1];
    if (last !== undefined && byText(last, own[0] ?? "") < 0) {
      break;
    }
    found = [...found, ...own.slice(0, listed)].toSorted(byText).slice(0, listed);
  }
  return found;
}

function namesOf(worlds: JointWorlds, table: UnitTable, unit: Unit): readonly string[] {
  return unit.members.map((member) => memberOf(worlds, table, unit, member).name).toSorted(byText);
}

function differenceClass({ head, peers, vocabulary }: JointWorlds, unit: Unit): DifferenceClass {
  const all = unit.members.flatMap((member) => head.world.pods[member]?.pod ?? []);
  return {
    namespace: all[0]?.namespace ?? "",
    labels: commonLabels(
      all.map(({ labels }) => labels),
      (key) => vocabulary.pairs.has(key),
    ),
    hostNetwork: peers.kinds[unit.head] === HOST,
    count: unit.members.length,
  };
}

/** A selector may only ask whether a key is there: then the values differ within a class and say nothing. */
function commonLabels([first, ...others]: readonly Labels[], isLookedAt: (key: string) => boolean): Labels {
  const entries = Object.entries(first ?? {}).filter(
    ([key, value]) => isLookedAt(key) && others.every((labels) => Object.hasOwn(labels, key) && labels[key] === value),
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
