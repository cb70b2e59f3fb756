import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { candidates } from "./candidates.ts";
import { type Comparison, changeKey, type PolicyIds } from "./comparison.ts";
import { type OtherGroup, otherGroups } from "./other-groups.ts";
import type { PairChange } from "./pair-changes.ts";
import type { PlaceSet, PlaceSets } from "./place-sets.ts";

/** Pairs between which the same changes, decided at the same policies. */
export interface Gathered {
  readonly change: PairChange;
  readonly policies: PolicyIds;
  /** Places of the units at which it is decided, by the set of others they have in common. */
  readonly subjects: Map<PlaceSet, number[]>;
}

/** Finds everything that changes, by {@link changeKey}. */
export function gather(worlds: JointWorlds, compared: Comparison, sets: PlaceSets): ReadonlyMap<string, Gathered> {
  const gathered = new Map<string, Gathered>();
  const lookAt = candidates(worlds, compared.units, compared.answers);
  for (const direction of ["egress", "ingress"] as const) {
    const groupsOf = otherGroups(compared, direction);
    for (const subject of compared.units.keys()) {
      const places = lookAt(direction, subject);
      const groups = places?.length === 0 ? [] : groupsOf(subject, places);
      for (const [key, { change, policies, others }] of decidedAt(compared, direction, subject, groups)) {
        const known = gathered.get(key) ?? { change, policies, subjects: new Map<PlaceSet, number[]>() };
        gathered.set(key, known);
        const set = sets(others);
        const list = known.subjects.get(set) ?? [];
        known.subjects.set(set, list);
        list.push(subject);
      }
    }
  }
  return gathered;
}

interface SubjectChange {
  readonly change: PairChange;
  readonly policies: PolicyIds;
  readonly others: PlaceSet[];
}

/** What the policies at a subject change, by {@link changeKey}; what is decided at others is told of them. */
function decidedAt(
  { units, changes, policies }: Comparison,
  direction: Direction,
  subject: number,
  groups: readonly OtherGroup[],
): ReadonlyMap<string, SubjectChange> {
  const found = new Map<string, SubjectChange>();
  const unit = units[subject];
  if (unit === undefined) {
    return found;
  }
  for (const { kind, answers, exemption, others } of groups) {
    for (const change of others.words.length === 0 ? [] : changes(answers, exemption)) {
      if (change.direction === direction) {
        const [client, server] = direction === "egress" ? [unit.kind, kind] : [kind, unit.kind];
        const deciding = policies(direction, subject);
        const key = changeKey(change, deciding, client, server);
        const known = found.get(key) ?? { change, policies: deciding.ids, others: [] };
        found.set(key, known);
        known.others.push(others);
      }
    }
  }
  return found;
}
