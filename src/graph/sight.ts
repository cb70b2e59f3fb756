import type { Endpoint } from "../model/flow.ts";
import type { Observations, SightingId } from "./observations.ts";
import { isForgottenPod, podSighting, reservedLabels, type Sighting, sightingKey } from "./sighting.ts";

/** The last time ECMAScript has, milliseconds since the epoch: a pod seen at an unknown time may have been there at any. */
const LAST_TIME = 8.64e15;

/** What is remembered about one interned endpoint. */
interface KnownEndpoint {
  /** Undefined when only the address can tell who it is. */
  readonly pod: SightingId | undefined;
  /** Reserved labels, sorted, and as one text. */
  readonly reserved: readonly string[];
  readonly reservedText: string;
  /** True for a named pod: the address beside it is its own then, not that of a proxy or a node. */
  readonly ownsAddress: boolean;
}

/** One side of a record as it was sighted. */
export interface Sight {
  readonly endpoint: Endpoint;
  readonly ip: string | undefined;
  readonly service: string | undefined;
  readonly time: number | undefined;
  /** The packet left the reporting node: `host` is that node then, and not the one of the pod it goes to. */
  readonly leavesNode: boolean;
}

/** Turns sides of records into sightings, remembering per interned endpoint what it already worked out. */
export class Sighter {
  readonly #observations: Observations;
  readonly #endpoints = new WeakMap<Endpoint, KnownEndpoint>();
  readonly #addresses = new Map<string, SightingId>();
  readonly #keys: string[] = [];

  constructor(observations: Observations) {
    this.#observations = observations;
  }

  /** The sighting of one side; notes which pod held the address at that time. */
  sight(side: Sight): SightingId {
    const known = this.known(side.endpoint);
    if (known.pod === undefined) return this.#address(side.leavesNode ? this.#away(known) : known, side);
    if (known.ownsAddress && side.ip !== undefined) {
      this.#observations.addTenancy(side.ip, known.pod, side.time ?? -LAST_TIME, side.time ?? LAST_TIME);
    }
    return known.pod;
  }

  /** True when nothing but its address says who this side is. */
  isBare(endpoint: Endpoint): boolean {
    return this.known(endpoint).pod === undefined;
  }

  /** Canonical text of a sighting. */
  keyOf(id: SightingId): string {
    const known = this.#keys[id];
    if (known !== undefined) return known;
    const sighting = this.#observations.sightings[id];
    const key = sighting === undefined ? "" : sightingKey(sighting);
    this.#keys[id] = key;
    return key;
  }

  known(endpoint: Endpoint): KnownEndpoint {
    const known = this.#endpoints.get(endpoint);
    if (known !== undefined) return known;
    const fresh = this.#read(endpoint);
    this.#endpoints.set(endpoint, fresh);
    return fresh;
  }

  #read(endpoint: Endpoint): KnownEndpoint {
    const reserved = isForgottenPod(endpoint) ? [...reservedLabels(endpoint), "unknown"] : reservedLabels(endpoint);
    const sighting = podSighting(endpoint);
    if (sighting?.cluster !== undefined) {
      this.#observations.addFact("cluster", sighting.cluster);
      if (endpoint.local) this.#observations.addFact("home-cluster", sighting.cluster);
    }
    return {
      pod: sighting === undefined ? undefined : this.#observations.idOf(sighting),
      reserved,
      reservedText: reserved.join(","),
      ownsAddress: sighting?.kind === "pod",
    };
  }

  #away(known: KnownEndpoint): KnownEndpoint {
    if (!known.reserved.includes("host")) return known;
    const reserved = known.reserved.map((name) => (name === "host" ? "remote-node" : name));
    return { ...known, reserved, reservedText: reserved.join(",") };
  }

  #address(known: KnownEndpoint, side: Sight): SightingId {
    const text = `${side.ip ?? ""} ${known.reservedText} ${side.service ?? ""}`;
    const id = this.#addresses.get(text);
    if (id !== undefined) return id;
    const sighting: Sighting = { kind: "address", address: side.ip, reserved: known.reserved, service: side.service };
    const fresh = this.#observations.idOf(sighting);
    this.#addresses.set(text, fresh);
    return fresh;
  }
}
