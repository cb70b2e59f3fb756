/** Sorted by code unit, well-formed, without duplicates and empty strings. */
export function sortedTexts(values: readonly string[]): readonly string[] {
  if (isTidy(values)) {
    return values;
  }
  return [...new Set(values.map((value) => value.toWellFormed()))].filter((value) => value !== "").toSorted();
}

/** Cilium writes labels sorted, so there is mostly nothing to do. */
function isTidy(values: readonly string[]): boolean {
  let previous = "";
  for (const value of values) {
    if (value <= previous || !value.isWellFormed()) {
      return false;
    }
    previous = value;
  }
  return true;
}
