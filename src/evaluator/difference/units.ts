import type { ConnectionEnd, PodReference, WorldPod } from "../network/world.ts";
import { type AddressNumber, addressNumber, atomBounds, atomCount, atomOf } from "../network-index/address-space.ts";
import type { IndexedNetworkWorld } from "../network-index/index-world.ts";
import type { Inventory } from "../network-index/read-world.ts";

/** Two worlds over the same numbers of peers; made by `indexTwoWorlds`. */
export interface JointWorlds {
  readonly base: IndexedNetworkWorld;
  readonly head: IndexedNetworkWorld;
}

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

/** The ends both worlds have. */
export interface UnitTable {
  readonly units: readonly Unit[];
  /** Unit of each pod of the head; undefined for one that only the head has. */
  readonly ofPod: ReadonlyMap<number, number>;
  readonly ofNode: ReadonlyMap<AddressNumber, number>;
  /** Addresses of nodes that both worlds give to one node. */
  readonly nodes: readonly { readonly name: string; readonly address: AddressNumber }[];
  /** Unit of each atom that holds an address which is nobody's. */
  readonly ofAtom: ReadonlyMap<number, number>;
}

/** Groups the ends both worlds have into units, pods first. */
export function unitTable(worlds: JointWorlds): UnitTable {
  const units: Unit[] = [];
  const intern = unitInterner(units);
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
    const peer = head.peers.table.classes.length + atom;
    ofAtom.set(atom, units.push({ kind: "addresses", base: peer, head: peer, members: [] }) - 1);
  }
  return { units, ofPod, ofNode, nodes, ofAtom };
}

type Intern = (kind: "pods" | "nodes", peers: readonly [base: number, head: number], member: number) => number;

function unitInterner(units: Unit[]): Intern {
  const known = new Map<string, { readonly place: number; readonly members: number[] }>();
  return (kind, [base, head], member) => {
    const key = `${kind} ${base} ${head}`;
    const found = known.get(key);
    if (found !== undefined) {
      found.members.push(member);
      return found.place;
    }
    const members = [member];
    const place = units.push({ kind, base, head, members }) - 1;
    known.set(key, { place, members });
    return place;
  };
}

function podUnits({ base, head }: JointWorlds, intern: Intern): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (const [number, { pod }] of head.world.pods.entries()) {
    const before = base.world.podNumbers.get(pod.namespace)?.get(pod.name);
    if (before !== undefined) {
      found.set(number, intern("pods", [base.ends.peers[before] ?? -1, head.ends.peers[number] ?? -1], number));
    }
  }
  return found;
}

function isPods({ base, head }: JointWorlds, address: AddressNumber): boolean {
  return base.world.owners.has(address) || head.world.owners.has(address);
}

/** Atoms in which some address is nobody's in both worlds: those of single pods are as small as one address. */
function freeAtoms({ base, head }: JointWorlds): readonly number[] {
  const { space } = head.peers;
  const taken = new Map<number, number>();
  const inventories: readonly Inventory[] = [base.world, head.world];
  const addresses = new Set(inventories.flatMap(({ owners, nodes }) => [...owners.keys(), ...nodes.keys()]));
  for (const address of addresses) {
    const atom = atomOf(space, address);
    taken.set(atom, (taken.get(atom) ?? 0) + 1);
  }
  return Array.from({ length: atomCount(space) }, (_, atom) => atom).filter((atom) => {
    const { first, last } = atomBounds(space, atom);
    return last - first + 1n > BigInt(taken.get(atom) ?? 0);
  });
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

function podOf({ world }: IndexedNetworkWorld, { namespace, name }: PodReference): WorldPod | undefined {
  return world.pods[world.podNumbers.get(namespace)?.get(name) ?? -1]?.pod;
}

/** An end of a connection in both worlds. */
export interface LocatedEnd {
  readonly unit: number;
  readonly member: Member | undefined;
}

/** Where an end belongs; undefined when the worlds do not both have it. */
export function locate(worlds: JointWorlds, table: UnitTable, end: ConnectionEnd): LocatedEnd | undefined {
  if (!("ip" in end)) {
    return locatePod(worlds, table, worlds.head.world.podNumbers.get(end.namespace)?.get(end.name) ?? -1);
  }
  const address = addressNumber(end.ip);
  if (address === undefined) {
    return undefined;
  }
  return isPods(worlds, address)
    ? locatePod(worlds, table, ownerInBoth(worlds, address))
    : locateOther(worlds, table, address);
}

/** Number in the head of the one pod that has the address in both worlds; -1 when there is none. */
function ownerInBoth({ base, head }: JointWorlds, address: AddressNumber): number {
  const after = head.world.owners.get(address) ?? -1;
  const pod = head.world.pods[after]?.pod;
  const before = base.world.pods[base.world.owners.get(address) ?? -1]?.pod;
  return pod !== undefined && pod.namespace === before?.namespace && pod.name === before.name ? after : -1;
}

function locateOther({ base, head }: JointWorlds, table: UnitTable, address: AddressNumber): LocatedEnd | undefined {
  const node = table.ofNode.get(address);
  if (node !== undefined) {
    const name = head.world.nodes.get(address) ?? "";
    return { unit: node, member: { name, node: name } };
  }
  const isNobodys = !base.world.nodes.has(address) && !head.world.nodes.has(address);
  const unit = isNobodys ? table.ofAtom.get(atomOf(head.peers.space, address)) : undefined;
  return unit === undefined ? undefined : { unit, member: undefined };
}

function locatePod(worlds: JointWorlds, table: UnitTable, pod: number): LocatedEnd | undefined {
  const place = table.ofPod.get(pod);
  const unit = place === undefined ? undefined : table.units[place];
  return place === undefined || unit === undefined
    ? undefined
    : { unit: place, member: memberOf(worlds, table, unit, pod) };
}
