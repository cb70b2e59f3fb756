import { EVENT_ID, type Event } from "js-yaml";
import type { Fault } from "./fault.ts";

/** How many values a node stands for: all of them, and those that come from aliases. */
interface Size {
  readonly all: number;
  readonly aliased: number;
}

interface OpenNode {
  all: number;
  aliased: number;
  readonly anchor: string;
}

/** What is known on the way through a document. */
interface Count {
  readonly text: string;
  readonly anchors: Map<string, Size>;
  readonly open: OpenNode[];
}

const SCALAR: Size = { all: 1, aliased: 0 };

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
  const { text, anchors, open } = count;
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      anchors.clear();
      open.push({ all: 0, aliased: 0, anchor: "" });
      return undefined;
    case EVENT_ID.MAPPING:
    case EVENT_ID.SEQUENCE:
      open.push({ ...SCALAR, anchor: anchorOf(text, event) });
      return undefined;
    case EVENT_ID.SCALAR:
      close(count, SCALAR, anchorOf(text, event));
      return undefined;
    case EVENT_ID.ALIAS: {
      const name = anchorOf(text, event);
      if (open.some(({ anchor }) => anchor === name)) return faultAt(event.anchorStart, `${name} contains itself`);
      const { all } = anchors.get(name) ?? SCALAR;
      close(count, { all: all + 1, aliased: all }, "");
      return undefined;
    }
    case EVENT_ID.POP: {
      const { anchor, ...size } = open.pop() ?? { ...SCALAR, anchor: "" };
      if (isExcessive(size)) return faultAt(0, "they would become too many values");
      close(count, size, anchor);
      return undefined;
    }
  }
}

function close({ anchors, open }: Count, size: Size, anchor: string): void {
  if (anchor !== "") anchors.set(anchor, size);
  const parent = open.at(-1);
  if (parent === undefined) return;
  parent.all += size.all;
  parent.aliased += size.aliased;
}

function anchorOf(text: string, { anchorStart, anchorEnd }: { anchorStart: number; anchorEnd: number }): string {
  return anchorStart < 0 ? "" : text.slice(anchorStart, anchorEnd);
}

function faultAt(offset: number, reason: string): Fault {
  return { offset, message: `its aliases can't be resolved: ${reason}` };
}

const FEW = 400_000;
const MANY = 4_000_000;

function isExcessive({ all, aliased }: Size): boolean {
  const share = Math.min(Math.max((all - FEW) / (MANY - FEW), 0), 1);
  return aliased > 100 && all > 1000 && aliased / all > 0.99 - 0.89 * share;
}
