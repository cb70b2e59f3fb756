import { byText } from "../lib/sort.ts";
import type { Protocol } from "../model/flow.ts";
import { BottomK } from "./bottom-k.ts";
import { EvidenceLog, type Witness } from "./evidence-log.ts";
import { hashText } from "./hash.ts";

/** How many undecided groups are kept: those with the smallest hashes, so that order does not matter. */
const CAPACITY = 65_536;
const PORTS_KEPT = 64;
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

/** A bounded store of {@link Pending} groups. */
export class PendingConnections {
  /** Records of groups that were given up because the store was full. */
  overflow = 0;
  readonly #groups = new Map<string, { readonly hash: number; readonly pending: Pending }>();
  #bound = Number.POSITIVE_INFINITY;

  /** Adds a record seen from `a` to `b` (`witness.client` is `a`); false when it was left out because the store is full. */
  add(sight: PendingSight, witness: Witness): boolean {
    const [ordered, from] = orderly(sight, witness);
    const pending = this.#group(ordered, from);
    if (pending === undefined) return false;
    pending.records++;
    pending.log.add(from);
    pending.a.ports.add(from.clientPort ?? 0);
    pending.b.ports.add(from.serverPort ?? 0);
    return true;
  }

  /** Puts a group in whole, as read from a snapshot or another store. */
  put(pending: Pending, keys: readonly [string, string]): boolean {
    const text = groupText(pending, keys);
    const known = this.#groups.get(text);
    if (known === undefined) return this.#insert(text, pending);
    known.pending.log.merge(pending.log);
    known.pending.a.ports.merge(pending.a.ports);
    known.pending.b.ports.merge(pending.b.ports);
    known.pending.records += pending.records;
    return true;
  }

  /** The groups kept, in the order of their canonical text. */
  list(): Pending[] {
    this.#trim(CAPACITY);
    return [...this.#groups].toSorted(([a], [b]) => byText(a, b)).map(([, { pending }]) => pending);
  }

  #group(sight: PendingSight, witness: Witness): Pending | undefined {
    const shell = {
      a: end(sight.a, witness.clientPort),
      b: end(sight.b, witness.serverPort),
      protocol: sight.protocol,
      claimed: sight.claimed,
      onOverlay: sight.onOverlay,
    };
    const text = groupText(shell, sight.keys);
    const known = this.#groups.get(text);
    if (known !== undefined) return known.pending;
    const pending: Pending = { ...shell, log: new EvidenceLog(), records: 0 };
    return this.#insert(text, pending) ? pending : undefined;
  }

  #insert(text: string, pending: Pending): boolean {
    const hash = hashText(text);
    if (hash > this.#bound) return false;
    this.#groups.set(text, { hash, pending });
    if (this.#groups.size > CAPACITY * 1.25) this.#trim(CAPACITY);
    return this.#groups.has(text);
  }

  #trim(capacity: number): void {
    if (this.#groups.size <= capacity) return;
    const sorted = [...this.#groups].toSorted(([, a], [, b]) => a.hash - b.hash);
    this.#bound = sorted[capacity - 1]?.[1].hash ?? this.#bound;
    for (const [text, { pending }] of sorted.slice(capacity)) {
      this.#groups.delete(text);
      this.overflow += pending.records;
    }
  }
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
