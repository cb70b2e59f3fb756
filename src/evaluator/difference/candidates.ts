import type { Direction } from "../network/verdict.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import type { AnswersOf } from "./subject-answers.ts";
import type { Unit } from "./units.ts";

/**
 * Others (places of units, each once) about whom the policies at a subject may decide otherwise than before, in a
 * direction; undefined for everybody. For all others, that direction decides nothing new: the less permissive of two
 * directions decides, so a verdict it decides changes only if its own answer does.
 */
export type Candidates = (direction: Direction, subject: number) => readonly number[] | undefined;

/**
 * Makes a finder that looks at subjects whose policies changed only, and there at those about whom they no longer say the
 * same. Units that policies see otherwise than before are looked at by everybody, and look at everybody.
 */
export function candidates(worlds: JointWorlds, units: readonly Unit[], answers: AnswersOf): Candidates {
  const moved = [...units.keys()].filter((place) => isMoved(units[place]));
  return (direction, subject) => {
    const unit = units[subject];
    if (unit === undefined || isMoved(unit)) {
      return undefined;
    }
    if (!worlds.isChanged(direction, unit.head)) {
      return moved;
    }
    const { parts, named, about } = answers[direction](subject);
    if (parts().some((part) => part.answers.isChanged)) {
      return undefined;
    }
    return [...new Set([...moved, ...named().filter((place) => about(place).isChanged)])];
  };
}

/** Whether labels, ports or addresses of these ends changed in a way policies see. */
function isMoved(unit: Unit | undefined): boolean {
  return unit?.base !== unit?.head;
}
