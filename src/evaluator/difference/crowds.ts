import type { Direction } from "../network/verdict.ts";
import { type PeerSet, peerSetOf } from "../network-index/peer-set.ts";
import type { Comparison } from "./comparison.ts";
import type { PortAnswers } from "./port-answers.ts";
import type { Unit } from "./units.ts";

/** Units of one kind that say the same about everybody whom they do not name. */
export interface Crowd {
  /** One of them: all are of its kind, in both worlds. */
  readonly first: Unit;
  readonly answers: PortAnswers;
  /** Places of units. */
  readonly places: PeerSet;
}

/** All units, by what they say in one direction. */
export interface Crowds {
  readonly all: readonly Crowd[];
  /** By place of a unit, the places of those who name it. */
  readonly namers: readonly (readonly number[])[];
  /** Places of units that name so many that each must be asked. */
  readonly apart: readonly number[];
}

/** Sorts the units by what they say in the direction. */
export function crowdsOf({ units, answers, kindsOf }: Comparison, direction: Direction): Crowds {
  const found = new Map<string, Map<PortAnswers, { readonly first: Unit; readonly list: number[] }>>();
  const namers = units.map((): number[] => []);
  const apart: number[] = [];
  for (const [place, unit] of units.entries()) {
    const { otherwise, named } = answers[direction](place);
    const others = named();
    if (others === undefined) {
      apart.push(place);
    }
    others?.forEach(([other]) => namers[other]?.push(place));
    const kinds = `${unit.kind} ${kindsOf(unit)}`;
    const byAnswers = found.get(kinds) ?? new Map<PortAnswers, { readonly first: Unit; readonly list: number[] }>();
    found.set(kinds, byAnswers);
    const crowd = byAnswers.get(otherwise()) ?? { first: unit, list: [] };
    byAnswers.set(otherwise(), crowd);
    crowd.list.push(place);
  }
  const all = [...found.values()].flatMap((byAnswers) =>
    [...byAnswers].map(([said, { first, list }]) => ({
      first,
      answers: said,
      places: peerSetOf([list], units.length),
    })),
  );
  return { all, namers, apart };
}
