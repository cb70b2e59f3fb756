/** Anything JSON has. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** Where something stands in a value. */
export type Path = readonly (string | number)[];

/** An object with one key of its own, whatever it is called. */
export function own(key: string, value: Json): JsonObject {
  return Object.fromEntries([[key, value]]);
}

/** The places of a value, its own first. */
export function pathsOf(value: Json, path: Path = []): Path[] {
  const below =
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, part]) =>
          pathsOf(part, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : [];
  return [path, ...below];
}

/** Whether it is no list and no scalar. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What stands there, or null. */
export function at(value: Json, path: Path): Json {
  return path.reduce<Json>((whole, step) => fieldsOf(whole).get(String(step)) ?? null, value);
}

function fieldsOf(value: Json): ReadonlyMap<string, Json> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

/** The value with another at that place; undefined takes the place away. */
export function changed(value: Json, [step, ...rest]: Path, to: Json | undefined): Json {
  if (step === undefined) return to ?? null;
  const fields = new Map(fieldsOf(value));
  const part = rest.length === 0 ? to : changed(fields.get(String(step)) ?? null, rest, to);
  if (part === undefined) fields.delete(String(step));
  else fields.set(String(step), part);
  return Array.isArray(value) ? [...fields.values()] : Object.fromEntries(fields);
}
