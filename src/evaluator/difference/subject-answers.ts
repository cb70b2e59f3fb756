import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { holds, membersOf, NOBODY, type PeerSet } from "../network-index/peer-set.ts";
import { HOST } from "../network-index/peer-space.ts";
import { type PortTable, PROTOCOLS, type ProtocolTable, portAtom } from "../network-index/port-table.ts";
import { ALLOWED, DENIED, UNDEFINED } from "../network-index/verdict-of.ts";
import { type AnswersInterner, answersInterner, bothAnswers, type PortAnswers, type Stretch } from "./port-answers.ts";
import type { Unit } from "./units.ts";

/** What the policies at one unit, the subject, say about all others in one direction and in both worlds. */
export interface SubjectAnswers {
  /** About everybody whom `named` does not hold. */
  readonly otherwise: () => PortAnswers;
  /** By place of unit; undefined where rules name so many that each is better asked about alone. */
  readonly named: () => readonly (readonly [place: number, answers: PortAnswers])[] | undefined;
  /** About the unit at a place. */
  readonly about: (place: number) => PortAnswers;
}

/** Finds the answers of the unit at a place. */
export type AnswersOf = Readonly<Record<Direction, (place: number) => SubjectAnswers>>;

/** Makes a finder whose answers are made when they are asked for, and shared by subjects that equal policies isolate. */
export function answersOf(worlds: JointWorlds, units: readonly Unit[]): AnswersOf {
  const intern = answersInterner();
  const places = { base: placesByPeer(units, "base"), head: placesByPeer(units, "head") };
  const make = (sides: Sides): SubjectAnswers => subjectAnswers(sides, { units, places, intern });
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

/** What isolates a subject in one world. */
interface Side {
  /** Undefined: nothing, so everything passes. */
  readonly table: PortTable | undefined;
  /** What is said about those whom no rule names: hosts stand in tables only where nobody knows whether they should. */
  readonly refusal: number;
}

interface Sides {
  readonly base: Side;
  readonly head: Side;
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

type PlacesByPeer = ReadonlyMap<number, readonly number[]>;

interface Others {
  readonly units: readonly Unit[];
  readonly places: { readonly base: PlacesByPeer; readonly head: PlacesByPeer };
  readonly intern: AnswersInterner;
}

function placesByPeer(units: readonly Unit[], world: "base" | "head"): PlacesByPeer {
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

/** A stretch on which neither world's table changes its answer, with the places of its atoms in them. */
interface TableStretch extends Stretch {
  readonly base: number;
  readonly head: number;
}

function subjectAnswers(sides: Sides, others: Others): SubjectAnswers {
  const stretches = stretchesOf(sides);
  // Of a peer of the base and of the head; -1 is one whom no rule names.
  const asked = ({ base, head }: Pick<Unit, "base" | "head">): PortAnswers =>
    others.intern(stretches, (one) =>
      bothAnswers(
        answerAbout(sides.base, one.protocol, one.base, base),
        answerAbout(sides.head, one.protocol, one.head, head),
      ),
    );
  return {
    otherwise: () => asked(UNNAMED),
    named() {
      const places = namedIn(sides, others.places);
      return places && [...places].map((place) => [place, asked(others.units[place] ?? UNNAMED)] as const);
    },
    about: (place) => asked(others.units[place] ?? UNNAMED),
  };
}

const UNNAMED = { base: -1, head: -1 };

/** Cut so that neither world's table changes its answer on a stretch. */
function stretchesOf({ base, head }: Sides): readonly TableStretch[] {
  return PROTOCOLS.flatMap((_, protocol) => {
    const [before, after] = [base.table?.[protocol], head.table?.[protocol]];
    return firstsOf(before, after).map((first) => ({
      protocol,
      first,
      base: before === undefined ? -1 : portAtom(before, first),
      head: after === undefined ? -1 : portAtom(after, first),
    }));
  });
}

function firstsOf(base: ProtocolTable | undefined, head: ProtocolTable | undefined): readonly number[] {
  if (base === head) {
    return base?.firsts ?? [1];
  }
  return [...new Set([1, ...(base?.firsts ?? []), ...(head?.firsts ?? [])])].toSorted((a, b) => a - b);
}

/** What is said about a peer in one world, on a stretch that is this atom of its table. */
function answerAbout({ table, refusal }: Side, protocol: number, atom: number, peer: number): number {
  const ports = table?.[protocol];
  if (ports === undefined || isIn(ports.sure[atom] ?? NOBODY, peer)) {
    return ALLOWED;
  }
  return isIn(ports.unsure[atom] ?? NOBODY, peer) ? UNDEFINED : refusal;
}

function isIn(set: PeerSet, peer: number): boolean {
  return set.isWhole || (peer >= 0 && holds(set, peer));
}

/** Places of all units that some set names; undefined when a set is large. */
function namedIn(sides: Sides, places: Others["places"]): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  for (const world of ["base", "head"] as const) {
    const sets = (sides[world].table ?? []).flatMap(({ sure, unsure }) => [...sure, ...unsure]);
    for (const set of sets) {
      if (set.dense && !set.isWhole) {
        return undefined;
      }
      for (const peer of set.isWhole ? [] : membersOf(set)) {
        places[world].get(peer)?.forEach((place) => found.add(place));
      }
    }
  }
  return found;
}
