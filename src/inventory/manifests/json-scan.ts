import type { Stretch } from "./file-text.ts";
import { DEEPEST } from "./yaml-document.ts";

/** A JSON object, as far as its brackets and strings tell. */
export interface ScannedObject extends Stretch {
  /** Colons outside strings, those of the items left out: as many as it has keys. */
  readonly keys: number;
  /** The objects in its list `items`, which are read each for itself. */
  readonly items: readonly ScannedItem[];
}

/** One of the objects in `items`. */
export interface ScannedItem extends Stretch {
  readonly keys: number;
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const LIST = 91;
const END_OF_LIST = 93;
const OBJECT = 123;
const END_OF_OBJECT = 125;
const BLANKS: readonly number[] = [9, 10, 13, 32];

/** The first byte of a stretch that is no blank, or its end. */
export function firstByte(bytes: Buffer, { start, end }: Stretch): number {
  let at = start;
  while (at < end && BLANKS.includes(bytes[at] ?? 0)) at++;
  return at;
}

/**
 * Finds the JSON objects that stand in a stretch one after the other. Only brackets and strings are looked at: each
 * object has to be parsed before anything of it is believed.
 *
 * @returns undefined where something else stands, an object does not end, or brackets nest too deep
 */
export function scanObjects(bytes: Buffer, stretch: Stretch): readonly ScannedObject[] | undefined {
  const objects: ScannedObject[] = [];
  let at = firstByte(bytes, stretch);
  while (at < stretch.end) {
    if (bytes[at] !== OBJECT) return undefined;
    const object = scanObject(bytes, { start: at, end: stretch.end });
    if (object === undefined) return undefined;
    objects.push(object);
    at = firstByte(bytes, { start: object.end, end: stretch.end });
  }
  return objects;
}

function scanObject(bytes: Buffer, { start, end }: Stretch): ScannedObject | undefined {
  const scan: Scan = { bytes, depth: 0, keys: 0, key: start, inItems: false, item: start, keysBefore: 0, items: [] };
  for (let at = start; at < end; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      if (scan.depth === 1) scan.key = at;
      at = endOfString(bytes, at, end);
    } else if (byte === COLON) {
      scan.keys++;
    } else if (byte === LIST || byte === OBJECT) {
      open(scan, at);
      if (scan.depth > DEEPEST) return undefined;
    } else if (byte === END_OF_LIST || byte === END_OF_OBJECT) {
      close(scan, at);
      if (scan.depth === 0) return { start, end: at + 1, keys: ownKeys(scan), items: scan.items };
    }
  }
  return undefined;
}

/** Where a scan is. */
interface Scan {
  readonly bytes: Buffer;
  /** Brackets that are open. */
  depth: number;
  /** Colons so far. */
  keys: number;
  /** Where the last string of the outermost object begins. */
  key: number;
  /** True inside the list that is called `items`. */
  inItems: boolean;
  /** Where its current item begins, and the colons before it. */
  item: number;
  keysBefore: number;
  readonly items: ScannedItem[];
}

function open(scan: Scan, at: number): void {
  if (scan.depth === 1) {
    scan.inItems = scan.bytes[at] === LIST && isItems(scan.bytes, scan.key);
  } else if (scan.depth === 2 && scan.inItems) {
    scan.item = at;
    scan.keysBefore = scan.keys;
  }
  scan.depth++;
}

function close(scan: Scan, at: number): void {
  scan.depth--;
  if (scan.depth === 2 && scan.inItems && scan.bytes[scan.item] === OBJECT) {
    scan.items.push({ start: scan.item, end: at + 1, keys: scan.keys - scan.keysBefore });
  }
}

function ownKeys({ keys, items }: Scan): number {
  return items.reduce((left, item) => left - item.keys, keys);
}

/** Where the string that begins at a quote ends; the end of the stretch for one that does not. */
function endOfString(bytes: Buffer, start: number, end: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0 && at < end; at = bytes.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return end;
}

const ITEMS = Buffer.from('"items"');

function isItems(bytes: Buffer, key: number): boolean {
  return bytes.subarray(key, key + ITEMS.length).equals(ITEMS);
}
