import { policyId } from "../network/policy.ts";
import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import type { DifferenceRow } from "./difference.ts";
import { type NodeRelations, nodeRelations } from "./node-relations.ts";
import { type PairChange, type PairChanges, pairChanges } from "./pair-changes.ts";
import { type AnswersOf, answersOf } from "./subject-answers.ts";
import type { Unit, UnitTable } from "./units.ts";

/** Names of the policies that decide, as in a row. */
export type PolicyIds = DifferenceRow["policies"];

/** What there is to say about pairs of units, worked out as it is asked for. */
export interface Comparison {
  readonly units: readonly Unit[];
  readonly answers: AnswersOf;
  readonly changes: PairChanges;
  readonly relations: NodeRelations;
  /** What the peers of a unit are, in base and head, as one text. */
  readonly kindsOf: (unit: Unit) => string;
  /** Of the unit at a place, the policies that isolate it in a direction. */
  readonly policies: (direction: Direction, place: number) => DecidingPolicies;
}

/** The policies that isolate a unit, with a text that is equal for equal ones. */
export interface DecidingPolicies {
  readonly ids: PolicyIds;
  readonly key: string;
}

/** Gets ready to compare the units of two worlds. */
export function comparison(worlds: JointWorlds, table: UnitTable): Comparison {
  const { units } = table;
  return {
    units,
    answers: answersOf(worlds, units),
    changes: pairChanges(),
    relations: nodeRelations(worlds, table),
    kindsOf: ({ base, head }) => `${worlds.peers.kinds[base]} ${worlds.peers.kinds[head]}`,
    policies: decidingPolicies(worlds, units),
  };
}

function decidingPolicies({ base, head }: JointWorlds, units: readonly Unit[]): Comparison["policies"] {
  const nothing = (): (DecidingPolicies | undefined)[] => units.map(() => undefined);
  const known = { ingress: nothing(), egress: nothing() };
  return (direction, place) => {
    let found = known[direction][place];
    if (found === undefined) {
      const unit = units[place];
      const ids = {
        base: (base.isolation(direction, unit?.base ?? -1)?.policies ?? []).map(policyId),
        head: (head.isolation(direction, unit?.head ?? -1)?.policies ?? []).map(policyId),
      };
      found = { ids, key: `${ids.base.join()} ${ids.head.join()}` };
      known[direction][place] = found;
    }
    return found;
  };
}

/** What a row says of its pairs, in a text. */
export function changeKey(
  { protocol, port, endPort, base, head, ...more }: PairChange,
  policies: DecidingPolicies,
  client: Unit["kind"],
  server: Unit["kind"],
): string {
  const kinds = `${client} ${server} ${more.nodes ?? "any"}`;
  return `${base} ${head} ${more.direction} ${protocol} ${port}-${endPort} ${kinds} ${policies.key}`;
}
