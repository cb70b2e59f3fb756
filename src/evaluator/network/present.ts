/** Fields that map to texts or list texts: a `null` in them is the empty text. */
const TEXT_MAPS: ReadonlySet<string> = new Set(["labels", "annotations", "matchLabels"]);
const TEXT_LISTS: ReadonlySet<string> = new Set(["values", "except", "policyTypes", "finalizers"]);

/**
 * The value as the API server reads it, which is how Go's encoding/json reads `null`: a field that is `null` is absent,
 * but a label that is `null` is there and empty (so `matchLabels: {app: null}` selects by the label, and `{}` would
 * select everything); a list item that is `null` is an empty text or an empty object (so `ingress: [null]`, a lone dash
 * in YAML, is the rule `{}` that allows everything).
 */
export function presentParts<T>(value: T): T {
  return holdsNothing(value) ? (present(value, "") as T) : value;
}

/** Most policies hold no `null` anywhere and need no copy. */
function holdsNothing(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.some(holdsNothing);
  }
  if (!isObject(value)) {
    return isNothing(value);
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

/** @param field the name of the field that the value is of; empty for an item, a label and the whole */
function present(value: unknown, field: string): unknown {
  if (Array.isArray(value)) {
    const nothing = TEXT_LISTS.has(field) ? "" : {};
    return value.map((item: unknown) => (isNothing(item) ? nothing : present(item, "")));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  // fromEntries defines own properties, so a key `__proto__` from a file stays a plain key.
  return Object.fromEntries(
    TEXT_MAPS.has(field)
      ? entries.map(([key, text]: [string, unknown]) => [key, text === null ? "" : present(text, "")])
      : entries.flatMap(([key, part]: [string, unknown]) => (part === null ? [] : [[key, present(part, key)]])),
  );
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}
