import type { JsonObject } from "../model/kubernetes-api.ts";

/** True for a JSON object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A field of what may be an object; undefined when it is none, or has no such field of its own. */
export function fieldOf(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A field that is a text and not empty. */
export function textOf(value: unknown, key: string): string | undefined {
  const text = fieldOf(value, key);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** A field that is a list; an empty one otherwise. */
export function listOf(value: unknown, key: string): readonly unknown[] {
  const list = fieldOf(value, key);
  return Array.isArray(list) ? list : [];
}

/** The texts of a list of texts. */
export function textsOf(value: unknown, key: string): string[] {
  return listOf(value, key).filter((text) => typeof text === "string");
}
