import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from "js-yaml";
import type { ManifestPath, Misread, MisreadPair } from "../../model/manifest-object.ts";
import { misreadOf, readPlain } from "./plain-scalar.ts";
import { DEEPEST } from "./yaml-document.ts";
import { keyText } from "./yaml-schema.ts";

/** Where the nodes of a YAML text stand, by document and path. Offsets are UTF-16 units of the text. */
export interface NodePlaces {
  /** Where the key or list item begins that a path leads to, or the nearest part around it that is there. */
  readonly offsetOf: (document: number, path: ManifestPath) => number;
  readonly misreadAt: (document: number, path: ManifestPath) => MisreadPair;
}

/** Indexes of the events that are a child. The key of a list item is the item. */
interface Child {
  readonly key: number;
  readonly value: number;
}

interface Parsed {
  readonly text: string;
  readonly events: readonly Event[];
  /** For the event that opens something, the index of the one that closes it. */
  readonly ends: Int32Array;
}

/** Finds the places of a text that was read before; for one that can't be, everything is at its beginning. */
export function nodePlaces(text: string): NodePlaces {
  const parsed = parse(text);
  const roots = parsed.events.flatMap(({ type }, index) => (type === EVENT_ID.DOCUMENT ? [index + 1] : []));
  return {
    offsetOf: (document, path) => {
      const root = roots[document] ?? 0;
      let offset = offsetOf(parsed, root) ?? 0;
      for (const { key } of walk(parsed, root, path)) offset = offsetOf(parsed, key) ?? offset;
      return offset;
    },
    misreadAt: (document, path) => {
      const steps = walk(parsed, roots[document] ?? 0, path);
      const last = steps.length === path.length ? steps.at(-1) : undefined;
      return { key: last && misread(parsed, last.key), value: last && misread(parsed, last.value) };
    },
  };
}

function parse(text: string): Parsed {
  let events: readonly Event[] = [];
  try {
    events = parseEvents(text, { maxDepth: DEEPEST });
  } catch {
    // Nothing of a text that does not parse is asked for but where it begins.
  }
  const ends = new Int32Array(events.length);
  const open: number[] = [];
  for (const [index, { type }] of events.entries()) {
    if (type === EVENT_ID.DOCUMENT || type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE) open.push(index);
    else if (type === EVENT_ID.POP) ends[open.pop() ?? 0] = index;
  }
  return { text, events, ends };
}

/** The children a path leads through, as far as they are there. */
function walk(parsed: Parsed, root: number, path: ManifestPath): readonly Child[] {
  const steps: Child[] = [];
  let node = root;
  for (const step of path) {
    const child = childOf(parsed, resolved(parsed, node), step);
    if (child === undefined) break;
    steps.push(child);
    node = child.value;
  }
  return steps;
}

function childOf(parsed: Parsed, node: number, step: string | number): Child | undefined {
  const { events, ends } = parsed;
  const type = events[node]?.type;
  const end = ends[node] ?? 0;
  if (type === EVENT_ID.SEQUENCE && typeof step === "number") {
    let item = node + 1;
    for (let left = step; left > 0 && item < end; left--) item = behind(parsed, item);
    return item < end ? { key: item, value: item } : undefined;
  }
  if (type !== EVENT_ID.MAPPING) return undefined;
  for (let key = node + 1; key < end; ) {
    const value = behind(parsed, key);
    if (keyOf(parsed, key) === String(step)) return { key, value };
    key = behind(parsed, value);
  }
  return undefined;
}

/** The event behind a node. */
function behind({ events, ends }: Parsed, node: number): number {
  const type = events[node]?.type;
  return type === EVENT_ID.MAPPING || type === EVENT_ID.SEQUENCE ? (ends[node] ?? node) + 1 : node + 1;
}

/** What an alias stands for: the last node before it that has its anchor. */
function resolved({ text, events }: Parsed, node: number): number {
  const alias = events[node];
  if (alias?.type !== EVENT_ID.ALIAS) return node;
  const name = text.slice(alias.anchorStart, alias.anchorEnd);
  return events.findLastIndex(
    (event, index) =>
      index < node &&
      (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.SCALAR) &&
      event.anchorStart >= 0 &&
      text.slice(event.anchorStart, event.anchorEnd) === name,
  );
}

function keyOf(parsed: Parsed, node: number): string | undefined {
  const plain = plainText(parsed, node);
  if (plain !== undefined) return keyText(readPlain(plain));
  const event = parsed.events[node];
  return event?.type === EVENT_ID.SCALAR ? getScalarValue(parsed.text, event) : undefined;
}

function misread(parsed: Parsed, node: number): Misread | undefined {
  const plain = plainText(parsed, node);
  return plain === undefined ? undefined : misreadOf(plain);
}

/** Undefined for what stands in quotes, or says itself what it is. */
function plainText({ text, events }: Parsed, node: number): string | undefined {
  const event = events[node];
  const isPlain = event?.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN && event.tagStart < 0;
  return isPlain ? getScalarValue(text, event) : undefined;
}

/** A block of text begins on the line before its first. */
function isBlock(style: number): boolean {
  return style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK;
}

/** Undefined for an empty node, which is nowhere. */
function offsetOf({ events }: Parsed, node: number): number | undefined {
  const event = events[node];
  let offset: number | undefined;
  if (event?.type === EVENT_ID.SCALAR) offset = event.valueStart - (isBlock(event.style) ? 1 : 0);
  else if (event?.type === EVENT_ID.ALIAS) offset = event.anchorStart;
  else if (event?.type === EVENT_ID.MAPPING || event?.type === EVENT_ID.SEQUENCE) offset = event.start;
  return offset === undefined || offset < 0 ? undefined : offset;
}
