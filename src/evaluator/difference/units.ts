import type { PodReference, WorldPod } from "../network/world.ts";
import { type AddressNumber, atomBounds, atomCount, atomOf } from "../network-index/address-space.ts";
import type { JointWorld, JointWorlds } from "../network-index/joint-worlds.ts";

/** A pod (`namespace/name`) or a node, with the node it is on. */
export interface Member {
  readonly name: string;
  readonly node: string | undefined;
}

/**
 * Ends that are one peer in the base and one in the head: what the policies of neither world tell apart. This is the
 * joint refinement on which a difference is exact, since all pairs of two units have the same verdicts.
 */
export interface Unit {
  readonly kind: "pods" | "nodes" | "addresses";
  /** Numbers of the peers. Unequal: labels or addresses of these pods changed in a way policies see. */
  readonly base: number;
  readonly head: number;
  /** Of pods, their numbers in the head; of nodes, places in {@link UnitTable.nodes}; of addresses, nothing. */
  readonly members: readonly number[];
}

/** The ends both worlds have. A unit's place in `units` stands for it. */
export interface UnitTable {
  readonly units: readonly Unit[];
  /** Unit of each pod of the head; -1 for one that only the head has. */
  readonly ofPod: Int32Array;
  readonly ofNode: ReadonlyMap<AddressNumber, number>;
  /** Addresses of nodes that both worlds give to one node. */
  readonly nodes: readonly { readonly name: string; readonly address: AddressNumber }[];
  /** Unit of each atom that holds an address which is nobody's. */
  readonly ofAtom: ReadonlyMap<number, number>;
}

/** Groups the ends both worlds have into units, pods first. */
export function unitTable(worlds: JointWorlds): UnitTable {
  const units: Unit[] = [];
  const intern = unitInterner(units, worlds.peers.size);
  const ofPod = podUnits(worlds, intern);
  const nodes: { readonly name: string; readonly address: AddressNumber }[] = [];
  const ofNode = new Map<AddressNumber, number>();
  const { base, head } = worlds;
  for (const [address, name] of head.world.nodes) {
    const [inBase, inHead] = [base.ends.byAddress.get(address), head.ends.byAddress.get(address)];
    const isOne = base.world.nodes.get(address) === name && !isPods(worlds, address);
    if (isOne && inBase !== undefined && inHead !== undefined) {
      const place = nodes.push({ name, address }) - 1;
      ofNode.set(address, intern("nodes", [base.ends.peers[inBase] ?? -1, head.ends.peers[inHead] ?? -1], place));
    }
  }
  const ofAtom = new Map<number, number>();
  for (const atom of freeAtoms(worlds)) {
    const peer = worlds.peers.table.classes.length + atom;
    ofAtom.set(atom, units.push({ kind: "addresses", base: peer, head: peer, members: [] }) - 1);
  }
  return { units, ofPod, ofNode, nodes, ofAtom };
}

type Intern = (kind: "pods" | "nodes", peers: readonly [base: number, head: number], member: number) => number;

/** Peers of pods are no peers of nodes, so the two numbers say of what kind a unit is. */
function unitInterner(units: Unit[], peerCount: number): Intern {
  const places = new Map<number, number>();
  const membersAt: number[][] = [];
  return (kind, [base, head], member) => {
    const key = base * peerCount + head;
    let place = places.get(key);
    if (place === undefined) {
      const members: number[] = [];
      place = units.push({ kind, base, head, members }) - 1;
      places.set(key, place);
      membersAt[place] = members;
    }
    membersAt[place]?.push(member);
    return place;
  };
}

function podUnits({ base, head }: JointWorlds, intern: Intern): Int32Array {
  const found = new Int32Array(head.world.pods.length).fill(-1);
  // Pods that were read once have one number.
  const isSame = base.world.pods === head.world.pods;
  for (const [number, { pod }] of head.world.pods.entries()) {
    const before = isSame ? number : numberOf(base, pod);
    if (before !== undefined) {
      found[number] = intern("pods", [base.ends.peers[before] ?? -1, head.ends.peers[number] ?? -1], number);
    }
  }
  return found;
}

function numberOf({ world }: JointWorld, { namespace, name }: PodReference): number | undefined {
  return world.podNumbers.get(namespace)?.get(name);
}

/** Whether either world gives the address to a pod. */
export function isPods({ base, head }: JointWorlds, address: AddressNumber): boolean {
  return base.world.owners.has(address) || head.world.owners.has(address);
}

/** Atoms in which some address is nobody's in both worlds: those of single pods are as small as one address. */
function freeAtoms({ peers: { space }, base, head }: JointWorlds): readonly number[] {
  const known = [base.world.owners, base.world.nodes, head.world.owners, head.world.nodes];
  const most = known.reduce((sum, { size }) => sum + size, 0);
  const sizes = Array.from({ length: atomCount(space) }, (_, atom) => {
    const { first, last } = atomBounds(space, atom);
    return last - first + 1n;
  });
  // An atom that is larger than everything on record together needs no counting.
  if (sizes.every((size) => size > BigInt(most))) {
    return [...sizes.keys()];
  }
  const taken = new Map<number, number>();
  for (const address of new Set(known.flatMap((addresses) => [...addresses.keys()]))) {
    const atom = atomOf(space, address);
    taken.set(atom, (taken.get(atom) ?? 0) + 1);
  }
  return [...sizes.keys()].filter((atom) => (sizes[atom] ?? 0n) > BigInt(taken.get(atom) ?? 0));
}

/** The pod or node that a member is. Where a pod runs is taken from the head, or from the base if only that says. */
export function memberOf({ base, head }: JointWorlds, table: UnitTable, unit: Unit, member: number): Member {
  if (unit.kind !== "pods") {
    const name = table.nodes[member]?.name ?? "";
    return { name, node: name };
  }
  const pod = head.world.pods[member]?.pod;
  return pod === undefined
    ? { name: "", node: undefined }
    : { name: `${pod.namespace}/${pod.name}`, node: pod.node ?? podOf(base, pod)?.node };
}

function podOf(joint: JointWorld, pod: PodReference): WorldPod | undefined {
  return joint.world.pods[numberOf(joint, pod) ?? -1]?.pod;
}
