import type { LabelSelector, NetworkPolicyPeer } from "../../model/manifest.ts";
import { type Block, parseBlock } from "../network/address.ts";
import type { Answer } from "../network/answer.ts";
import type { Profile } from "../network/profile.ts";
import { type AddressSpace, atomCount, atomsOf } from "./address-space.ts";
import type { ClassTable, IdentityClass } from "./identity-classes.ts";
import { everybody, type PeerSet, peerSet } from "./peer-set.ts";
import { type SelectorIndex, selectorKey } from "./selector-index.ts";
import { portNameKey } from "./vocabulary.ts";

/** Who a peer matches, and who it may match where the profile cannot tell. */
export interface PeerMatch {
  readonly sure: PeerSet;
  readonly unsure: PeerSet;
}

/**
 * Everybody a policy can name, numbered: first the classes of the table, then the atoms of the address space, which
 * stand for addresses that are nobody's. A block is then a set like any other.
 */
export interface PeerSpace {
  readonly size: number;
  readonly table: ClassTable;
  readonly space: AddressSpace;
  readonly everybody: PeerSet;
  /** What each peer is: {@link POD} and so on. */
  readonly kinds: Uint8Array;
  /** Who the peer of a policy in the namespace matches. */
  match(peer: NetworkPolicyPeer, policyNamespace: string): PeerMatch;
  /** Classes that declare a port of that name and protocol, by its number. */
  portHolders(protocol: string, name: string): ReadonlyMap<number, PeerSet>;
}

/** What a peer is; numbers, since they are kept in typed arrays. Kinds from {@link NODE} on are no subjects of policies. */
export const POD = 0;
export const HOST = 1;
export const NODE = 2;
export const SHARED_ADDRESS = 3;
export const ADDRESS = 4;

const KINDS: Readonly<Record<IdentityClass["kind"], number>> = {
  pod: POD,
  host: HOST,
  node: NODE,
  shared: SHARED_ADDRESS,
};

/** Numbers the peers and gets ready to match them. */
export function peerSpace(table: ClassTable, space: AddressSpace, index: SelectorIndex, profile: Profile): PeerSpace {
  const size = table.classes.length + atomCount(space);
  const kinds = new Uint8Array(size).fill(ADDRESS);
  table.classes.forEach(({ kind }, id) => (kinds[id] = KINDS[kind]));
  const blocks = blockMatcher(table, space, profile, size);
  const known = new Map<string, PeerMatch>();
  const matchBlock = (peer: NonNullable<NetworkPolicyPeer["ipBlock"]>): PeerMatch => {
    const key = JSON.stringify([peer.cidr, peer.except ?? []]);
    const found = known.get(key) ?? blocks(peer);
    known.set(key, found);
    return found;
  };
  const holders = portHolders(table, size);
  const matchPods = podMatcher(table, index, profile, size);
  return {
    size,
    table,
    space,
    everybody: everybody(size),
    kinds,
    match({ ipBlock, namespaceSelector, podSelector }, policyNamespace) {
      if (ipBlock !== undefined) {
        return matchBlock(ipBlock);
      }
      const namespaces =
        namespaceSelector === undefined ? index.named(policyNamespace) : index.namespaces(namespaceSelector);
      return matchPods(namespaces, podSelector);
    },
    portHolders: (protocol, name) => holders.get(portNameKey(protocol, name)) ?? new Map(),
  };
}

