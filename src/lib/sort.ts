/** Orders texts by code unit: the same on every machine and in every locale. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** A comparison by a text derived from each item. */
export function by<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => byText(text(a), text(b));
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
