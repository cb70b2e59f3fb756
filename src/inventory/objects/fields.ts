/** An object's own field; undefined where there is none, or no object. Names on the prototype are never fields. */
export function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** What stands at the end of a path of keys. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const key of path) at = fieldOf(at, key);
  return at;
}

/** A field that is a text with something in it. */
export function textOf(value: unknown, key: string): string | undefined {
  const text = fieldOf(value, key);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** The value as a list; empty where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The texts of a list, all else left out. */
export function textsOf(value: unknown): readonly string[] {
  return listOf(value).filter((text) => typeof text === "string");
}

/** True for a mapping. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Milliseconds since the epoch of a field in RFC 3339; undefined where it is none. */
export function timeOf(value: unknown, key: string): number | undefined {
  const text = textOf(value, key);
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** A port number a pod may listen on. */
export function portNumber(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 65_536 ? value : undefined;
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}
