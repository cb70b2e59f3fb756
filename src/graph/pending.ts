import { hashText } from "../lib/hash.ts";
import { byText, sortedBy } from "../lib/sort.ts";
import type { Protocol } from "../model/flow.ts";
import { BottomK } from "./bottom-k.ts";
import { EvidenceLog } from "./evidence-log.ts";
import { type Witness } from "./witness.ts";

/** How many undecided groups are kept: those with the smallest hashes, so that order does not matter. */
const CAPACITY = 65_536;
/** Grouped ports kept of one end. */
export const PORTS_KEPT = 64;
/** Ports from here up are grouped: a client takes another one for every connection. */
const GROUPED_FROM = 32_768;

/** One side of connections whose client is not known: its port, or the grouped ports it used. */
export interface PendingEnd {
  readonly sighting: number;
  /** Undefined when grouped. */
  readonly port: number | undefined;
  /** The grouped ports themselves, a sample when there are many. */
  readonly ports: BottomK;
}

/** Connections between two ends whose client no single record gave away. */
export interface Pending {
  readonly a: PendingEnd;
  readonly b: PendingEnd;
  readonly protocol: Protocol;
  /** What an unreliable bit claims: that `a` is the client. Undefined when nothing was claimed. */
  readonly claimed: boolean;
  /** True when one end showed a node's identity where a pod's is known to get lost. */
  readonly onOverlay: boolean;
  /** Written as if `a` were the client. */
  readonly log: EvidenceLog;
  records: number;
}

export interface PendingSight {
  readonly a: number;
  readonly b: number;
  readonly claimed: boolean;
  readonly onOverlay: boolean;
  readonly protocol: Protocol;
  /** Canonical texts of the sightings, for an order that does not depend on arrival. */
  readonly keys: readonly [string, string];
}

/** A group in the store, with what decides whether it stays there. */
interface Held {
  readonly text: string;
  readonly hash: number;
  readonly pending: Pending;
}

/**
 * A bounded store of {@link Pending} groups. Which groups stay when it is full depends on the set of groups alone, and
 * one that stays is whole: the bound only ever falls, so nothing of it was turned away before.
 */
export class PendingConnections {
  readonly #capacity: number;
  readonly #giveUp: (pending: Pending) => void;
  readonly #groups = new Map<string, Held>();
  #bound = Number.POSITIVE_INFINITY;

  /** @param giveUp gets what does not fit: whole groups, and groups of a single record */
  constructor(giveUp: (pending: Pending) => void, capacity = CAPACITY) {
    this.#giveUp = giveUp;
    this.#capacity = capacity;
  }

  /** How many groups are held. */
  get size(): number {
    return this.#groups.size;
  }

  /** Adds a record seen from `a` to `b` (`witness.client` is `a`). */
  add(sight: PendingSight, witness: Witness): void {
    const [ordered, from] = orderly(sight, witness);
    const shell = shellOf(ordered, from);
    let pending = this.#groups.get(placeText(shell))?.pending;
    const isNew = pending === undefined;
    pending ??= { ...shell, log: new EvidenceLog(), records: 0 };
    pending.records++;
    pending.log.add(from);
    pending.a.ports.add(from.clientPort ?? 0);
    pending.b.ports.add(from.serverPort ?? 0);
    if (isNew) this.#insert(pending, ordered.keys);
  }

  /** Puts a group in whole, as read from a snapshot. */
  put(pending: Pending, keys: readonly [string, string]): void {
    const known = this.#groups.get(placeText(pending))?.pending;
    if (known === undefined) return this.#insert(pending, keys);
    known.log.merge(pending.log);
    known.a.ports.merge(pending.a.ports);
    known.b.ports.merge(pending.b.ports);
    known.records += pending.records;
  }

  /** The groups that stay, in the order of their canonical text; the others are given up. */
  list(): Pending[] {
    this.#trim();
    return sortedBy(this.#groups.values(), ({ text }) => text).map(({ pending }) => pending);
  }

  #insert(pending: Pending, keys: readonly [string, string]): void {
    const text = groupText(pending, keys);
    const hash = hashText(text);
    if (hash > this.#bound) return this.#giveUp(pending);
    this.#groups.set(placeText(pending), { text, hash, pending });
    if (this.#groups.size > this.#capacity * 1.25) this.#trim();
  }

  #trim(): void {
    if (this.#groups.size <= this.#capacity) return;
    const sorted = [...this.#groups].toSorted(([, a], [, b]) => a.hash - b.hash || byText(a.text, b.text));
    this.#bound = sorted[this.#capacity - 1]?.[1].hash ?? this.#bound;
    for (const [place, { pending }] of sorted.slice(this.#capacity)) {
      this.#groups.delete(place);
      this.#giveUp(pending);
    }
  }
}

function shellOf(sight: PendingSight, witness: Witness): Omit<Pending, "log" | "records"> {
  const { claimed, onOverlay, protocol } = sight;
  return { a: end(sight.a, witness.clientPort), b: end(sight.b, witness.serverPort), protocol, claimed, onOverlay };
}

/** A key in this store: short, since it is made for every record, and good for nothing outside. */
function placeText({ a, b, protocol, claimed, onOverlay }: Omit<Pending, "log" | "records">): string {
  return `${a.sighting} ${b.sighting} ${a.port ?? ""} ${b.port ?? ""} ${protocol} ${claimed} ${onOverlay}`;
}

/** Unclaimed groups have no first end by nature: the smaller text comes first. */
function orderly(sight: PendingSight, witness: Witness): [PendingSight, Witness] {
  const [first, second] = sight.keys;
  const { client, clientPort, server, serverPort } = witness;
  const inOrder = first < second || (first === second && (clientPort ?? 0) <= (serverPort ?? 0));
  if (sight.claimed || inOrder) return [sight, witness];
  const turned = { ...sight, a: sight.b, b: sight.a, keys: [second, first] as const };
  return [turned, { ...witness, client: server, clientPort: serverPort, server: client, serverPort: clientPort }];
}

function end(sighting: number, port: number | undefined): PendingEnd {
  const grouped = port !== undefined && port >= GROUPED_FROM;
  return { sighting, port: grouped ? undefined : port, ports: new BottomK(PORTS_KEPT) };
}

function groupText(pending: Omit<Pending, "log" | "records">, keys: readonly [string, string]): string {
  const { a, b, protocol, claimed, onOverlay } = pending;
  return JSON.stringify([keys, a.port ?? -1, b.port ?? -1, protocol, claimed, onOverlay]);
}
