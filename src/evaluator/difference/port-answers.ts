import { PROTOCOLS } from "../network-index/port-table.ts";

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

/** A stretch of ports that has not been joined with its neighbours yet. */
export interface Stretch {
  readonly protocol: number;
  readonly first: number;
}

/** The answers of base and head (numbers of `VERDICTS`) in one number. */
export function bothAnswers(base: number, head: number): number {
  return 3 * base + head;
}

export function baseAnswer(both: number): number {
  return Math.floor(both / 3);
}

export function headAnswer(both: number): number {
  return both % 3;
}

/**
 * Makes answers of stretches (by protocol, then ascending) with what is said on each. Equal ones are one object, so that
 * pairs with the same answers are found by comparing references.
 */
export type AnswersInterner = (stretches: readonly Stretch[], answers: readonly number[]) => PortAnswers;

export function answersInterner(): AnswersInterner {
  const known = new Map<string, PortAnswers>();
  return (stretches, answers) => {
    const protocols = PROTOCOLS.map((_, protocol) => joined(protocol, stretches, answers));
    const key = JSON.stringify(protocols);
    let found = known.get(key);
    if (found === undefined) {
      found = { protocols, isChanged: answers.some((both) => baseAnswer(both) !== headAnswer(both)) };
      known.set(key, found);
    }
    return found;
  };
}

function joined(protocol: number, stretches: readonly Stretch[], answers: readonly number[]): ProtocolAnswers {
  const firsts: number[] = [];
  const kept: number[] = [];
  for (const [place, stretch] of stretches.entries()) {
    const answer = answers[place] ?? 0;
    if (stretch.protocol === protocol && kept.at(-1) !== answer) {
      firsts.push(stretch.first);
      kept.push(answer);
    }
  }
  return { firsts, answers: kept };
}
