/**
 * The value as the API server reads it: a field that is `null` is absent, a list item that is `null` is an empty
 * object (so `ingress: [null]`, a lone dash in YAML, is the rule `{}` that allows everything).
 */
export function presentParts<T>(value: T): T {
  return holdsNothing(value) ? (present(value) as T) : value;
}

/** Most policies hold no `null` anywhere and need no copy. */
function holdsNothing(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(holdsNothing);
  }
  if (!isObject(value)) {
    return value === null || value === undefined;
  }
  // for-in makes no list of the fields; plain data inherits none.
  for (const key in value) {
    if (holdsNothing(value[key])) {
      return true;
    }
  }
  return false;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function present(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => (item === null || item === undefined ? {} : present(item)));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  // fromEntries defines own properties, so a key `__proto__` from a file stays a plain key.
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]: [string, unknown]) =>
      field === null || field === undefined ? [] : [[key, present(field)]],
    ),
  );
}
