import type { Direction } from "../network/verdict.ts";
import { NOBODY, type PeerSet, symmetricDifference } from "../network-index/peer-set.ts";
import { type PortTable, PROTOCOLS, portAtom } from "../network-index/port-table.ts";
import type { JointWorlds, Unit } from "./units.ts";

/**
 * Servers by client (places of units) between which something may have changed; all other pairs have the same verdicts
 * in both worlds. Only units whose policies changed are looked at, and of their peers only those that a changed table
 * no longer answers alike; units that policies see otherwise than before are paired with everybody.
 */
export function changedPairs(worlds: JointWorlds, units: readonly Unit[]): ReadonlyMap<number, ReadonlySet<number>> {
  const servers = new Map<number, Set<number>>();
  const add = (client: number, server: number): void => {
    const found = servers.get(client) ?? new Set<number>();
    servers.set(client, found.add(server));
  };
  const stable = new Map<number, number>();
  for (const [place, { base, head }] of units.entries()) {
    if (base === head) {
      stable.set(base, place);
    }
  }
  const placesOf = (peers: Iterable<number>): readonly number[] => [...peers].flatMap((peer) => stable.get(peer) ?? []);
  for (const [place, unit] of units.entries()) {
    if (unit.base !== unit.head) {
      for (const other of units.keys()) {
        add(place, other);
        add(other, place);
      }
    } else {
      placesOf(changedPeers(worlds, unit, "egress")).forEach((server) => add(place, server));
      placesOf(changedPeers(worlds, unit, "ingress")).forEach((client) => add(client, place));
    }
  }
  return servers;
}

/** Peers about whom the policies that isolate a unit no longer say the same, on any port. */
function changedPeers({ base, head }: JointWorlds, unit: Unit, direction: Direction): ReadonlySet<number> {
  const before = base.isolation[direction].classes[unit.base]?.table;
  const after = head.isolation[direction].classes[unit.head]?.table;
  const found = new Set<number>();
  if (before === after) {
    return found;
  }
  const { everybody, size } = head.peers;
  for (const protocol of PROTOCOLS.keys()) {
    const firsts = new Set([...(before?.[protocol]?.firsts ?? [1]), ...(after?.[protocol]?.firsts ?? [1])]);
    for (const port of firsts) {
      const was = setsAt(before, protocol, port, everybody);
      const is = setsAt(after, protocol, port, everybody);
      symmetricDifference(was.sure, is.sure, size).forEach((peer) => found.add(peer));
      symmetricDifference(was.unsure, is.unsure, size).forEach((peer) => found.add(peer));
    }
  }
  return found;
}

function setsAt(
  table: PortTable | undefined,
  protocol: number,
  port: number,
  everybody: PeerSet,
): { readonly sure: PeerSet; readonly unsure: PeerSet } {
  const ports = table?.[protocol];
  if (ports === undefined) {
    // Not isolated: everything passes.
    return { sure: everybody, unsure: NOBODY };
  }
  const atom = portAtom(ports, port);
  return { sure: ports.sure[atom] ?? NOBODY, unsure: ports.unsure[atom] ?? NOBODY };
}
