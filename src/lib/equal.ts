/**
 * Whether two values hold the same data, whatever the order of fields: for values that JSON or YAML can say, in which
 * objects are plain and nothing holds itself.
 */
export function isSameData(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => isSameData(item, b[index]));
  }
  return isObject(a) && isObject(b) && !Array.isArray(b) && hasSameFields(a, b);
}

function hasSameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let more = 0;
  // for-in makes no list of the names; plain data inherits none.
  for (const name in a) {
    // hasOwn: what an object without the field says of `constructor` is not the object's.
    if (!Object.hasOwn(b, name) || !isSameData(a[name], b[name])) {
      return false;
    }
    more++;
  }
  for (const _ in b) {
    more--;
  }
  return more === 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
