import type { Directory, Holder, KnownWorkload } from "../model/directory.ts";
import type { QuarantineReason } from "../model/graph.ts";
import type { EntityName, Peer } from "../model/peer.ts";
import type { Observations, SightingId, Tenancy } from "./observations.ts";
import type { AddressSighting, Sighting } from "./sighting.ts";
import type { Membership, WorkloadIndex } from "./workloads.ts";

export type Role = "client" | "server";

/** When an edge was seen, for telling which pod held an address then. */
export interface Seen {
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
}

/** Who a sighting is, or why that can't be said. */
export type Identified = { readonly peer: Peer } | { readonly quarantine: QuarantineReason };

/**
 * A probe comes from the node whatever else runs there, and a connection to a node's address is to the API server
 * when the source says that it may be: the first match names the entity (flows.md 1.2, 1.5).
 */
const ENTITY_ORDER: Readonly<Record<Role, readonly EntityName[]>> = {
  client: ["ingress", "host", "remote-node", "kube-apiserver", "unmanaged"],
  server: ["kube-apiserver", "ingress", "host", "remote-node", "unmanaged"],
};

/** True for an address that stands for something other than its holder. */
export function isEntity({ reserved }: Pick<AddressSighting, "reserved">): boolean {
  return ENTITY_ORDER.client.some((name) => reserved.includes(name));
}

/** Reserved identities that mean "not known yet". */
const UNKNOWN_LABELS: readonly string[] = ["init", "unknown", "overlay-to-encrypt"];

/** How far apart two nodes' clocks, or a record and its pod, may be. */
const SLACK_MS = 5 * 60_000;

/** Where in a connection somebody stands. */
interface Position {
  readonly role: Role;
  /** The node that the other end is on, where that is known. */
  readonly beside: string | undefined;
}

/** Answers who is behind a sighting; asked after everything was read, so that what came last counts as well. */
export class Identifier {
  readonly directory: Directory | undefined;
  readonly #observations: Observations;
  readonly #index: WorkloadIndex;

  constructor(observations: Observations, index: WorkloadIndex, directory: Directory | undefined) {
    this.#observations = observations;
    this.#index = index;
    this.directory = directory;
  }

  /** @param beside the node that the other end is on, where that is known: traffic from there is the pod's own node's */
  identify(id: SightingId, role: Role, seen: Seen, beside?: string): Identified {
    const sighting = this.sightingOf(id);
    if (sighting?.kind === "address") return this.#address(sighting, role, seen, beside);
    return fromMembership(this.#index.members.get(id));
  }

  sightingOf(id: SightingId): Sighting | undefined {
    return this.#observations.sightings[id];
  }

  /** The node of the pod behind a bare address, by the cluster's objects. */
  nodeOf(id: SightingId, seen: Seen): string | undefined {
    const sighting = this.sightingOf(id);
    const holder = sighting?.kind === "address" ? this.#holder(sighting, seen) : undefined;
    return holder?.kind === "workload" ? holder.node : undefined;
  }

  /** A workload that the cluster's objects describe, as a peer. */
  known(workload: KnownWorkload): Identified {
    return fromMembership(this.#index.membershipOf(workload));
  }

  #address(sighting: AddressSighting, role: Role, seen: Seen, beside: string | undefined): Identified {
    const entity = ENTITY_ORDER[role].find((name) => sighting.reserved.includes(name));
    if (entity !== undefined) return { peer: { kind: "entity", entity, address: sighting.address } };
    if (sighting.address === undefined) return { quarantine: "no-identity" };
    const tenant = this.#tenant(sighting, sighting.address, seen, { role, beside });
    if (tenant !== undefined) return tenant;
    if (sighting.service !== undefined || this.directory?.isServiceAddress(sighting.address) === true)
      return { quarantine: "service-address" };
    if (sighting.reserved.some((name) => UNKNOWN_LABELS.includes(name))) return { quarantine: "no-identity" };
    return { peer: { kind: "external", address: sighting.address } };
  }

  /**
   * The workload whose pod held an address while the edge was seen; addresses are used again within minutes. What
   * sources showed at that time beats the cluster's objects, and those beat what sources showed at another.
   */
  #tenant(sighting: AddressSighting, address: string, seen: Seen, position: Position): Identified | undefined {
    const tenancies = this.#observations.tenancies.get(address) ?? new Map<SightingId, Tenancy>();
    const then = this.#only([...tenancies].filter(([, tenancy]) => overlaps(tenancy, seen)).map(([id]) => id));
    if (then !== undefined) return fromMembership(then);
    const holder = this.#holder(sighting, seen);
    const held = holder && this.#held(holder, address, position);
    if (held !== undefined) return held;
    const ever = this.#only(tenancies.keys());
    if (ever !== undefined) return fromMembership(ever);
    if (tenancies.size > 0 || holder?.kind === "ambiguous") return { quarantine: "ambiguous-address" };
    return holder === undefined ? undefined : { quarantine: "no-identity" };
  }

  #held(holder: Holder, address: string, { role, beside }: Position): Identified | undefined {
    if (holder.kind === "workload") return this.known(holder.workload);
    if (holder.kind === "node-local") {
      // A rule can name the address, and none can name the node.
      const isServer = role === "server";
      return { peer: isServer ? { kind: "external", address } : { kind: "entity", entity: "host", address } };
    }
    if (holder.kind !== "node") return undefined;
    const isOwnNode = holder.node !== undefined && beside === holder.node;
    return { peer: { kind: "entity", entity: isOwnNode ? "host" : "remote-node", address } };
  }

  #holder({ address }: AddressSighting, { firstSeen, lastSeen }: Seen): Holder | undefined {
    return address === undefined ? undefined : this.directory?.holderOf(address, { first: firstSeen, last: lastSeen });
  }

  /** What all these pods are, when they are the same. */
  #only(pods: Iterable<SightingId>): Membership | undefined {
    const [first, ...others] = [...pods].map((id) => this.#index.members.get(id));
    if (others.length === 0) return first;
    const text = JSON.stringify(first);
    return others.every((membership) => JSON.stringify(membership) === text) ? first : undefined;
  }
}

/** True when a pod may have held an address while an edge was seen. */
export function overlaps(tenancy: Readonly<Tenancy>, seen: Seen): boolean {
  if (seen.firstSeen === undefined || seen.lastSeen === undefined) return true;
  return tenancy.first - SLACK_MS <= seen.lastSeen && seen.firstSeen <= tenancy.last + SLACK_MS;
}

/** One object a workload: an edge has two ends, and there are many edges. */
const peers = new WeakMap<Membership, Identified>();

function fromMembership(membership: Membership | undefined): Identified {
  const known = membership && peers.get(membership);
  if (known !== undefined) return known;
  const identified = identifiedAs(membership);
  if (membership !== undefined) peers.set(membership, identified);
  return identified;
}

function identifiedAs(membership: Membership | undefined): Identified {
  switch (membership?.kind) {
    case undefined:
      return { quarantine: "no-identity" };
    case "ambiguous":
      return { quarantine: "ambiguous-workload" };
    case "other-cluster":
      return { peer: { kind: "entity", entity: "other-cluster", address: undefined } };
    case "host-network":
      return { peer: { kind: "entity", entity: "remote-node", address: undefined } };
    case "workload":
      return { peer: { kind: "workload", workload: membership.key } };
  }
}
