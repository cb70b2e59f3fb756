/** Orders texts by code unit: the same on every machine and in every locale. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A comparison by a text derived from each item. */
export function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => byText(text(a), text(b));
}

/** The items in the order of a text derived from each, which is made once an item: for texts that cost something. */
export function sortedBy<T>(items: Iterable<T>, text: (item: T) => string): T[] {
  const keyed = Array.from(items, (item) => ({ key: text(item), item }));
  return keyed.toSorted((a, b) => byText(a.key, b.key)).map(({ item }) => item);
}

/** The earlier of two times, where undefined means "not known". */
export function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined || a < b ? a : b;
}

/** The later of two times, where undefined means "not known". */
export function later(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined || a > b ? a : b;
}
