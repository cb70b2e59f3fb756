import { NetlearnError } from "../../lib/errors.ts";
import type { ConnectionEnd } from "../network/world.ts";
import { type AddressNumber, type AddressSpace, addressNumber, atomOf } from "./address-space.ts";
import type { Classifier } from "./identity-classes.ts";
import { type ReadWorld, SHARED } from "./read-world.ts";

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

/** An end with its provisional class. */
interface DraftEnd {
  readonly pod: number;
  readonly node: string | undefined;
  readonly provisional: number;
}

/** The ends of a world, before the classes have their final numbers. */
export interface DraftEnds {
  readonly ends: readonly DraftEnd[];
  readonly byAddress: ReadonlyMap<AddressNumber, number>;
}

/** Sorts all ends of a world into classes. */
export function draftEnds(world: ReadWorld, classes: Classifier, namespaceOf: (name: string) => number): DraftEnds {
  const ends: DraftEnd[] = world.pods.map((read, pod) => ({
    pod,
    node: read.pod.node,
    provisional: classes.pod(read, namespaceOf(read.pod.namespace), read.addresses),
  }));
  const byAddress = new Map<AddressNumber, number>();
  const add = (address: AddressNumber, end: DraftEnd): void => {
    byAddress.set(address, ends.push(end) - 1);
  };
  for (const [pod, read] of world.pods.entries()) {
    for (const address of read.pod.hostNetwork || read.addresses.length < 2 ? [] : read.addresses) {
      if (world.owners.get(address) === pod) {
        const provisional = classes.pod(read, namespaceOf(read.pod.namespace), [address]);
        add(address, { pod, node: read.pod.node, provisional });
      }
    }
  }
  for (const [address, owner] of world.owners) {
    if (owner === SHARED) {
      add(address, { pod: -1, node: undefined, provisional: classes.address("shared", address) });
    }
  }
  for (const [address, node] of world.nodes) {
    if (!world.owners.has(address)) {
      add(address, { pod: -1, node, provisional: classes.address("node", address) });
    }
  }
  return { ends, byAddress };
}

/** Finishes the ends: `numbers` are the final ones of provisional classes, and the peers from `atoms` on are atoms. */
export function endTable(
  { ends, byAddress }: DraftEnds,
  numbers: readonly number[],
  { atoms, size }: { readonly atoms: number; readonly size: number },
): EndTable {
  const count = ends.length + size - atoms;
  const peers = new Int32Array(count);
  const nodes = new Int32Array(count).fill(-1);
  const pods = new Int32Array(count).fill(-1);
  const nodeNumbers = new Map<string, number>();
  for (const [end, { pod, node, provisional }] of ends.entries()) {
    peers[end] = numbers[provisional] ?? -1;
    pods[end] = pod;
    if (node !== undefined) {
      const number = nodeNumbers.get(node) ?? nodeNumbers.size;
      nodeNumbers.set(node, number);
      nodes[end] = number;
    }
  }
  for (let peer = atoms; peer < size; peer++) {
    peers[ends.length + peer - atoms] = peer;
  }
  return { peers, nodes, pods, firstAtom: ends.length, byAddress };
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
