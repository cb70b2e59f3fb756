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
    if (isMoved(unit) || !worlds.isChanged("ingress", unit.head)) {
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
    const own = worlds.isChanged("egress", unit.head) ? changedOthers(answers.egress(client)) : [];
    return own === undefined ? units.keys() : new Set([...forAll, ...(clientsOnly.get(client) ?? []), ...own]);
  };
}

/** Whether labels, ports or addresses of these ends changed in a way policies see. */
function isMoved(unit: Unit | undefined): boolean {
  return unit?.base !== unit?.head;
}

/** Units that stayed what they are, about whom something else is said; undefined for anybody. */
function changedOthers({ otherwise, named }: SubjectAnswers): readonly number[] | undefined {
  const others = otherwise().isChanged ? undefined : named();
  return others && [...others].filter(([, { isChanged }]) => isChanged).map(([place]) => place);
}
