import { PROTOCOLS } from "../network-index/port-table.ts";
import { ROOT, sequenceTree } from "../network-index/sequence-tree.ts";

/** What the policies at one end say about another end in both worlds, by protocol and port. */
export interface PortAnswers {
  /** By number of protocol. */
  readonly protocols: readonly ProtocolAnswers[];
  /** Whether the worlds answer differently on any port. */
  readonly isChanged: boolean;
}

/** Parallel lists, one entry a stretch of ports on which both answers stay what they are. */
export interface ProtocolAnswers {
  /** First ports of the stretches, ascending from 1. */
  readonly firsts: readonly number[];
  /** {@link bothAnswers} of the stretches; neighbours differ. */
  readonly answers: readonly number[];
}

/** The answers of base and head (numbers of `VERDICTS`) in one number. */
export function bothAnswers(base: number, head: number): number {
  return 3 * base + head;
}

/** The answer of the base in such a number. */
export function baseAnswer(both: number): number {
  return Math.floor(both / 3);
}

/** The answer of the head in such a number. */
export function headAnswer(both: number): number {
  return both % 3;
}

/** A stretch of ports; the next of its protocol begins where it ends. */
export interface Stretch {
  readonly protocol: number;
  readonly first: number;
}

/**
 * Makes answers of stretches (by protocol, then ascending) and {@link bothAnswers} on each. Equal ones are one object,
 * so that pairs with the same answers are found by comparing references.
 */
export type AnswersInterner = <S extends Stretch>(
  stretches: readonly S[],
  bothOn: (stretch: S) => number,
) => PortAnswers;

/** An interner that knows nothing yet. */
export function answersInterner(): AnswersInterner {
  const tree = sequenceTree();
  const known: (PortAnswers | undefined)[] = [];
  return (stretches, bothOn) => {
    let cut = ROOT;
    for (const stretch of stretches) {
      cut = tree.next(cut, itemOf(stretch, bothOn(stretch)));
    }
    let found = known[cut];
    if (found === undefined) {
      // Cut more often than the answers change, the same answers may have been met before.
      const joined = joinNeighbours(stretches.map((stretch) => ({ ...stretch, both: bothOn(stretch) })));
      const place = joined.reduce((sequence, stretch) => tree.next(sequence, itemOf(stretch, stretch.both)), ROOT);
      found = known[place] ?? portAnswers(joined);
      known[place] = found;
      known[cut] = found;
    }
    return found;
  };
}

function itemOf({ protocol, first }: Stretch, both: number): number {
  return (first * PROTOCOLS.length + protocol) * 9 + both;
}

interface AnsweredStretch extends Stretch {
  readonly both: number;
}

function joinNeighbours(stretches: readonly AnsweredStretch[]): readonly AnsweredStretch[] {
  return stretches.filter(({ protocol, both }, place) => {
    const before = stretches[place - 1];
    return before === undefined || before.protocol !== protocol || before.both !== both;
  });
}

function portAnswers(stretches: readonly AnsweredStretch[]): PortAnswers {
  return {
    protocols: PROTOCOLS.map((_, protocol) => {
      const own = stretches.filter((stretch) => stretch.protocol === protocol);
      return { firsts: own.map(({ first }) => first), answers: own.map(({ both }) => both) };
    }),
    isChanged: stretches.some(({ both }) => baseAnswer(both) !== headAnswer(both)),
  };
}
