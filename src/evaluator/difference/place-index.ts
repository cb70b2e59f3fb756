import { everybody, membersOf, peerSetOf } from "../network-index/peer-set.ts";
import type { PlaceSet } from "./place-sets.ts";
import type { Unit } from "./units.ts";

/** The worlds by name. */
export type WorldName = "base" | "head";

/** Finds units by what they are. */
export interface PlaceIndex {
  readonly all: PlaceSet;
  /** Units that are this peer in a world. */
  ofPeer(world: WorldName, peer: number): readonly number[];
  /** Units that are one of these peers in a world; the same object for the same set. */
  within(world: WorldName, peers: PlaceSet): PlaceSet;
}

const NOWHERE: readonly number[] = [];

/** Makes an index of the places of units. */
export function placeIndex(units: readonly Unit[]): PlaceIndex {
  const places = { base: placesByPeer(units, "base"), head: placesByPeer(units, "head") };
  const known = { base: new Map<PlaceSet, PlaceSet>(), head: new Map<PlaceSet, PlaceSet>() };
  return {
    all: everybody(units.length),
    ofPeer: (world, peer) => places[world].get(peer) ?? NOWHERE,
    within(world, peers) {
      const lists = (): readonly (readonly number[])[] =>
        membersOf(peers).map((peer) => places[world].get(peer) ?? NOWHERE);
      const found = known[world].get(peers) ?? peerSetOf(lists(), units.length);
      known[world].set(peers, found);
      return found;
    },
  };
}

function placesByPeer(units: readonly Unit[], world: WorldName): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>();
  for (const [place, unit] of units.entries()) {
    const list = found.get(unit[world]);
    if (list === undefined) {
      found.set(unit[world], [place]);
    } else {
      list.push(place);
    }
  }
  return found;
}
