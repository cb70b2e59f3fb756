import { byText } from "../lib/sort.ts";
import type { Protocol } from "../model/flow.ts";
import type { QuarantineReason } from "../model/graph.ts";
import { AttemptLog, EvidenceLog } from "./evidence-log.ts";
import { type Pending, PendingConnections } from "./pending.ts";
import { type Sighting, sightingKey } from "./sighting.ts";

/** Index of a sighting in {@link Observations.sightings}: depends on the order of arrival, never printed. */
export type SightingId = number;

export interface ObservedEdge {
  readonly client: SightingId;
  readonly server: SightingId;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly log: EvidenceLog;
}

export interface ObservedDenial {
  readonly client: SightingId;
  readonly server: SightingId;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly reason: string;
  readonly byPolicy: boolean;
  readonly log: AttemptLog;
}

/** A number that grows. */
export interface Counter {
  value: number;
}

/** When a pod was seen holding an address, milliseconds since the epoch. */
export interface Tenancy {
  first: number;
  last: number;
}

/** Names kept per address: the alphabetically first, so that order does not matter. */
const NAMES_PER_ADDRESS = 8;

/**
 * Everything learned so far, before it is decided who is who: edges between sightings, refused attempts, connections
 * whose client is not known yet, which pod held which address when. It merges commutatively and its size depends on
 * what was distinct, not on how often it was seen.
 */
export class Observations {
  readonly sightings: Sighting[] = [];
  readonly quarantine: Map<QuarantineReason, AttemptLog> = new Map();
  readonly pending: PendingConnections = new PendingConnections(({ log, records }) => {
    this.quarantined("undirected").merge(log);
    this.count("aside:undirected", records);
  });
  readonly tenancies: Map<string, Map<SightingId, Tenancy>> = new Map();
  readonly names: Map<string, Set<string>> = new Map();
  /** Text facts: `cluster`, `home-cluster`, `node`, `unavailable-node`. */
  readonly sets: Map<string, Set<string>> = new Map();
  first: number | undefined;
  last: number | undefined;
  readonly #counters = new Map<string, Counter>();
  readonly #ids = new Map<string, SightingId>();
  /** Numbers of pairs of ends, and the edges by such a number and a port: two flat maps take half of what nested ones do. */
  readonly #pairs = new Map<number, number>();
  readonly #edges = new Map<number, ObservedEdge>();
  readonly #denials = new Map<string, ObservedDenial>();

  idOf(sighting: Sighting): SightingId {
    const key = sightingKey(sighting);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.sightings.push(sighting) - 1;
    this.#ids.set(key, id);
    return id;
  }

  /** Puts a whole group of undecided connections in, as it was remembered before. */
  putPending(group: Pending): void {
    this.pending.put(group, [this.#keyOf(group.a.sighting), this.#keyOf(group.b.sighting)]);
  }

  #keyOf(id: SightingId): string {
    const sighting = this.sightings[id];
    return sighting === undefined ? "" : sightingKey(sighting);
  }

  /** The log of an edge, made when it is new. */
  edge(client: SightingId, server: SightingId, protocol: Protocol, port: number | undefined): ObservedEdge {
    const ends = client * 2 ** 26 + server;
    let pair = this.#pairs.get(ends);
    if (pair === undefined) this.#pairs.set(ends, (pair = this.#pairs.size));
    const key = pair * PORT_KEYS + portKey(protocol, port);
    let edge = this.#edges.get(key);
    if (edge === undefined) this.#edges.set(key, (edge = { client, server, protocol, port, log: new EvidenceLog() }));
    return edge;
  }

  denial(attempt: Omit<ObservedDenial, "log">): ObservedDenial {
    const { client, server, protocol, port, reason, byPolicy } = attempt;
    const key = `${client} ${server} ${protocol} ${port ?? ""} ${byPolicy} ${reason}`;
    let denial = this.#denials.get(key);
    if (denial === undefined) this.#denials.set(key, (denial = { ...attempt, log: new AttemptLog() }));
    return denial;
  }

  quarantined(reason: QuarantineReason): AttemptLog {
    let log = this.quarantine.get(reason);
    if (log === undefined) this.quarantine.set(reason, (log = new AttemptLog()));
    return log;
  }

  addTenancy(address: string, pod: SightingId, first: number, last: number): void {
    let tenants = this.tenancies.get(address);
    if (tenants === undefined) this.tenancies.set(address, (tenants = new Map()));
    const tenancy = tenants.get(pod);
    if (tenancy === undefined) tenants.set(pod, { first, last });
    else {
      if (first < tenancy.first) tenancy.first = first;
      if (last > tenancy.last) tenancy.last = last;
    }
  }

  addName(address: string, name: string): void {
    const names = this.names.get(address) ?? new Set();
    if (names.has(name)) return;
    names.add(name);
    this.names.set(address, new Set(firstNames([...names])));
  }

  addFact(set: string, text: string): void {
    let facts = this.sets.get(set);
    if (facts === undefined) this.sets.set(set, (facts = new Set()));
    facts.add(text);
  }

  count(what: string, by = 1): void {
    this.counter(what).value += by;
  }

  /** A counter to hold on to, for what is counted with every record. */
  counter(what: string): Counter {
    let counter = this.#counters.get(what);
    if (counter === undefined) this.#counters.set(what, (counter = { value: 0 }));
    return counter;
  }

  /** Counters of records that are not zero; they add up, so a record read twice counts twice. */
  get counts(): ReadonlyMap<string, number> {
    const counted = [...this.#counters].filter(([, { value }]) => value !== 0);
    return new Map(counted.map(([what, { value }]) => [what, value]));
  }

  addTime(time: number | undefined): void {
    if (time === undefined) return;
    if (this.first === undefined || time < this.first) this.first = time;
    if (this.last === undefined || time > this.last) this.last = time;
  }

  /** Distinct things remembered: what the size of all this depends on. */
  get size(): number {
    const { sightings, pending, names } = this;
    return sightings.length + this.#edges.size + this.#denials.size + pending.size + names.size;
  }

  edges(): Iterable<ObservedEdge> {
    return this.#edges.values();
  }

  denials(): Iterable<ObservedDenial> {
    return this.#denials.values();
  }
}

/** The names that are kept of one address: distinct, in the alphabet's order. */
export function firstNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted(byText).slice(0, NAMES_PER_ADDRESS);
}

const PROTOCOLS: readonly Protocol[] = ["TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "other"];

const PORT_KEYS = PROTOCOLS.length * 65_536;

function portKey(protocol: Protocol, port: number | undefined): number {
  return PROTOCOLS.indexOf(protocol) * 65_536 + (port ?? 0);
}
