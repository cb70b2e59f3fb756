import type { NetworkPolicy, NetworkPolicyPort } from "../../model/manifest.ts";
import { policyId, policyNamespace, policyTypesOf } from "../network/policy.ts";
import type { Profile } from "../network/profile.ts";
import type { Direction } from "../network/verdict.ts";
import type { ContainerPort } from "../network/world.ts";
import { intersectionOf, unionOf } from "./peer-set.ts";
import type { PeerMatch, PeerSpace } from "./peer-space.ts";
import { LAST_PORT, type Opening, type PortTable, PROTOCOLS, portTable } from "./port-table.ts";
import type { SelectorIndex } from "./selector-index.ts";
import { ROOT, sequenceTree } from "./sequence-tree.ts";
import { type WrittenRule, writtenRules } from "./vocabulary.ts";

/** What isolates a class in one direction. */
export interface ClassIsolation {
  readonly table: PortTable;
  /** `namespace/name`, sorted. */
  readonly policies: readonly string[];
}

/** What isolates the classes in one world. */
export interface Isolation {
  /** Undefined where nothing isolates. The table is made when it is asked for, and remembered. */
  of(direction: Direction, classNumber: number): ClassIsolation | undefined;
  /** The policies that isolate a class, sorted by id. Worlds that were read together share what they share. */
  policies(direction: Direction, classNumber: number): readonly NetworkPolicy[];
}

const DIRECTIONS = { Ingress: "ingress", Egress: "egress" } as const;

const NO_POLICIES: readonly NetworkPolicy[] = [];

/**
 * Makes an indexer whose tables are shared by all worlds it is asked about: two classes, or two versions of one class,
 * that the same policies isolate have the same table, the same object. So what a change touches is found by comparing
 * references.
 */
export function isolationIndexer(
  peers: PeerSpace,
  selectors: SelectorIndex,
  profile: Profile,
): (policies: readonly NetworkPolicy[]) => Isolation {
  const tableOf = tableCache(peers);
  const selectedBy = remembered((policy: NetworkPolicy): readonly number[] => {
    const found = selectors.classes(selectors.named(policyNamespace(policy)), policy.spec?.podSelector);
    return profile.isolatesHostNetwork === "no"
      ? found.filter((classNumber) => peers.table.classes[classNumber]?.kind !== "host")
      : found;
  });
  return (policies) => {
    const selecting = { ingress: new Map<number, NetworkPolicy[]>(), egress: new Map<number, NetworkPolicy[]>() };
    for (const policy of policies) {
      for (const type of new Set(policyTypesOf(policy.spec ?? {}))) {
        for (const classNumber of selectedBy(policy)) {
          append(selecting[DIRECTIONS[type]], classNumber, policy);
        }
      }
    }
    const isolationOf = (direction: Direction): ((classNumber: number) => ClassIsolation | undefined) =>
      remembered((classNumber: number): ClassIsolation | undefined => {
        const found = selecting[direction].get(classNumber);
        const { ports = [] } = peers.table.classes[classNumber] ?? {};
        return found && { table: tableOf(found, direction, ports), policies: found.map(policyId) };
      });
    const known = { ingress: isolationOf("ingress"), egress: isolationOf("egress") };
    return {
      of: (direction, classNumber) => known[direction](classNumber),
      policies: (direction, classNumber) => selecting[direction].get(classNumber) ?? NO_POLICIES,
    };
  };
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
  return writtenRules(policy)[at.direction].flatMap((rule) => {
    const match = matchOf(rule, policyNamespace(policy), at.peers);
    return rule.ports.length === 0
      ? PROTOCOLS.map((_, protocol) => ({ protocol, first: 1, last: LAST_PORT, ...match }))
      : rule.ports.flatMap((entry) => openingsOfEntry(entry, match, at));
  });
}

function matchOf({ peers }: WrittenRule, namespace: string, space: PeerSpace): PeerMatch {
  const matches = peers.map((peer) => space.match(peer, namespace));
  return {
    sure: peers.length === 0 ? space.everybody : unionOf(sureSets(matches), space.size),
    unsure: unionOf(unsureSets(matches), space.size),
  };
}

function sureSets(matches: readonly PeerMatch[]): readonly PeerMatch["sure"][] {
  return matches.map(({ sure }) => sure);
}

function unsureSets(matches: readonly PeerMatch[]): readonly PeerMatch["unsure"][] {
  return matches.map(({ unsure }) => unsure);
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
            sure: intersectionOf(match.sure, holders, at.peers.size),
            unsure: intersectionOf(match.unsure, holders, at.peers.size),
          }));
  }
  return [{ protocol, first: port ?? 1, last: entry.endPort ?? port ?? LAST_PORT, ...match }];
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= LAST_PORT;
}
