import { NetlearnError } from "../../lib/errors.ts";
import type { ConnectionEnd } from "../network/world.ts";
import { type AddressNumber, type AddressSpace, addressNumber, atomOf } from "./address-space.ts";
import type { Classifier } from "./identity-classes.ts";
import type { ReadWorld } from "./read-world.ts";

/**
 * Every end a connection can have, by number: the pods in the order of the world, then pods seen at one of their
 * several addresses, nodes and shared addresses, then the atoms of addresses that are nobody's. Typed arrays, so that
 * a hundred thousand pods are some megabytes and a verdict makes no objects.
 */
export interface EndTable {
  /** Number of the peer (class or atom) of each end. */
  readonly peers: Int32Array;
  /** Number of the node a pod runs on or a node's address is of; -1 when nobody said. */
  readonly nodes: Int32Array;
  /** Number of the pod; -1 for the others. */
  readonly pods: Int32Array;
  readonly firstAtom: number;
  /** Ends by address where the address is not simply its pod. */
  readonly byAddress: ReadonlyMap<AddressNumber, number>;
}

/** The ends of a world, before the classes have their final numbers. */
export interface DraftEnds {
  /** Provisional class by number of end, pods first. */
  readonly provisional: readonly number[];
  /** The ends that follow the pods. */
  readonly others: readonly { readonly pod: number; readonly node: string | undefined }[];
  readonly byAddress: ReadonlyMap<AddressNumber, number>;
}

/** Sorts all ends of a world into classes. */
export function draftEnds(world: ReadWorld, classes: Classifier, namespaceOf: (name: string) => number): DraftEnds {
  const provisional = world.pods.map((read) => classes.pod(read, namespaceOf(read.pod.namespace), read.addresses));
  const others: { readonly pod: number; readonly node: string | undefined }[] = [];
  const byAddress = new Map<AddressNumber, number>();
  const add = (address: AddressNumber, found: number, end: (typeof others)[number]): void => {
    byAddress.set(address, provisional.push(found) - 1);
    others.push(end);
  };
  for (const [pod, read] of world.pods.entries()) {
    if (read.pod.hostNetwork || read.addresses.length < 2) {
      continue;
    }
    for (const address of read.addresses) {
      if (world.owners.get(address) === pod) {
        const found = classes.pod(read, namespaceOf(read.pod.namespace), [address]);
        add(address, found, { pod, node: read.pod.node });
      }
    }
  }
  for (const address of world.shared) {
    add(address, classes.address("shared", address), { pod: -1, node: undefined });
  }
  for (const [address, node] of world.nodes) {
    if (!world.owners.has(address)) {
      add(address, classes.address("node", address), { pod: -1, node });
    }
  }
  return { provisional, others, byAddress };
}

/** Finishes the ends: `numbers` are the final ones of provisional classes, and the peers from `atoms` on are atoms. */
export function endTable(
  world: ReadWorld,
  draft: DraftEnds,
  numbers: readonly number[],
  { atoms, size }: { readonly atoms: number; readonly size: number },
): EndTable {
  const { others, byAddress } = draft;
  const firstAtom = draft.provisional.length;
  const count = firstAtom + size - atoms;
  const peers = new Int32Array(count);
  const nodes = new Int32Array(count).fill(-1);
  const pods = new Int32Array(count).fill(-1);
  const nodeNumber = nodeNumbers();
  peers.set(endPeers(draft, numbers));
  for (const [end, { pod }] of world.pods.entries()) {
    pods[end] = end;
    nodes[end] = nodeNumber(pod.node);
  }
  for (const [place, { pod, node }] of others.entries()) {
    pods[world.pods.length + place] = pod;
    nodes[world.pods.length + place] = nodeNumber(node);
  }
  for (let peer = atoms; peer < size; peer++) {
    peers[firstAtom + peer - atoms] = peer;
  }
  return { peers, nodes, pods, firstAtom, byAddress };
}

/** Peers of drafted ends: `numbers` are the final ones of provisional classes. */
export function endPeers({ provisional }: DraftEnds, numbers: readonly number[]): Int32Array {
  return Int32Array.from(provisional, (found) => numbers[found] ?? -1);
}

/** Numbers names of nodes; -1 when nobody said. */
function nodeNumbers(): (name: string | undefined) => number {
  const known = new Map<string, number>();
  return (name) => {
    if (name === undefined) {
      return -1;
    }
    let found = known.get(name);
    if (found === undefined) {
      found = known.size;
      known.set(name, found);
    }
    return found;
  };
}

/**
 * Looks an end up, exactly as the plain evaluator's `findEnd` does.
 * @throws NetlearnError NETLEARN_USAGE for a pod that the world lacks and for text that is no address
 */
export function endNumber(world: ReadWorld, table: EndTable, space: AddressSpace, end: ConnectionEnd): number {
  if (!("ip" in end)) {
    const found = world.podNumbers.get(end.namespace)?.get(end.name);
    if (found === undefined) {
      const id = `${end.namespace}/${end.name}`;
      throw new NetlearnError("NETLEARN_USAGE", `There is no pod ${JSON.stringify(id)} in this world.`, {
        hint: "Give the pod as namespace and name, as listed, or give an address.",
      });
    }
    return found;
  }
  const address = addressNumber(end.ip);
  if (address === undefined) {
    throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(end.ip)} is not an IP address.`, {
      hint: "Write IPv4 as four decimals and IPv6 without a zone, such as 203.0.113.7 or 2001:db8::7.",
    });
  }
  return table.byAddress.get(address) ?? world.owners.get(address) ?? table.firstAtom + atomOf(space, address);
}
