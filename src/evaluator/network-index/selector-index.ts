import type { LabelSelector } from "../../model/manifest.ts";
import { compileSelector, type LabelMap } from "../network/selector.ts";
import type { ClassTable } from "./identity-classes.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Finds the classes a selector selects without trying all of them. */
export interface SelectorIndex {
  /** Places of the namespaces called `name`, in {@link ClassTable.namespaces}; the same list for the same name. */
  named(name: string): readonly number[];
  /** Places of the namespaces the selector selects, ascending; the same list for equal selectors. */
  namespaces(selector: LabelSelector): readonly number[];
  /** Classes with pods in these namespaces (ascending) that the selector selects, ascending; undefined is all. */
  classes(namespaces: readonly number[], selector: LabelSelector | undefined): readonly number[];
}

/**
 * Postings by label, as a search engine keeps them: a selector nearly always asks for one value, and the classes that
 * have it are few. What else it asks for is tried on those only.
 */
export function selectorIndex(table: ClassTable, vocabulary: Vocabulary): SelectorIndex {
  const byPair = classPostings(table, vocabulary);
  const labelsOf = remembered((id: number): LabelMap => new Map(Object.entries(table.classes[id]?.labels ?? {})));
  const byName = new Map<string, number[]>();
  const byLabel = new Map<string, number[]>();
  for (const [place, { name, labels }] of table.namespaces.entries()) {
    append(byName, name, place);
    for (const [key, value] of labels) {
      append(byLabel, `${key}=${value}`, place);
    }
  }
  const all = [...table.namespaces.keys()];
  const selected = (selector: LabelSelector): readonly number[] => {
    const [wanted] = Object.entries(selector.matchLabels ?? {});
    const candidates = wanted === undefined ? all : (byLabel.get(`${wanted[0]}=${wanted[1]}`) ?? []);
    const matches = compileSelector(selector);
    return candidates.filter((place) => matches(table.namespaces[place]?.labels ?? new Map()));
  };
  const known = new Map<string, readonly number[]>();
  return {
    named: (name) => byName.get(name) ?? NOWHERE,
    namespaces(selector) {
      const key = selectorKey(selector);
      const found = known.get(key) ?? selected(selector);
      known.set(key, found);
      return found;
    },
    classes(namespaces, selector) {
      const postings = selector === undefined ? undefined : shortestPosting(byPair, vocabulary, selector);
      const found = namespaces.flatMap((place) => {
        const { first = 0, end = 0 } = table.namespaces[place] ?? {};
        return inRange(postings, first, end);
      });
      if (selector === undefined || isDecidedByPosting(selector)) {
        return found;
      }
      const matches = compileSelector(selector);
      return found.filter((id) => matches(labelsOf(id)));
    },
  };
}

const NOWHERE: readonly number[] = [];

/** Never empty, and equal for selectors written alike; a single label, the usual case, is written without making JSON. */
export function selectorKey({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const entries = Object.entries(matchLabels);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && matchExpressions.length === 0) {
    return `${first[0]}=${first[1]}`;
  }
  return JSON.stringify([entries.toSorted(([a], [b]) => (a < b ? -1 : 1)), matchExpressions]);
}

/** Classes with pods by number of label pair, ascending. */
function classPostings({ classes, podClasses }: ClassTable, { pairCount }: Vocabulary): readonly (readonly number[])[] {
  const byPair = Array.from({ length: pairCount }, (): number[] => []);
  for (let id = 0; id < podClasses; id++) {
    for (const pair of classes[id]?.pairs ?? []) {
      byPair[pair]?.push(id);
    }
  }
  return byPair;
}

function shortestPosting(
  byPair: readonly (readonly number[])[],
  { pairs }: Vocabulary,
  { matchLabels = {} }: LabelSelector,
): readonly number[] | undefined {
  let shortest: readonly number[] | undefined;
  for (const [key, value] of Object.entries(matchLabels)) {
    const posting = byPair[pairs.get(key)?.values.get(value) ?? -1] ?? [];
    if (shortest === undefined || posting.length < shortest.length) {
      shortest = posting;
    }
  }
  return shortest;
}

function isDecidedByPosting({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean {
  return matchExpressions.length === 0 && Object.keys(matchLabels).length < 2;
}

/** The members of the posting (everything when there is none) from `first` to before `end`. */
function inRange(posting: readonly number[] | undefined, first: number, end: number): readonly number[] {
  return posting === undefined
    ? Array.from({ length: end - first }, (_, index) => first + index)
    : posting.slice(firstNotBefore(posting, first), firstNotBefore(posting, end));
}

function firstNotBefore(ids: readonly number[], bound: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? 0) < bound) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function append(lists: Map<string, number[]>, key: string, item: number): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [item]);
  } else if (list.at(-1) !== item) {
    // Keys and values that nobody checked may run together into one text: a=b and c, a and b=c.
    list.push(item);
  }
}

function remembered<T>(make: (id: number) => T): (id: number) => T {
  const known = new Map<number, T>();
  return (id) => {
    const found = known.get(id) ?? make(id);
    known.set(id, found);
    return found;
  };
}
