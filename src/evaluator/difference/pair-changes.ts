import type { PolicyProtocol } from "../../model/flow.ts";
import type { Answer } from "../network/answer.ts";
import type { Direction, VerdictKind } from "../network/verdict.ts";
import { lastNotAfter } from "../network-index/last-not-after.ts";
import { LAST_PORT, PROTOCOLS } from "../network-index/port-table.ts";
import { exempted, VERDICTS } from "../network-index/verdict-of.ts";
import type { DifferenceRow } from "./difference.ts";
import type { Exemption } from "./node-relations.ts";
import { baseAnswer, headAnswer, type PortAnswers, type ProtocolAnswers } from "./port-answers.ts";

/** What changes between two units, on a range of ports. */
export interface PairChange {
  readonly base: VerdictKind;
  readonly head: VerdictKind;
  readonly direction: Direction;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly endPort: number;
  readonly nodes: DifferenceRow["nodes"];
}

/** What the policies at both ends of a pair say. */
export interface PairAnswers {
  readonly egress: PortAnswers;
  readonly ingress: PortAnswers;
}

/** Everything that changes between two units, by protocol and port. */
export type PairChanges = (answers: PairAnswers, exemption: Exemption) => readonly PairChange[];

/** Makes a finder of changes that works them out once for all pairs with the same answers. */
export function pairChanges(): PairChanges {
  const known = new Map<Exemption, Map<PortAnswers, Map<PortAnswers, readonly PairChange[]>>>();
  return (answers, exemption) => {
    const byEgress = known.get(exemption) ?? new Map<PortAnswers, Map<PortAnswers, readonly PairChange[]>>();
    known.set(exemption, byEgress);
    const byIngress = byEgress.get(answers.egress) ?? new Map<PortAnswers, readonly PairChange[]>();
    byEgress.set(answers.egress, byIngress);
    const found = byIngress.get(answers.ingress) ?? changesOf(answers, exemption);
    byIngress.set(answers.ingress, found);
    return found;
  };
}

function changesOf({ egress, ingress }: PairAnswers, exemption: Exemption): readonly PairChange[] {
  return PROTOCOLS.flatMap((protocol, number) => {
    const [atClient = NOTHING, atServer = NOTHING] = [egress.protocols[number], ingress.protocols[number]];
    const firsts = [...new Set([...atClient.firsts, ...atServer.firsts])].toSorted((a, b) => a - b);
    const found: PairChange[] = [];
    for (const [place, port] of firsts.entries()) {
      const judged = judge(answerAt(atClient, port), answerAt(atServer, port), exemption);
      const endPort = (firsts[place + 1] ?? LAST_PORT + 1) - 1;
      const before = found.at(-1);
      if (judged !== undefined && before !== undefined && before.endPort === port - 1 && isSame(before, judged)) {
        found[found.length - 1] = { ...before, endPort };
      } else if (judged !== undefined) {
        found.push({ ...judged, protocol, port, nodes: exemption.nodes, endPort });
      }
    }
    return found;
  });
}

const NOTHING: ProtocolAnswers = { firsts: [], answers: [] };

type Judged = Pick<PairChange, "base" | "head" | "direction">;

function isSame(a: Judged, b: Judged): boolean {
  return a.base === b.base && a.head === b.head && a.direction === b.direction;
}

/** What changes on a port; undefined when nothing does. */
function judge(atClient: number, atServer: number, exemption: Exemption): Judged | undefined {
  const { isOwn } = exemption;
  const before = lesser([baseAnswer(atClient), baseAnswer(atServer)], exemption.base, isOwn);
  const after = lesser([headAnswer(atClient), headAnswer(atServer)], exemption.head, isOwn);
  if (before.verdict === after.verdict) {
    return undefined;
  }
  const { direction } = after.verdict < before.verdict ? after : before;
  return { base: VERDICTS[before.verdict] ?? "undefined", head: VERDICTS[after.verdict] ?? "undefined", direction };
}

function answerAt({ firsts, answers }: ProtocolAnswers, port: number): number {
  return answers[lastNotAfter(firsts, port)] ?? 0;
}

/** The direction that decides: the less permissive one, and egress of two that say the same. */
function lesser(
  [atClient, atServer]: readonly [atClient: number, atServer: number],
  exempt: Answer,
  isOwn: Answer,
): { readonly verdict: number; readonly direction: Direction } {
  const egress = exempted(atClient, exempt, isOwn);
  const ingress = exempted(atServer, exempt, isOwn);
  return egress <= ingress ? { verdict: egress, direction: "egress" } : { verdict: ingress, direction: "ingress" };
}
