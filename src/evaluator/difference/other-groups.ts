import type { Direction } from "../network/verdict.ts";
import { differenceOf, intersectionOf, membersOf, type PeerSet, peerSetOf } from "../network-index/peer-set.ts";
import type { Comparison } from "./comparison.ts";
import { type Crowds, crowdsOf } from "./crowds.ts";
import { type Exemption, NO_EXEMPTION, type Pair } from "./node-relations.ts";
import type { PairAnswers } from "./pair-changes.ts";
import type { PortAnswers } from "./port-answers.ts";
import type { Unit } from "./units.ts";

/** Units that are all the same to a subject: the policies of both ends say the same, and the same is exempt. */
export interface OtherGroup {
  readonly kind: Unit["kind"];
  readonly answers: PairAnswers;
  readonly exemption: Exemption;
  /** Places of units; several groups may say the same, but none has a place of another. */
  readonly others: PeerSet;
}

/** The groups of a subject among the units at these places; undefined is everybody. */
export type OtherGroups = (subject: number, places: Iterable<number> | undefined) => readonly OtherGroup[];

/**
 * Makes a finder of groups for the subjects of a direction. Where everybody is asked for, units whom no rule of the
 * subject names, and whose own rules do not name the subject, are not asked about one by one: most are the same to all.
 */
export function otherGroups(compared: Comparison, direction: Direction): OtherGroups {
  const { units, answers } = compared;
  let made: Crowds | undefined;
  return (subject, places) => {
    const unit = units[subject];
    if (unit === undefined) {
      return [];
    }
    if (places !== undefined) {
      return groupsOfFew(compared, direction, [subject, unit], places);
    }
    made ??= crowdsOf(compared, opposite(direction));
    const named = answers[direction](subject).named();
    const alone = new Set([...made.apart, ...named, ...(made.namers[subject] ?? [])]);
    const crowded = groupsOfCrowds(compared, direction, [subject, unit], { crowds: made, alone });
    return [...crowded, ...groupsOfFew(compared, direction, [subject, unit], alone)];
  };
}

type Subject = readonly [place: number, unit: Unit];

/** Puts the members of crowds for whom nodes matter among those to be asked about alone. */
function groupsOfCrowds(
  { units, answers, relations }: Comparison,
  direction: Direction,
  [subject, unit]: Subject,
  { crowds, alone }: { readonly crowds: Crowds; readonly alone: Set<number> },
): readonly OtherGroup[] {
  const alike = crowds.all.filter(({ first, places }) => {
    const isAlike = !relations.matter(pairOf(direction, unit, first));
    (isAlike ? [] : membersOf(places)).forEach((place) => alone.add(place));
    return isAlike;
  });
  const apart = peerSetOf([[...alone]], units.length);
  const parts = answers[direction](subject).parts();
  return alike.flatMap(({ first, about, places }) => {
    const theirs = about(subject);
    const crowd = differenceOf(places, apart);
    return parts.map((part) => ({
      kind: first.kind,
      answers: answersOfPair(direction, part.answers, theirs),
      exemption: NO_EXEMPTION,
      others: intersectionOf(crowd, part.places),
    }));
  });
}

/** A group that still grows. */
interface GroupDraft extends Omit<OtherGroup, "others"> {
  readonly list: number[];
}

function groupsOfFew(
  { units, answers, relations }: Comparison,
  direction: Direction,
  [subject, unit]: Subject,
  places: Iterable<number>,
): readonly OtherGroup[] {
  const found = new Map<PortAnswers, Map<PortAnswers, GroupDraft[]>>();
  const own = answers[direction](subject);
  const theirs = answers[opposite(direction)];
  for (const place of places) {
    const other = units[place];
    if (other === undefined) {
      continue;
    }
    const both = answersOfPair(direction, own.about(place), theirs(place).about(subject));
    const byIngress = found.get(both.egress) ?? new Map<PortAnswers, GroupDraft[]>();
    found.set(both.egress, byIngress);
    const alike = byIngress.get(both.ingress) ?? [];
    byIngress.set(both.ingress, alike);
    for (const exemption of relations.among(pairOf(direction, unit, other))) {
      const known = alike.find((group) => group.kind === other.kind && group.exemption === exemption);
      if (known === undefined) {
        alike.push({ kind: other.kind, answers: both, exemption, list: [place] });
      } else {
        known.list.push(place);
      }
    }
  }
  const all = [...found.values()].flatMap((byIngress) => [...byIngress.values()].flat());
  return all.map(({ list, ...group }) => ({ ...group, others: peerSetOf([list], units.length) }));
}

function opposite(direction: Direction): Direction {
  return direction === "egress" ? "ingress" : "egress";
}

function pairOf(direction: Direction, subject: Unit, other: Unit): Pair {
  return direction === "egress" ? { client: subject, server: other } : { client: other, server: subject };
}

function answersOfPair(direction: Direction, own: PortAnswers, theirs: PortAnswers): PairAnswers {
  return direction === "egress" ? { egress: own, ingress: theirs } : { egress: theirs, ingress: own };
}
