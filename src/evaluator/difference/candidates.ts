import type { NetworkPolicy } from "../../model/manifest.ts";
import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import type { AnswersOf, SubjectAnswers } from "./subject-answers.ts";
import type { Unit } from "./units.ts";

/** Servers (places of units) of a client with whom something may have changed, each once. */
export type Candidates = (client: number) => Iterable<number>;

/**
 * Finds the pairs between which something may have changed; all other pairs have the same verdicts in both worlds. Only
 * units whose policies changed are looked at, and of their peers only those about whom they no longer say the same;
 * units that policies see otherwise than before are paired with everybody.
 */
export function candidates(worlds: JointWorlds, units: readonly Unit[], answers: AnswersOf): Candidates {
  const moved = [...units.keys()].filter((place) => isMoved(units[place]));
  const forAll = [...moved];
  const clientsOnly = new Map<number, number[]>();
  for (const [place, unit] of units.entries()) {
    if (isMoved(unit) || isIsolatedAlike(worlds, unit, "ingress")) {
      continue;
    }
    const changed = changedOthers(answers.ingress(place));
    if (changed === undefined) {
      forAll.push(place);
    }
    for (const client of changed ?? []) {
      const servers = clientsOnly.get(client) ?? [];
      servers.push(place);
      clientsOnly.set(client, servers);
    }
  }
  return (client) => {
    const unit = units[client];
    if (unit === undefined || isMoved(unit)) {
      return units.keys();
    }
    const own = isIsolatedAlike(worlds, unit, "egress") ? [] : changedOthers(answers.egress(client));
    return own === undefined ? units.keys() : new Set([...forAll, ...(clientsOnly.get(client) ?? []), ...own]);
  };
}

/** Whether labels, ports or addresses of these ends changed in a way policies see. */
function isMoved(unit: Unit | undefined): boolean {
  return unit?.base !== unit?.head;
}

/** Whether the same policies isolate a unit that is the same peer in both worlds: then they say the same as before. */
function isIsolatedAlike({ base, head }: JointWorlds, unit: Unit, direction: Direction): boolean {
  const before = base.isolation.policies(direction, unit.base);
  const after = head.isolation.policies(direction, unit.head);
  return (
    isSameList(before, after) ||
    base.isolation.of(direction, unit.base)?.table === head.isolation.of(direction, unit.head)?.table
  );
}

function isSameList(a: readonly NetworkPolicy[], b: readonly NetworkPolicy[]): boolean {
  return a.length === b.length && a.every((policy, index) => policy === b[index]);
}

/** Units that stayed what they are, about whom something else is said; undefined for anybody. */
function changedOthers({ otherwise, named }: SubjectAnswers): readonly number[] | undefined {
  const others = otherwise.isChanged ? undefined : named();
  return others && [...others].filter(([, { isChanged }]) => isChanged).map(([place]) => place);
}