/** Matches pods by selectors; peers are written again and again, and equal ones are matched once. */
function podMatcher(
  table: ClassTable,
  index: SelectorIndex,
  profile: Profile,
  size: number,
): (namespaces: readonly number[], selector: LabelSelector | undefined) => PeerMatch {
  const known = new Map<readonly number[], Map<string, PeerMatch>>();
  const idsOf = (wanted: IdentityClass["kind"]): readonly number[] =>
    [...table.classes.entries()].filter(([, { kind }]) => kind === wanted).map(([id]) => id);
  const [hosts, shared] = [new Set(idsOf("host")), idsOf("shared")];
  const matchOf = (namespaces: readonly number[], selector: LabelSelector | undefined): PeerMatch => {
    const selected = index.classes(namespaces, selector);
    const hostAnswer = hostNetworkAnswer(profile, selector !== undefined);
    const answers = (wanted: Answer): readonly number[] =>
      selected.filter((id) => (hosts.has(id) ? hostAnswer : "yes") === wanted);
    // Who has a shared address cannot be said, so neither can whether a selector selects it.
    return { sure: peerSet(answers("yes"), size), unsure: peerSet([...answers("unknown"), ...shared], size) };
  };
  return (namespaces, selector) => {
    const bySelector = known.get(namespaces) ?? new Map<string, PeerMatch>();
    known.set(namespaces, bySelector);
    const key = selector === undefined ? "" : selectorKey(selector);
    const found = bySelector.get(key) ?? matchOf(namespaces, selector);
    bySelector.set(key, found);
    return found;
  };
}

/** Whether a peer that selects a hostNetwork pod's labels matches it (rule 14). */
function hostNetworkAnswer({ selectorsMatchHostNetwork: answer }: Profile, hasPodSelector: boolean): Answer {
  if (answer === "with-pod-selector") {
    return hasPodSelector ? "yes" : "no";
  }
  return answer;
}

function blockMatcher(
  table: ClassTable,
  space: AddressSpace,
  profile: Profile,
  size: number,
): (block: NonNullable<NetworkPolicyPeer["ipBlock"]>) => PeerMatch {
  const tenants = new Map<number, number[]>();
  for (const [id, { atoms }] of table.classes.entries()) {
    for (const atom of atoms) {
      const list = tenants.get(atom) ?? [];
      list.push(id);
      tenants.set(atom, list);
    }
  }
  const firstAtom = table.classes.length;
  return ({ cidr, except = [] }) => {
    const held = heldAtoms(space, cidr, except);
    const inside = new Set(held);
    const sure: number[] = [];
    const unsure: number[] = [];
    const touched = new Set(held.flatMap((atom) => tenants.get(atom) ?? []));
    for (const id of [...touched].toSorted((a, b) => a - b)) {
      const { kind = "pod", atoms = [] } = table.classes[id] ?? {};
      const answer = kind === "pod" || kind === "shared" ? profile.blocksMatchPods : profile.blocksMatchNodes;
      // A pod with two addresses of which one is inside: it depends on which one the connection uses.
      const isWhole = atoms.every((atom) => inside.has(atom));
      (answer === "yes" && isWhole ? sure : unsure).push(id);
    }
    held.forEach((atom) => sure.push(firstAtom + atom));
    return { sure: peerSet(sure, size), unsure: peerSet(unsure, size) };
  };
}

/** Atoms inside the block and outside of what it excepts, ascending. */
function heldAtoms(space: AddressSpace, cidr: string, except: readonly string[]): readonly number[] {
  const [within] = ranges(space, [cidr]);
  const holes = ranges(space, except);
  const held: number[] = [];
  for (let atom = within?.[0] ?? 0; atom < (within?.[1] ?? 0); atom++) {
    if (!holes.some(([first, end]) => first <= atom && atom < end)) {
      held.push(atom);
    }
  }
  return held;
}

function ranges(space: AddressSpace, cidrs: readonly string[]): readonly (readonly [first: number, end: number])[] {
  return cidrs.map(parseBlock).flatMap((block: Block | undefined) => (block ? [atomsOf(space, block)] : []));
}

function portHolders(table: ClassTable, size: number): ReadonlyMap<string, ReadonlyMap<number, PeerSet>> {
  const ids = new Map<string, Map<number, number[]>>();
  for (const [id, { ports }] of table.classes.entries()) {
    for (const { protocol, name = "", port } of ports) {
      const key = portNameKey(protocol, name);
      const numbers = ids.get(key) ?? new Map<number, number[]>();
      const list = numbers.get(port) ?? [];
      list.push(id);
      ids.set(key, numbers.set(port, list));
    }
  }
  const asSets = (numbers: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, PeerSet> =>
    new Map([...numbers].map(([port, list]) => [port, peerSet(list, size)]));
  return new Map([...ids].map(([key, numbers]) => [key, asSets(numbers)]));
}
