import { by } from "../../lib/sort.ts";
import type { NetworkPolicy, NetworkPolicyPort } from "../../model/manifest.ts";
import { policyId, policyNamespace, policyTypesOf } from "../network/policy.ts";
import type { Profile } from "../network/profile.ts";
import type { Direction } from "../network/verdict.ts";
import type { ContainerPort } from "../network/world.ts";
import { intersectionOf, NOBODY, unionOf } from "./peer-set.ts";
import type { PeerMatch, PeerSpace } from "./peer-space.ts";
import { LAST_PORT, type Opening, type PortTable, PROTOCOLS, portTable } from "./port-table.ts";
import type { SelectorIndex } from "./selector-index.ts";
import { ROOT, sequenceTree } from "./sequence-tree.ts";
import { rulesOf, type WrittenRule } from "./vocabulary.ts";

/** What isolates a class in one direction. */
export interface ClassIsolation {
  readonly table: PortTable;
  /** Sorted by id. */
  readonly policies: readonly NetworkPolicy[];
}

/** What isolates the classes in one world; undefined where nothing does. Made when it is asked for, and remembered. */
export type Isolation = (direction: Direction, classNumber: number) => ClassIsolation | undefined;

/** What isolates the classes in several worlds. */
export interface IsolationIndex {
  /** Policies of any of the worlds that isolate a class, sorted by id. */
  selecting(direction: Direction, classNumber: number): readonly NetworkPolicy[];
  /** What isolates them in the world that has these policies. */
  isolationOf(policies: readonly NetworkPolicy[]): Isolation;
}

const DIRECTIONS = { Ingress: "ingress", Egress: "egress" } as const;

const NO_POLICIES: readonly NetworkPolicy[] = [];

/**
 * Makes an index of the policies of all worlds it will be asked about; those that worlds have in common are one object.
 * Two classes, or two versions of one class, that the same policies isolate have the same table, the same object. So
 * what a change touches is found by comparing references.
 */
export function isolationIndex(
  policies: Iterable<NetworkPolicy>,
  peers: PeerSpace,
  selectors: SelectorIndex,
  profile: Profile,
): IsolationIndex {
  const tableOf = tableCache(peers);
  const lists = selectingPolicies(policies, peers, selectors, profile);
  const selecting = (direction: Direction, classNumber: number): readonly NetworkPolicy[] =>
    lists[direction].get(classNumber) ?? NO_POLICIES;
  return {
    selecting,
    isolationOf(own) {
      const standing = new Set(own);
      const isolationOf = (direction: Direction): ((classNumber: number) => ClassIsolation | undefined) =>
        remembered((classNumber: number): ClassIsolation | undefined => {
          const all = selecting(direction, classNumber);
          const found = all.every((policy) => standing.has(policy))
            ? all
            : all.filter((policy) => standing.has(policy));
          const { ports = [] } = peers.table.classes[classNumber] ?? {};
          return found.length === 0 ? undefined : { table: tableOf(found, direction, ports), policies: found };
        });
      const known = { ingress: isolationOf("ingress"), egress: isolationOf("egress") };
      return (direction, classNumber) => known[direction](classNumber);
    },
  };
}

/** By direction and class, the policies that isolate it, sorted by id. */
function selectingPolicies(
  policies: Iterable<NetworkPolicy>,
  peers: PeerSpace,
  selectors: SelectorIndex,
  profile: Profile,
): Readonly<Record<Direction, ReadonlyMap<number, readonly NetworkPolicy[]>>> {
  const found = { ingress: new Map<number, NetworkPolicy[]>(), egress: new Map<number, NetworkPolicy[]>() };
  for (const policy of policies) {
    const types = new Set(policyTypesOf(policy.spec ?? {}));
    for (const classNumber of selectors.classes(selectors.named(policyNamespace(policy)), policy.spec?.podSelector)) {
      if (peers.table.classes[classNumber]?.kind !== "host" || profile.isolatesHostNetwork !== "no") {
        types.forEach((type) => append(found[DIRECTIONS[type]], classNumber, policy));
      }
    }
  }
  for (const list of [...found.ingress.values(), ...found.egress.values()]) {
    if (list.length > 1) {
      list.splice(0, list.length, ...list.toSorted(by(policyId)));
    }
  }
  return found;
}

