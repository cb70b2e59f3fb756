import { hashPair, hashSocket } from "../lib/hash.ts";
import type { EvidenceKind } from "../model/evidence.ts";
import type { Protocol } from "../model/flow.ts";

const PROTOCOL_CODES: Readonly<Record<Protocol, number>> = {
  TCP: 6,
  UDP: 17,
  SCTP: 132,
  ICMPv4: 1,
  ICMPv6: 58,
  other: 0,
};

/** One record's worth of evidence, client and server told apart. */
export interface Witness {
  readonly time: number | undefined;
  readonly client: string;
  readonly clientPort: number | undefined;
  readonly server: string;
  readonly serverPort: number | undefined;
  readonly protocol: Protocol;
  readonly node: string | undefined;
  readonly kind: EvidenceKind;
  /** The record is of the very packet that opened the connection. */
  readonly opening: boolean;
  readonly passed: boolean;
  readonly audited: boolean;
  /** Weak: confirms an edge that something else made, makes none. */
  readonly confirmsOnly: boolean;
}

/** One connection, whatever record showed it and whichever end it calls the client. */
export function tupleHash({ client, clientPort, server, serverPort, protocol }: Witness): number {
  const one = hashSocket(client, clientPort ?? 0);
  const other = hashSocket(server, serverPort ?? 0);
  const pair = one < other ? hashPair(one, other) : hashPair(other, one);
  return hashPair(pair, PROTOCOL_CODES[protocol]);
}
