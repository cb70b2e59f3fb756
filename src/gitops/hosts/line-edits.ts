/** Lines of the old text that lines of the new one stand in for; ends are exclusive. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly madeFrom: number;
  readonly madeTo: number;
}

/** Beyond as many lines the two have little in common, and the whole middle is replaced: memory grows with the square. */
const MOST_STEPS = 1000;

/**
 * The fewest lines to take out and to put in, in order (Myers, "An O(ND) difference algorithm", 1986).
 *
 * @returns never two that touch; empty when the texts are equal
 */
export function editsBetween(old: readonly string[], made: readonly string[]): readonly Edit[] {
  const shorter = Math.min(old.length, made.length);
  let head = 0;
  while (head < shorter && old[head] === made[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === made[made.length - 1 - tail]) tail += 1;
  const whole: Edit = { from: head, to: old.length - tail, madeFrom: head, madeTo: made.length - tail };
  if (whole.from === whole.to && whole.madeFrom === whole.madeTo) return [];
  if (whole.from === whole.to || whole.madeFrom === whole.madeTo) return [whole];
  const kept = commonLines(old.slice(whole.from, whole.to), made.slice(whole.madeFrom, whole.madeTo));
  return kept === undefined ? [whole] : between(whole, kept);
}

/** What is left between the lines that stay. */
function between(whole: Edit, kept: readonly (readonly [number, number])[]): readonly Edit[] {
  const edits: Edit[] = [];
  let from = whole.from;
  let madeFrom = whole.madeFrom;
  const close = (to: number, madeTo: number): void => {
    if (from < to || madeFrom < madeTo) edits.push({ from, to, madeFrom, madeTo });
  };
  for (const [x, y] of kept) {
    close(whole.from + x, whole.madeFrom + y);
    from = whole.from + x + 1;
    madeFrom = whole.madeFrom + y + 1;
  }
  close(whole.to, whole.madeTo);
  return edits;
}

/** Pairs of equal lines, ascending; undefined when the way is too long. */
function commonLines(
  old: readonly string[],
  made: readonly string[],
): readonly (readonly [number, number])[] | undefined {
  /** Furthest `x` on each diagonal, before each step. */
  const trace: ReadonlyMap<number, number>[] = [];
  let furthest: ReadonlyMap<number, number> = new Map([[1, 0]]);
  for (let steps = 0; steps <= MOST_STEPS; steps += 1) {
    trace.push(furthest);
    const next = new Map<number, number>();
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      let x = entry(furthest, diagonal, steps);
      while (x < old.length && x - diagonal < made.length && old[x] === made[x - diagonal]) x += 1;
      next.set(diagonal, x);
      if (x >= old.length && x - diagonal >= made.length) return backwards(trace, old.length, made.length);
    }
    furthest = next;
  }
  return undefined;
}

/** Where a step enters a diagonal. */
function entry(furthest: ReadonlyMap<number, number>, diagonal: number, steps: number): number {
  return isPutIn(furthest, diagonal, steps) ? at(furthest, diagonal + 1) : at(furthest, diagonal - 1) + 1;
}

/** Whether a step comes by a line put in (from the diagonal above), rather than by one taken out. */
function isPutIn(furthest: ReadonlyMap<number, number>, diagonal: number, steps: number): boolean {
  return diagonal === -steps || (diagonal !== steps && at(furthest, diagonal - 1) < at(furthest, diagonal + 1));
}

function at(furthest: ReadonlyMap<number, number>, diagonal: number): number {
  return furthest.get(diagonal) ?? -1;
}

function backwards(
  trace: readonly ReadonlyMap<number, number>[],
  oldLength: number,
  madeLength: number,
): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  let x = oldLength;
  let y = madeLength;
  for (const [steps, furthest] of [...trace.entries()].toReversed()) {
    const diagonal = x - y;
    const start = steps === 0 ? 0 : entry(furthest, diagonal, steps);
    while (x > start) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    if (isPutIn(furthest, diagonal, steps)) y -= 1;
    else x -= 1;
  }
  return pairs.toReversed();
}
