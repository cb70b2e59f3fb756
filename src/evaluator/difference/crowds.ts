import type { Direction } from "../network/verdict.ts";
import { type PeerSet, peerSetOf } from "../network-index/peer-set.ts";
import type { Comparison } from "./comparison.ts";
import type { PortAnswers } from "./port-answers.ts";
import type { Unit } from "./units.ts";

/** Units of one kind that say the same about everybody whom they do not name. */
export interface Crowd {
  /** One of them: all are of its kind, in both worlds. */
  readonly first: Unit;
  /** What each of them says about a unit (by its place) that it does not name. */
  readonly about: (place: number) => PortAnswers;
  /** Places of units. */
  readonly places: PeerSet;
}

/** All units, by what they say in one direction. */
export interface Crowds {
  readonly all: readonly Crowd[];
  /** Places of units that are in no crowd worth the name. */
  readonly apart: readonly number[];
  /** By place of a unit, the places of those who name it. */
  readonly namers: readonly (readonly number[])[];
}

/** From so many on, a set is less work than its members. */
const CROWD = 8;

/** Sorts the units by what they say in the direction. */
export function crowdsOf({ units, answers, kindsOf }: Comparison, direction: Direction): Crowds {
  const found = new Map<string, number[]>();
  const namers = units.map((): number[] => []);
  for (const [place, unit] of units.entries()) {
    const { manner, named } = answers[direction](place);
    named().forEach((other) => namers[other]?.push(place));
    const key = `${unit.kind} ${kindsOf(unit)} ${manner()}`;
    const list = found.get(key);
    if (list === undefined) {
      found.set(key, [place]);
    } else {
      list.push(place);
    }
  }
  const lists = [...found.values()];
  const crowdOf = (list: readonly number[]): readonly Crowd[] => {
    const [place = -1] = list;
    const first = units[place];
    return first === undefined
      ? []
      : [{ first, about: answers[direction](place).unnamed, places: peerSetOf([list], units.length) }];
  };
  return {
    all: lists.filter(({ length }) => length >= CROWD).flatMap(crowdOf),
    apart: lists.filter(({ length }) => length < CROWD).flat(),
    namers,
  };
}
