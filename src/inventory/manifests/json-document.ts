import { type FileText, type Stretch, textOf } from "./file-text.ts";
import type { ScannedObject } from "./json-scan.ts";

/** A JSON object; of a List what stands around its items, which are still to be read. */
export interface JsonObject {
  readonly stretch: Stretch;
  /** In `items` the number 0 stands for each of {@link JsonObject.items}. */
  readonly value: unknown;
  readonly items: readonly JsonItem[];
}

/** One of the objects in a List. */
export interface JsonItem {
  readonly stretch: Stretch;
  /** Undefined for what is no JSON, or has a key twice. */
  readonly read: () => unknown;
}

/**
 * Reads a JSON object. The items of a List are left to be read one by one, so that the text of one is in memory at a
 * time.
 *
 * @returns undefined for what is no JSON, and for an object with a key that stands twice
 */
export function readJson(source: FileText, object: ScannedObject): JsonObject | undefined {
  const read = readObject(source, object);
  return read === undefined && object.items.length > 0 ? readObject(source, unsplit(object)) : read;
}

function readObject(source: FileText, object: ScannedObject): JsonObject | undefined {
  const value = parse(textAround(source, object), object.keys);
  if (value === undefined || !hasPlaceholders(value, object.items.length)) return undefined;
  const items = object.items.map((item) => ({
    stretch: item,
    read: () => parse(textOf(source, item), item.keys),
  }));
  return { stretch: object, value, items };
}

/** A List that has items which are no objects is read as a whole. */
function unsplit({ start, end, keys, items }: ScannedObject): ScannedObject {
  return { start, end, items: [], keys: items.reduce((sum, item) => sum + item.keys, keys) };
}

const PLACEHOLDER = 0;

function textAround(source: FileText, { start, end, items }: ScannedObject): string {
  const from = [start, ...items.map((item) => item.end)];
  return from
    .map((at, index) => textOf(source, { start: at, end: items[index]?.start ?? end }))
    .join(String(PLACEHOLDER));
}

function hasPlaceholders(value: unknown, count: number): boolean {
  if (count === 0) return true;
  const list = typeof value === "object" && value !== null && "items" in value ? value.items : undefined;
  return Array.isArray(list) && list.length === count && list.every((item) => item === PLACEHOLDER);
}

/** `JSON.parse` takes the last of two equal keys without a word: fewer keys than colons give it away. */
function parse(text: string, keys: number): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return keysIn(value) === keys ? value : undefined;
  } catch {
    return undefined;
  }
}

function keysIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const isList = Array.isArray(value);
  let count = 0;
  for (const part of isList ? value : Object.values(value)) count += (isList ? 0 : 1) + keysIn(part);
  return count;
}
