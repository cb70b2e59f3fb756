import type { ConnectionEnd } from "../network/world.ts";
import { type AddressNumber, addressNumber, atomOf } from "../network-index/address-space.ts";
import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { isPods, type Member, memberOf, type UnitTable } from "./units.ts";

/** An end of a connection in both worlds. */
export interface LocatedEnd {
  /** Place of the unit. */
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

function locateOther(
  { base, head, peers }: JointWorlds,
  table: UnitTable,
  address: AddressNumber,
): LocatedEnd | undefined {
  const node = table.ofNode.get(address);
  if (node !== undefined) {
    const name = head.world.nodes.get(address) ?? "";
    return { unit: node, member: { name, node: name } };
  }
  const isNobodys = !base.world.nodes.has(address) && !head.world.nodes.has(address);
  const unit = isNobodys ? table.ofAtom.get(atomOf(peers.space, address)) : undefined;
  return unit === undefined ? undefined : { unit, member: undefined };
}

function locatePod(worlds: JointWorlds, table: UnitTable, pod: number): LocatedEnd | undefined {
  const place = table.ofPod[pod] ?? -1;
  const unit = table.units[place];
  return unit === undefined ? undefined : { unit: place, member: memberOf(worlds, table, unit, pod) };
}
