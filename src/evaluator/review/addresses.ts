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
  const owners = new Map<string, Set<string>>();
  const note = (address: string, owner: string): void => {
    const known = owners.get(address) ?? new Set();
    owners.set(address, known.add(owner));
  };
  for (const { client, server, evidence } of graph?.edges ?? []) {
    for (const peer of [client, server]) listOf(addressOf(peer)).forEach((address) => note(address, "outside"));
    if (client.kind !== "workload") continue;
    for (const sample of evidence.samples) {
      const address = parseAddress(sample.client.slice(0, sample.client.lastIndexOf(":")).replaceAll(/[[\]]/gu, ""));
      if (address !== undefined) note(addressKey(address), `workload ${client.workload}`);
    }
  }
  const found = new Map<WorkloadKey, string[]>();
  for (const [address, [owner = "", ...others]] of [...owners].toSorted(([a], [b]) => byText(a, b))) {
    if (others.length > 0 || owner === "outside") continue;
    const key = owner.slice("workload ".length);
    found.set(key, [...(found.get(key) ?? []), address]);
  }
  return found;
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
