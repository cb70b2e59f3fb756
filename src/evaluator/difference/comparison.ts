import { policyId } from "../network/policy.ts";
import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import type { DifferenceRow } from "./difference.ts";
import { type NodeRelations, nodeRelations, type Pair } from "./node-relations.ts";
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

/** Two units as a pair; undefined when the only pair of members is a pod with itself. */
export function pairAt(units: readonly Unit[], clientPlace: number, serverPlace: number): Pair | undefined {
  const client = units[clientPlace];
  const server = units[serverPlace];
  if (client === undefined || server === undefined) {
    return undefined;
  }
  const isSelf = clientPlace === serverPlace && client.kind === "pods" && client.members.length === 1;
  return isSelf ? undefined : { client, server };
}

/** What a row says of its pairs, in a text. */
export function changeKey(
  { protocol, port, endPort, base, head, ...more }: PairChange,
  policies: DecidingPolicies,
  { client, server }: { readonly client: Pick<Unit, "kind">; readonly server: Pick<Unit, "kind"> },
): string {
  const kinds = `${client.kind} ${server.kind} ${more.nodes ?? "any"}`;
  return `${base} ${head} ${more.direction} ${protocol} ${port}-${endPort} ${kinds} ${policies.key}`;
}
