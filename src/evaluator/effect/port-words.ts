import type { PolicyProtocol } from "../../model/flow.ts";

/** Ports of one protocol, both ends inclusive. */
export interface PortRange {
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly endPort: number;
}

const PROTOCOLS: readonly PolicyProtocol[] = ["TCP", "UDP", "SCTP"];
const LAST = 65_535;
/** More than these are counted. */
const LISTED = 4;

/** Ports in words: `TCP/5432`, `TCP but 8080, UDP, SCTP`, `every port`. */
export function portWords(ranges: readonly PortRange[]): string {
  const words = PROTOCOLS.flatMap((protocol) => {
    const merged = mergedRanges(ranges.filter((range) => range.protocol === protocol));
    return merged.length === 0 ? [] : [protocolWords(protocol, merged)];
  });
  return words.join(", ") === PROTOCOLS.join(", ") ? "every port" : words.join(", ");
}

type Span = readonly [first: number, last: number];

function mergedRanges(ranges: readonly PortRange[]): readonly Span[] {
  const merged: [number, number][] = [];
  for (const { port, endPort } of ranges.toSorted((a, b) => a.port - b.port)) {
    const last = merged.at(-1);
    if (last !== undefined && port <= last[1] + 1) last[1] = Math.max(last[1], endPort);
    else merged.push([port, endPort]);
  }
  return merged;
}

function protocolWords(protocol: PolicyProtocol, spans: readonly Span[]): string {
  const without = gapsOf(spans);
  if (without.length === 0) return protocol;
  const missing = without.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return missing <= LISTED ? `${protocol} but ${spanWords(without)}` : `${protocol}/${spanWords(spans)}`;
}

function gapsOf(spans: readonly Span[]): readonly Span[] {
  const ends: readonly Span[] = [[0, 0], ...spans, [LAST + 1, LAST + 1]];
  return ends.slice(1).flatMap(([first], at): Span[] => {
    const from = (ends[at]?.[1] ?? 0) + 1;
    return from < first ? [[from, first - 1]] : [];
  });
}

function spanWords(spans: readonly Span[]): string {
  const shown = spans.slice(0, LISTED).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  const more = spans.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more ranges`}`;
}
