import { by, byText } from "../lib/sort.ts";
import type { AccessGraph } from "../model/access.ts";
import type { CommunicationGraph } from "../model/graph.ts";
import { accessText } from "./access/access-text.ts";
import type { Learned } from "./learner.ts";
import { attemptsText, evidenceText, sightingText } from "./log-text.ts";
import type { Observations, SightingId } from "./observations.ts";
import type { PendingEnd } from "./pending.ts";
import { type Sighting, sightingKey } from "./sighting.ts";
import type { ObservationsText } from "./snapshot-schema.ts";
import type { StateText } from "./state-text.ts";

/** What was made of what was learned, for readers. */
export interface SeenGraphs {
  readonly graph: CommunicationGraph | undefined;
  /** Printed where there are audit events. */
  readonly access: AccessGraph | undefined;
}

/**
 * Prints what was learned as JSON: `graph` and `access` for readers, `observations` to go on from (see `mergeSnapshot`). Equal
 * observations print equal bytes; one list element a line, so that two snapshots can be compared.
 *
 * @param seen what was made of it; undefined where it can't be told, as when records of several clusters are mixed
 * @param state what a state knows besides
 */
export function printSnapshot({ observations, accesses }: Learned, seen: SeenGraphs, state?: StateText): string {
  const hasAccess = accesses.records > 0;
  const access = hasAccess ? seen.access : undefined;
  const read = { ...observationsText(observations), access: hasAccess ? accessText(accesses) : undefined };
  const head = { apiVersion: "netlearn/v1alpha1", kind: "GraphSnapshot" };
  return `${printBlock({ ...head, graph: seen.graph, access, observations: read, state }, 2)}\n`;
}

/** Nested objects one key a line down to `depth`, lists one element a line, everything below on its line. Access lies one deeper. */
function printBlock(value: object, depth: number, indent = ""): string {
  const inner = `${indent}  `;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  const lines = entries.map(
    ([key, item]) => `${inner}${JSON.stringify(key)}: ${printItem(item, key === "access" ? depth : depth - 1, inner)}`,
  );
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function printItem(item: unknown, depth: number, indent: string): string {
  if (Array.isArray(item)) {
    if (item.length === 0) return "[]";
    return `[\n${item.map((element) => `${indent}  ${JSON.stringify(element)}`).join(",\n")}\n${indent}]`;
  }
  if (depth > 0 && typeof item === "object" && item !== null) return printBlock(item, depth, indent);
  return JSON.stringify(item);
}

/** As it is written; what is read back has the same shape, but nothing in it can be trusted to be ours. */
type WrittenObservations = Omit<ObservationsText, "access" | "sightings"> & { readonly sightings: readonly Sighting[] };

function observationsText(observations: Observations): WrittenObservations {
  const order = canonicalOrder(observations);
  // First of all: what does not fit goes to the quarantine and the counters below.
  const pendings = observations.pending.list();
  const place = (id: SightingId): number => order.places[id] ?? 0;
  return {
    first: observations.first,
    last: observations.last,
    sets: sortedRecord(observations.sets, (texts) => [...texts].toSorted(byText)),
    counts: sortedRecord(observations.counts, (count) => count),
    sightings: order.ids
      .map((id) => observations.sightings[id])
      .filter((sighting) => sighting !== undefined)
      .map(sightingText),
    edges: [...observations.edges()]
      .map(({ client, server, protocol, port, log }) => ({
        client: place(client),
        server: place(server),
        protocol,
        port,
        evidence: evidenceText(log),
      }))
      .toSorted(by(endsText)),
    denied: [...observations.denials()]
      .map(({ client, server, log, ...rest }) => ({
        client: place(client),
        server: place(server),
        ...rest,
        attempts: attemptsText(log),
      }))
      .toSorted(by((denial) => `${endsText(denial)} ${denial.reason} ${denial.byPolicy}`)),
    pending: pendings.map(({ a, b, log, ...rest }) => ({
      a: endText(a, place),
      b: endText(b, place),
      ...rest,
      evidence: evidenceText(log),
    })),
    quarantine: [...observations.quarantine]
      .map(([reason, log]) => ({ reason, attempts: attemptsText(log) }))
      .toSorted(by(({ reason }) => reason)),
    tenancies: [...observations.tenancies]
      .flatMap(([address, pods]) =>
        [...pods].map(([pod, { first, last }]) => ({ address, pod: place(pod), first, last })),
      )
      .toSorted(by(({ address, pod }) => `${address} ${String(pod).padStart(9, "0")}`)),
    names: [...observations.names]
      .map(([address, names]) => ({ address, names: [...names].toSorted(byText) }))
      .toSorted(by(({ address }) => address)),
  };
}

/** Sightings in the order of their texts, and the place of each. */
function canonicalOrder(observations: Observations): { readonly ids: SightingId[]; readonly places: number[] } {
  const keys = observations.sightings.map(sightingKey);
  const ids = keys.map((_, id) => id).toSorted((a, b) => byText(keys[a] ?? "", keys[b] ?? ""));
  const places: number[] = [];
  for (const [place, id] of ids.entries()) places[id] = place;
  return { ids, places };
}

function endsText(ends: { client: number; server: number; protocol: string; port?: number | undefined }): string {
  const [client, server, port] = [ends.client, ends.server, ends.port ?? 0].map((number) =>
    String(number).padStart(9, "0"),
  );
  return `${client} ${server} ${ends.protocol} ${port}`;
}

function endText(end: PendingEnd, place: (id: SightingId) => number): ObservationsText["pending"][number]["a"] {
  return { sighting: place(end.sighting), port: end.port, ports: [...end.ports.values()] };
}

function sortedRecord<T, U>(map: ReadonlyMap<string, T>, of: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...map].toSorted(by(([key]) => key)).map(([key, value]) => [key, of(value)]));
}
