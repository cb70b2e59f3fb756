import type { NetworkPolicy, NetworkPolicyPort } from "../../model/manifest.ts";
import { policyId, policyNamespace, policyTypesOf } from "../network/policy.ts";
import type { Profile } from "../network/profile.ts";
import type { Direction } from "../network/verdict.ts";
import type { ContainerPort } from "../network/world.ts";
import { type FlatTables, flatTables } from "./flat-tables.ts";
import { intersectionOf, unionOf } from "./peer-set.ts";
import type { PeerMatch, PeerSpace } from "./peer-space.ts";
import { LAST_PORT, type Opening, type PortTable, PROTOCOLS, portTable } from "./port-table.ts";
import type { SelectorIndex } from "./selector-index.ts";
import { type WrittenRule, writtenRules } from "./vocabulary.ts";

/** What isolates each class, by its number; undefined where nothing does. */
export interface ClassIsolation {
  readonly table: PortTable;
  /** `namespace/name`, sorted. */
  readonly policies: readonly string[];
}

/** What isolates whom in one direction. */
export interface DirectionIndex {
  /** By number of class. */
  readonly classes: readonly (ClassIsolation | undefined)[];
  /** What each peer is, as in {@link PeerSpace.kinds}: here once more, so that an answer needs nothing else. */
  readonly kinds: Uint8Array;
  readonly flat: FlatTables;
}

export type IsolationIndex = Readonly<Record<Direction, DirectionIndex>>;

/** Finds what isolates the classes, for one world after the other. */
export type IsolationIndexer = (policies: readonly NetworkPolicy[]) => IsolationIndex;

const DIRECTIONS = { Ingress: "ingress", Egress: "egress" } as const;

/**
 * Makes an indexer whose tables are shared by all worlds it is asked about: two classes, or two versions of one class,
 * that equal policies isolate have the same table, the same object. So what a change touches is found by comparing
 * references.
 */
export function isolationIndexer(peers: PeerSpace, selectors: SelectorIndex, profile: Profile): IsolationIndexer {
  const numberOf = policyNumbers();
  const tableOf = tableCache(peers);
  return (policies) => {
    const selected = { ingress: new Map<number, StandingPolicy[]>(), egress: new Map<number, StandingPolicy[]>() };
    for (const policy of policies) {
      const standing = { id: policyId(policy), number: numberOf(policy), policy };
      const types = policyTypesOf(policy.spec ?? {});
      for (const classNumber of selectors.classes(selectors.named(policyNamespace(policy)), policy.spec?.podSelector)) {
        if (peers.table.classes[classNumber]?.kind === "host" && profile.isolatesHostNetwork === "no") {
          continue;
        }
        for (const type of new Set(types)) {
          append(selected[DIRECTIONS[type]], classNumber, standing);
        }
      }
    }
    const isolationOf = (direction: Direction): DirectionIndex => {
      const classes = peers.table.classes.map(({ ports }, classNumber): ClassIsolation | undefined => {
        const selecting = selected[direction].get(classNumber);
        return selecting && { table: tableOf(selecting, direction, ports), policies: selecting.map(({ id }) => id) };
      });
      return { kinds: peers.kinds, classes, flat: flatTables(classes.map((isolated) => isolated?.table)) };
    };
    return { ingress: isolationOf("ingress"), egress: isolationOf("egress") };
  };
}

interface StandingPolicy {
  readonly id: string;
  /** Equal for policies that say the same, whatever their names. */
  readonly number: number;
  readonly policy: NetworkPolicy;
}

function policyNumbers(): (policy: NetworkPolicy) => number {
  const known = new Map<string, number>();
  return (policy) => {
    const text = JSON.stringify([policyNamespace(policy), policy.spec]);
    const found = known.get(text) ?? known.size;
    known.set(text, found);
    return found;
  };
}

function append(lists: Map<number, StandingPolicy[]>, key: number, item: StandingPolicy): void {
  const list = lists.get(key);
  if (list === undefined) {
    lists.set(key, [item]);
  } else {
    list.push(item);
  }
}

type TableOf = (
  policies: readonly StandingPolicy[],
  direction: Direction,
  ports: readonly ContainerPort[],
) => PortTable;

function tableCache(peers: PeerSpace): TableOf {
  const tables = new Map<string, PortTable>();
  const openings = new Map<string, readonly Opening[]>();
  return (policies, direction, ports) => {
    // A name in an ingress rule is the subject's own port; in an egress rule it is looked up at every server.
    const named = direction === "egress" || ports.length === 0 ? "" : JSON.stringify(ports);
    const numbers = [...new Set(policies.map(({ number }) => number))].toSorted((a, b) => a - b);
    const key = `${direction} ${numbers.join()} ${named}`;
    let table = tables.get(key);
    if (table === undefined) {
      const opened = policies.flatMap(({ number, policy }) => {
        const place = `${direction} ${number} ${named}`;
        const found = openings.get(place) ?? openingsOf(policy, { peers, direction, ports });
        openings.set(place, found);
        return found;
      });
      table = portTable(opened, peers.size);
      tables.set(key, table);
    }
    return table;
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
