import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { differenceOf, holds, intersectionOf, membersOf, type PeerSet } from "../network-index/peer-set.ts";
import { HOST } from "../network-index/peer-space.ts";
import type { PortTable } from "../network-index/port-table.ts";
import { ALLOWED, DENIED, UNDEFINED } from "../network-index/verdict-of.ts";
import { type PlaceIndex, placeIndex } from "./place-index.ts";
import type { PlaceSet } from "./place-sets.ts";
import { type AnswersInterner, answersInterner, bothAnswers, type PortAnswers } from "./port-answers.ts";
import {
  manners,
  type Passing,
  passingOn,
  type Sides,
  setsOf,
  stretchesOf,
  type TableStretch,
  WORLDS,
} from "./sides.ts";
import type { Unit } from "./units.ts";

/**
 * What the policies at one unit, the subject, say about all others in one direction and in both worlds. Rules have small
 * sets of peers and large ones: whom a small set holds is *named*; all others are told apart by the large sets only, which
 * are few, since nearly all subjects that have some have the same.
 */
export interface SubjectAnswers {
  /** About the unit at a place. */
  readonly about: (place: number) => PortAnswers;
  /** What would be said about it if it were not named. */
  readonly unnamed: (place: number) => PortAnswers;
  /** Places of the units that are named. */
  readonly named: () => readonly number[];
  /** All units, parted by what is said about those who are not named. */
  readonly parts: () => readonly Part[];
  /** Equal for subjects that say the same about everybody whom neither of them names. */
  readonly manner: () => number;
}

/** Units about whom the same is said. */
export interface Part {
  readonly places: PlaceSet;
  readonly answers: PortAnswers;
}

/** Finds the answers of the unit at a place. */
export type AnswersOf = Readonly<Record<Direction, (place: number) => SubjectAnswers>>;

/** Makes a finder whose answers are made when they are asked for, and shared by subjects that equal policies isolate. */
export function answersOf(worlds: JointWorlds, units: readonly Unit[]): AnswersOf {
  const intern = answersInterner();
  const others = { units, places: placeIndex(units), intern, mannerOf: manners() };
  const make = (sides: Sides): SubjectAnswers => subjectAnswers(sides, others);
  const inDirection = (direction: Direction): ((place: number) => SubjectAnswers) => {
    const known: (SubjectAnswers | undefined)[] = units.map(() => undefined);
    const bySides = sidesCache(make);
    return (place) => {
      const found = known[place] ?? bySides(sidesOf(worlds, direction, units[place]));
      known[place] = found;
      return found;
    };
  };
  return { ingress: inDirection("ingress"), egress: inDirection("egress") };
}

function sidesOf({ peers, base, head }: JointWorlds, direction: Direction, unit: Unit | undefined): Sides {
  const refusal = (peer: number): number => (peers.kinds[peer] === HOST ? UNDEFINED : DENIED);
  const [before, after] = [unit?.base ?? -1, unit?.head ?? -1];
  return {
    base: { table: base.isolation(direction, before)?.table, refusal: refusal(before) },
    head: { table: head.isolation(direction, after)?.table, refusal: refusal(after) },
  };
}

function sidesCache(make: (sides: Sides) => SubjectAnswers): (sides: Sides) => SubjectAnswers {
  const numbers = new Map<PortTable | undefined, number>();
  const numberOf = (table: PortTable | undefined): number => {
    const found = numbers.get(table) ?? numbers.size;
    numbers.set(table, found);
    return found;
  };
  const known = new Map<string, SubjectAnswers>();
  return (sides) => {
    const { base, head } = sides;
    const key = `${numberOf(base.table)} ${numberOf(head.table)} ${bothAnswers(base.refusal, head.refusal)}`;
    const found = known.get(key) ?? make(sides);
    known.set(key, found);
    return found;
  };
}

interface Others {
  readonly units: readonly Unit[];
  readonly places: PlaceIndex;
  readonly intern: AnswersInterner;
  readonly mannerOf: (sides: Sides, stretches: readonly TableStretch[]) => number;
}

function subjectAnswers(sides: Sides, { units, places, intern, mannerOf }: Others): SubjectAnswers {
  const stretches = stretchesOf(sides);
  const asked = (place: number, isIn: Membership): PortAnswers => {
    const { base = -1, head = -1 } = units[place] ?? {};
    return intern(stretches, (stretch) =>
      bothAnswers(
        answerAbout(passingOn(sides, stretch, "base"), base, isIn),
        answerAbout(passingOn(sides, stretch, "head"), head, isIn),
      ),
    );
  };
  const unnamed = (place: number): PortAnswers => asked(place, isInLarge);
  return {
    about: (place) => asked(place, holds),
    unnamed,
    named: () => namedIn(sides, places),
    parts: () => partsOf(sides, places).map((part) => ({ places: part, answers: unnamed(membersOf(part)[0] ?? -1) })),
    manner: () => mannerOf(sides, stretches),
  };
}

type Membership = (set: PeerSet, peer: number) => boolean;

function isInLarge(set: PeerSet, peer: number): boolean {
  return set.dense && holds(set, peer);
}

function answerAbout(passing: Passing | undefined, peer: number, isIn: Membership): number {
  if (passing === undefined || isIn(passing.sure, peer)) {
    return ALLOWED;
  }
  return isIn(passing.unsure, peer) ? UNDEFINED : passing.refusal;
}

/** Places of the units that a small set names. */
function namedIn(sides: Sides, places: PlaceIndex): readonly number[] {
  const found = new Set<number>();
  for (const world of WORLDS) {
    for (const set of setsOf(sides[world]).filter(({ dense }) => !dense)) {
      for (const peer of set.words) {
        places.ofPeer(world, peer).forEach((place) => found.add(place));
      }
    }
  }
  return [...found];
}

/** All units, parted by whether large sets hold them; none is empty. */
function partsOf(sides: Sides, places: PlaceIndex): readonly PlaceSet[] {
  let parts: readonly PlaceSet[] = [places.all];
  for (const world of WORLDS) {
    for (const set of new Set(setsOf(sides[world]).filter(({ dense, isWhole }) => dense && !isWhole))) {
      const held = places.within(world, set);
      parts = parts.flatMap((part) => [intersectionOf(part, held), differenceOf(part, held)]);
    }
  }
  return parts.filter(({ words }) => words.length > 0);
}
