import { byText } from "../../lib/sort.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { Peer, WorkloadKey } from "../../model/peer.ts";
import { addressKey, parseAddress } from "../network/address.ts";

/** Gives pods whose address nobody knows one that no cluster has (240.0.0.0/4), the same each time. */
export class AddressBook {
  readonly #given = new Map<string, string>();
  readonly #taken: ReadonlySet<string>;
  #next = 240 * 2 ** 24;

  /** @param edges whose addresses are passed over */
  constructor(edges: readonly Edge[]) {
    this.#taken = new Set(
      edges.flatMap(({ client, server }) => [addressOf(client), addressOf(server)].flatMap(listOf)),
    );
  }

  /** The address of a pod. */
  of(pod: string): string {
    const known = this.#given.get(pod);
    if (known !== undefined) return known;
    let text: string;
    do {
      this.#next += 1;
      text = [24, 16, 8, 0].map((shift) => (this.#next >>> shift) & 0xff).join(".");
    } while (this.#taken.has(text));
    this.#given.set(pod, text);
    return text;
  }
}

/**
 * Addresses that workloads opened connections from, as the samples of their edges show: sorted. Those that several
 * workloads, or something outside, had too are left out: pods come and go, addresses stay.
 */
export function observedAddresses(
  graph: Pick<CommunicationGraph, "edges"> | undefined,
): ReadonlyMap<WorkloadKey, readonly string[]> {
  const owners = ownersByAddress(graph?.edges ?? []);
  const found = new Map<WorkloadKey, string[]>();
  for (const [address, [owner, ...others]] of [...owners].toSorted(([a], [b]) => byText(a, b))) {
    if (owner === undefined || owner === OUTSIDE || others.length > 0) continue;
    found.set(owner, [...(found.get(owner) ?? []), address]);
  }
  return found;
}

/** Stands among owners, whose keys have a slash, for everybody who is no workload. */
const OUTSIDE = "outside";

function ownersByAddress(edges: readonly Edge[]): ReadonlyMap<string, ReadonlySet<string>> {
  const owners = new Map<string, Set<string>>();
  const note = (address: string | undefined, owner: string): void => {
    if (address !== undefined) owners.set(address, (owners.get(address) ?? new Set()).add(owner));
  };
  for (const { client, server, evidence } of edges) {
    for (const peer of [client, server]) note(addressOf(peer), OUTSIDE);
    if (client.kind !== "workload") continue;
    for (const sample of evidence.samples) note(clientAddress(sample.client), client.workload);
  }
  return owners;
}

/** The address of `10.0.0.1:8080` or `[2001:db8::1]:8080`. */
function clientAddress(text: string): string | undefined {
  const address = parseAddress(text.slice(0, text.lastIndexOf(":")).replaceAll(/[[\]]/gu, ""));
  return address && addressKey(address);
}

/** Addresses of nodes, as edges with them show: their names for people by canonical text. */
export function nodeAddresses(graph: Pick<CommunicationGraph, "edges"> | undefined): ReadonlyMap<string, string> {
  const nodes = new Map<string, string>();
  for (const peer of (graph?.edges ?? []).flatMap(({ client, server }) => [client, server])) {
    const isNode = peer.kind === "entity" && ["host", "remote-node", "kube-apiserver"].includes(peer.entity);
    const address = isNode ? addressOf(peer) : undefined;
    if (address !== undefined && peer.kind === "entity") nodes.set(address, peer.entity);
  }
  return new Map([...nodes].toSorted(([a], [b]) => byText(a, b)));
}

function addressOf(peer: Peer): string | undefined {
  const address = peer.kind === "workload" || peer.address === undefined ? undefined : parseAddress(peer.address);
  return address && addressKey(address);
}

function listOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text];
}