function remembered<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) {
      return found;
    }
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

function append(lists: Map<number, NetworkPolicy[]>, key: number, item: NetworkPolicy): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [item]);
  } else {
    list.push(item);
  }
}

type TableOf = (policies: readonly NetworkPolicy[], direction: Direction, ports: readonly ContainerPort[]) => PortTable;

/** Makes a table once for all classes that the same policies isolate, if their named ports are the same. */
function tableCache(peers: PeerSpace): TableOf {
  const tree = sequenceTree();
  const numberOf = numbering();
  const tables: (PortTable | undefined)[] = [];
  const openings: (readonly Opening[] | undefined)[] = [];
  return (policies, direction, ports) => {
    // A name in an ingress rule is the subject's own port; in an egress rule it is looked up at every server.
    const named = direction === "egress" || ports.length === 0 ? "" : JSON.stringify(ports);
    const start = tree.next(ROOT, numberOf(`${direction} ${named}`));
    const place = policies.reduce((sequence, policy) => tree.next(sequence, numberOf(policy)), start);
    const openingsOfOne = (policy: NetworkPolicy): readonly Opening[] => {
      if (policies.length === 1) {
        // The table is remembered, and that is all there is.
        return openingsOf(policy, { peers, direction, ports });
      }
      const alone = tree.next(start, numberOf(policy));
      const found = openings[alone] ?? openingsOf(policy, { peers, direction, ports });
      openings[alone] = found;
      return found;
    };
    const table = tables[place] ?? portTable(policies.flatMap(openingsOfOne), peers.size);
    tables[place] = table;
    return table;
  };
}

/** Numbers things from 0, each the same number every time. */
function numbering(): (item: NetworkPolicy | string) => number {
  const known = new Map<NetworkPolicy | string, number>();
  return (item) => {
    let found = known.get(item);
    if (found === undefined) {
      found = known.size;
      known.set(item, found);
    }
    return found;
  };
}

interface At {
  readonly peers: PeerSpace;
  readonly direction: Direction;
  /** The named ports of the subject. */
  readonly ports: readonly ContainerPort[];
}

function openingsOf(policy: NetworkPolicy, at: At): readonly Opening[] {
  return rulesOf(policy, at.direction).flatMap((rule) => {
    const match = matchOf(rule, policyNamespace(policy), at.peers);
    return rule.ports.length === 0
      ? PROTOCOLS.map((_, protocol) => ({ protocol, first: 1, last: LAST_PORT, ...match }))
      : rule.ports.flatMap((entry) => openingsOfEntry(entry, match, at));
  });
}

function matchOf({ peers }: WrittenRule, namespace: string, space: PeerSpace): PeerMatch {
  const [only] = peers;
  if (only === undefined) {
    return { sure: space.everybody, unsure: NOBODY };
  }
  if (peers.length === 1) {
    return space.match(only, namespace);
  }
  const matches = peers.map((peer) => space.match(peer, namespace));
  return {
    sure: unionOf(
      matches.map(({ sure }) => sure),
      space.size,
    ),
    unsure: unionOf(
      matches.map(({ unsure }) => unsure),
      space.size,
    ),
  };
}

function openingsOfEntry(entry: NetworkPolicyPort, match: PeerMatch, at: At): readonly Opening[] {
  const { port, protocol: protocolName = "TCP" } = entry;
  const protocol = PROTOCOLS.findIndex((known) => known === protocolName);
  if (protocol < 0) {
    return [];
  }
  if (typeof port === "string") {
    return at.direction === "ingress"
      ? at.ports
          .filter((declared) => declared.name === port && declared.protocol === protocolName && isPort(declared.port))
          .map((declared) => ({ protocol, first: declared.port, last: declared.port, ...match }))
      : [...at.peers.portHolders(protocolName, port)]
          .filter(([number]) => isPort(number))
          .map(([number, holders]) => ({
            protocol,
            first: number,
            last: number,
            sure: intersectionOf(match.sure, holders),
            unsure: intersectionOf(match.unsure, holders),
          }));
  }
  return [{ protocol, first: port ?? 1, last: entry.endPort ?? port ?? LAST_PORT, ...match }];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= LAST_PORT;
}
