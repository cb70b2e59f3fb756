import type { JointWorlds } from "../network-index/joint-worlds.ts";
import { candidates } from "./candidates.ts";
import { type Comparison, changeKey, type DecidingPolicies, type PolicyIds, pairAt } from "./comparison.ts";
import type { Exemption } from "./node-relations.ts";
import type { PairAnswers, PairChange } from "./pair-changes.ts";
import type { PlaceSet, PlaceSets } from "./place-sets.ts";
import type { PortAnswers } from "./port-answers.ts";
import type { Unit } from "./units.ts";

/** Pairs between which the same changes: clients by the set of servers they have in common. */
export interface Gathered {
  readonly change: PairChange;
  readonly policies: PolicyIds;
  readonly clients: Map<PlaceSet, number[]>;
}

/** Finds everything that changes, by {@link changeKey}. */
export function gather(worlds: JointWorlds, compared: Comparison, sets: PlaceSets): ReadonlyMap<string, Gathered> {
  const serversOf = candidates(worlds, compared.units, compared.answers);
  const gathered = new Map<string, Gathered>();
  for (const client of compared.units.keys()) {
    const groups = serverGroups(compared, client, serversOf(client));
    for (const [key, { change, policies, servers }] of changesOfClient(compared, client, groups)) {
      const known = gathered.get(key) ?? { change, policies: policies.ids, clients: new Map<PlaceSet, number[]>() };
      gathered.set(key, known);
      const set = sets(servers);
      const list = known.clients.get(set) ?? [];
      list.push(client);
      known.clients.set(set, list);
    }
  }
  return gathered;
}

/** Servers of a client about whom all the same is to be said, but for the names of their policies. */
interface ServerGroup {
  readonly kind: Unit["kind"];
  readonly answers: PairAnswers;
  readonly exemption: Exemption;
  readonly servers: number[];
}

function serverGroups(
  { units, answers, relations }: Comparison,
  client: number,
  servers: Iterable<number>,
): readonly ServerGroup[] {
  const all: ServerGroup[] = [];
  const known = new Map<PortAnswers, Map<PortAnswers, ServerGroup[]>>();
  const add = (server: number, kind: Unit["kind"], found: PairAnswers, exemption: Exemption): void => {
    const byIngress = known.get(found.egress) ?? new Map<PortAnswers, ServerGroup[]>();
    known.set(found.egress, byIngress);
    const alike = byIngress.get(found.ingress) ?? [];
    byIngress.set(found.ingress, alike);
    let group = alike.find((one) => one.kind === kind && one.exemption === exemption);
    if (group === undefined) {
      group = { kind, answers: found, exemption, servers: [] };
      alike.push(group);
      all.push(group);
    }
    group.servers.push(server);
  };
  for (const server of servers) {
    const pair = pairAt(units, client, server);
    if (pair !== undefined) {
      const found = { egress: answers.egress(client).about(server), ingress: answers.ingress(server).about(client) };
      for (const exemption of relations.among(pair)) {
        add(server, pair.server.kind, found, exemption);
      }
    }
  }
  return all;
}

interface ClientChange {
  readonly change: PairChange;
  readonly policies: DecidingPolicies;
  /** Lists of servers, none of them twice. */
  readonly servers: (readonly number[])[];
}

function changesOfClient(
  { units, changes, policies }: Comparison,
  client: number,
  groups: readonly ServerGroup[],
): ReadonlyMap<string, ClientChange> {
  const found = new Map<string, ClientChange>();
  const unit = units[client];
  if (unit === undefined) {
    return found;
  }
  for (const group of groups) {
    for (const change of changes(group.answers, group.exemption)) {
      const decided =
        change.direction === "egress"
          ? [{ policies: policies("egress", client), servers: group.servers }]
          : byPolicies(group.servers, policies);
      for (const { policies: deciding, servers } of decided) {
        const key = changeKey(change, deciding, { client: unit, server: group });
        const known = found.get(key) ?? { change, policies: deciding, servers: [] };
        found.set(key, known);
        known.servers.push(servers);
      }
    }
  }
  return found;
}

/** Servers that the same policies isolate. */
function byPolicies(
  servers: readonly number[],
  policies: Comparison["policies"],
): readonly { readonly policies: DecidingPolicies; readonly servers: readonly number[] }[] {
  return [...Map.groupBy(servers, (server) => policies("ingress", server).key).values()].map((alike) => ({
    policies: policies("ingress", alike[0] ?? -1),
    servers: alike,
  }));
}
