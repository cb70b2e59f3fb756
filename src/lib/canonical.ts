/**
 * Data as a text that equal data have in common, whatever the order of their fields: for values that JSON can say. Fields
 * that are undefined are left out.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))))
      : item,
  );
}
