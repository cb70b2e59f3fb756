import { by } from "../../lib/sort.ts";
import type { Proof } from "../../model/proof.ts";
import type { CompiledNetworkWorld } from "../network/compile.ts";
import type { Direction, DirectionVerdict } from "../network/verdict.ts";

const DIRECTIONS = ["ingress", "egress"] as const;

/**
 * Remembers for which rules some edge has no other. Removing a rule cuts an edge exactly when it is the only rule
 * that allows it, so two rules that stand in for each other are needless both.
 */
export interface RuleCount {
  /** Notes what allowed a checked edge in a direction. */
  note(direction: Direction, verdict: DirectionVerdict): void;
  /** Rules of the world that no edge depends on, by policy, direction and index. */
  needless(): Proof["needless"];
}

/** Starts counting for the rules of a world. */
export function countRules({ policies }: CompiledNetworkWorld): RuleCount {
  const needed = new Set<string>();
  const keyOf = (policy: string, direction: Direction, rule: number): string => `${policy} ${direction} ${rule}`;
  return {
    note(direction, { allowedBy }) {
      const [only] = allowedBy;
      if (only !== undefined && allowedBy.length === 1) {
        needed.add(keyOf(only.policy, direction, only.rule));
      }
    },
    needless() {
      const all = [...policies.values()].flat().toSorted(by(({ id }) => id));
      return all.flatMap(({ id, rules }) =>
        DIRECTIONS.flatMap((direction) =>
          (rules[direction] ?? []).flatMap((_, rule) =>
            needed.has(keyOf(id, direction, rule)) ? [] : [{ policy: id, direction, rule }],
          ),
        ),
      );
    },
  };
}
