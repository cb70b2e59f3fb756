import type { PolicyProtocol, Protocol } from "../../model/flow.ts";
import { lastNotAfter } from "./last-not-after.ts";
import { NOBODY, type PeerSet, unionOf } from "./peer-set.ts";

/** The transports by number, as tables keep them. */
export const PROTOCOLS: readonly PolicyProtocol[] = ["TCP", "UDP", "SCTP"];

/** Number of everything NetworkPolicy cannot name (rule 13). */
export const OTHER_PROTOCOL = 3;

export const LAST_PORT = 65_535;

/** Number of a protocol: its place in {@link PROTOCOLS}, or {@link OTHER_PROTOCOL}. */
export function protocolNumber(protocol: Protocol): number {
  switch (protocol) {
    case "TCP":
      return 0;
    case "UDP":
      return 1;
    case "SCTP":
      return 2;
    case "ICMPv4":
    case "ICMPv6":
    case "other":
      return OTHER_PROTOCOL;
  }
}

/** A protocol and a port in one number. */
export function serverPort(protocol: Protocol, port: number): number {
  return protocolNumber(protocol) * 0x10000 + port;
}

/** What one entry of a rule opens: ports from `first` to `last` of a protocol, for some peers. */
export interface Opening {
  readonly protocol: number;
  readonly first: number;
  readonly last: number;
  readonly sure: PeerSet;
  readonly unsure: PeerSet;
}

/**
 * The ports of one protocol, cut wherever the answer changes: atom `i` runs from `firsts[i]` to before the next. Cut
 * by the policies of one class, not of the cluster, so that a port used elsewhere costs nothing here; there are a
 * handful and a binary search finds the one. Parallel arrays, since a verdict must not touch more memory than it has to.
 */
export interface ProtocolTable {
  /** Ascending from 1. */
  readonly firsts: readonly number[];
  readonly sure: readonly PeerSet[];
  readonly unsure: readonly PeerSet[];
}

/** What is open at a class in one direction, by number of protocol. */
export type PortTable = readonly ProtocolTable[];

/** Makes a table of everything that is opened; `size` is how many peers there are. */
export function portTable(openings: readonly Opening[], size: number): PortTable {
  return PROTOCOLS.map((_, protocol) =>
    protocolTable(
      openings.filter((opening) => opening.protocol === protocol),
      size,
    ),
  );
}

/** Most policies name one protocol. */
const CLOSED: ProtocolTable = { firsts: [1], sure: [NOBODY], unsure: [NOBODY] };

function protocolTable(openings: readonly Opening[], size: number): ProtocolTable {
  if (openings.length === 0) {
    return CLOSED;
  }
  const bounds = new Set([1, ...openings.flatMap(({ first, last }) => [first, last + 1])]);
  bounds.delete(LAST_PORT + 1);
  const atoms = [...bounds]
    .toSorted((a, b) => a - b)
    .map((first) => ({ first, ...openOn(first, openings, size) }))
    .filter(({ sure, unsure }, index, all) => sure !== all[index - 1]?.sure || unsure !== all[index - 1]?.unsure);
  // Lists of exactly this length: tables are many, and are kept.
  return {
    firsts: atoms.map(({ first }) => first),
    sure: atoms.map(({ sure }) => sure),
    unsure: atoms.map(({ unsure }) => unsure),
  };
}

function openOn(port: number, openings: readonly Opening[], size: number): Pick<Opening, "sure" | "unsure"> {
  const open = openings.filter(({ first, last }) => first <= port && port <= last);
  return {
    sure: unionOf(
      open.map(({ sure }) => sure),
      size,
    ),
    unsure: unionOf(
      open.map(({ unsure }) => unsure),
      size,
    ),
  };
}

/** The atom that holds the port. */
export function portAtom({ firsts }: ProtocolTable, port: number): number {
  return lastNotAfter(firsts, port);
}
