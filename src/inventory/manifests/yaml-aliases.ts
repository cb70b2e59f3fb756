import { EVENT_ID, type Event } from "js-yaml";
import type { Fault } from "./fault.ts";

/** A node, and how many values it stands for: all of them, and those that come from aliases. */
interface CountedNode {
  all: number;
  aliased: number;
  /** True until its end was read. */
  isOpen: boolean;
}

/** What is known on the way through a document. */
interface Count {
  readonly text: string;
  /** The last node with each anchor. */
  readonly anchors: Map<string, CountedNode>;
  readonly open: CountedNode[];
}

/**
 * Whether the aliases of documents can be put in: not where a value would hold itself, and not where a few lines would
 * become millions of values. The bounds are go-yaml's (decode.go, allowedAliasRatio), and so the cluster's.
 *
 * @param events of a parsed text
 */
export function aliasFault(text: string, events: readonly Event[]): Fault | undefined {
  if (!events.some(({ type }) => type === EVENT_ID.ALIAS)) return undefined;
  const count: Count = { text, anchors: new Map(), open: [] };
  for (const event of events) {
    const fault = countEvent(count, event);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function countEvent(count: Count, event: Event): Fault | undefined {
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      count.anchors.clear();
      count.open.push({ all: 0, aliased: 0, isOpen: true });
      return undefined;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      count.open.push(nodeOf(count, event));
      return undefined;
    case EVENT_ID.SCALAR:
      add(count, nodeOf(count, event));
      return undefined;
    case EVENT_ID.ALIAS:
      return countAlias(count, event);
    case EVENT_ID.POP: {
      const node = count.open.pop();
      if (node === undefined) return undefined;
      if (isExcessive(node)) return faultAt(0, "they would become too many values");
      node.isOpen = false;
      add(count, node);
      return undefined;
    }
  }
}

function countAlias(count: Count, alias: Anchored): Fault | undefined {
  const name = anchorOf(count, alias);
  const node = count.anchors.get(name);
  if (node?.isOpen === true) return faultAt(alias.anchorStart, `${name} contains itself`);
  // One that stands for nothing is told about when values are made.
  const aliased = node?.all ?? 0;
  add(count, { all: aliased + 1, aliased });
  return undefined;
}

interface Anchored {
  readonly anchorStart: number;
  readonly anchorEnd: number;
}

function nodeOf(count: Count, event: Anchored & Pick<Event, "type">): CountedNode {
  const node = { all: 1, aliased: 0, isOpen: event.type !== EVENT_ID.SCALAR };
  if (event.anchorStart >= 0) count.anchors.set(anchorOf(count, event), node);
  return node;
}

function add({ open }: Count, { all, aliased }: Pick<CountedNode, "all" | "aliased">): void {
  const parent = open.at(-1);
  if (parent === undefined) return;
  parent.all += all;
  parent.aliased += aliased;
}

function anchorOf({ text }: Count, { anchorStart, anchorEnd }: Anchored): string {
  return text.slice(anchorStart, anchorEnd);
}

function faultAt(offset: number, reason: string): Fault {
  return { offset, message: `its aliases can't be resolved: ${reason}` };
}

const FEW = 400_000;
const MANY = 4_000_000;

function isExcessive({ all, aliased }: CountedNode): boolean {
  const share = Math.min(Math.max((all - FEW) / (MANY - FEW), 0), 1);
  return aliased > 100 && all > 1000 && aliased / all > 0.99 - 0.89 * share;
}
