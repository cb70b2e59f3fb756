import { NOBODY, type PeerSet } from "../network-index/peer-set.ts";
import { type PortTable, PROTOCOLS, type ProtocolTable, portAtom } from "../network-index/port-table.ts";
import { ROOT, sequenceTree } from "../network-index/sequence-tree.ts";
import type { Stretch } from "./port-answers.ts";

export const WORLDS = ["base", "head"] as const;

/** What isolates a subject in one world. */
export interface Side {
  /** Undefined: nothing, so everything passes. */
  readonly table: PortTable | undefined;
  /** What is said about those whom no rule holds: hosts stand in tables only where nobody knows whether they should. */
  readonly refusal: number;
}

/** What isolates a subject in both worlds. */
export type Sides = Readonly<Record<(typeof WORLDS)[number], Side>>;

/** A stretch on which neither world's table changes its answer, with the places of its atoms in them. */
export interface TableStretch extends Stretch {
  readonly base: number;
  readonly head: number;
}

/** Whom a side lets through on a stretch, surely or perhaps. */
export interface Passing {
  readonly sure: PeerSet;
  readonly unsure: PeerSet;
  readonly refusal: number;
}

/** The stretches of all ports, by protocol. */
export function stretchesOf({ base, head }: Sides): readonly TableStretch[] {
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

/** Undefined where everything passes. */
export function passingOn(sides: Sides, stretch: TableStretch, world: (typeof WORLDS)[number]): Passing | undefined {
  const { table, refusal } = sides[world];
  const ports = table?.[stretch.protocol];
  const atom = stretch[world];
  return ports && { sure: ports.sure[atom] ?? NOBODY, unsure: ports.unsure[atom] ?? NOBODY, refusal };
}

/** All sets of a side's table. */
export function setsOf({ table }: Side): readonly PeerSet[] {
  return (table ?? []).flatMap(({ sure, unsure }) => [...sure, ...unsure]);
}

/** Numbers what large sets make of everybody: equal for sides that differ in small sets only. */
export function manners(): (sides: Sides, stretches: readonly TableStretch[]) => number {
  const tree = sequenceTree();
  const numbers = new Map<PeerSet | undefined, number>();
  const numberOf = (set: PeerSet | undefined): number => {
    const large = set?.dense === true ? set : undefined;
    const found = numbers.get(large) ?? numbers.size;
    numbers.set(large, found);
    return found;
  };
  return (sides, stretches) => {
    let sequence = ROOT;
    for (const stretch of stretches) {
      sequence = tree.next(sequence, stretch.first * PROTOCOLS.length + stretch.protocol);
      for (const world of WORLDS) {
        const passing = passingOn(sides, stretch, world);
        sequence = tree.next(sequence, passing === undefined ? -1 : passing.refusal);
        sequence = tree.next(sequence, numberOf(passing?.sure));
        sequence = tree.next(sequence, numberOf(passing?.unsure));
      }
    }
    return sequence;
  };
}
