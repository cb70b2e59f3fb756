/** Where a sequence begins. */
export const ROOT = 0;

/** Numbers sequences of whole numbers: equal sequences get equal numbers. Texts as keys would cost many times as much. */
export interface SequenceTree {
  /** The number of a sequence (by its number) that goes on with one more item. */
  next(sequence: number, item: number): number;
}

/** Makes a tree that knows only {@link ROOT}, the empty sequence; all others get numbers from 1 as they are asked for. */
export function sequenceTree(): SequenceTree {
  const children: (Map<number, number> | undefined)[] = [undefined];
  return {
    next(sequence, item) {
      let known = children[sequence];
      if (known === undefined) {
        known = new Map();
        children[sequence] = known;
      }
      let found = known.get(item);
      if (found === undefined) {
        found = children.push(undefined) - 1;
        known.set(item, found);
      }
      return found;
    },
  };
}
