import type { Cell } from "../model/state.ts";
import type { AccessObservations } from "./access/access-observations.ts";
import { callerTexts, deniedTexts, principalText, usesAbout, usesTexts } from "./access/access-text.ts";
import type { ClusterAccess } from "./access/cluster-access.ts";
import {
  ACCESS_PREFIX,
  cell,
  cellId,
  cellOfCluster,
  type EndsBody,
  FURTHER_PREFIX,
  ORIGIN_SET,
} from "./cell-bodies.ts";
import type { Learner } from "./learner.ts";
import { attemptsText, evidenceText, sightingText } from "./log-text.ts";
import type { Observations, SightingId } from "./observations.ts";
import type { PendingEnd } from "./pending.ts";
import { sightingKey } from "./sighting.ts";

/**
 * Everything a learner remembers, in cells: the sum of what many learners remember of a stream's parts is what one would
 * remember of the whole (see `mergeCells`). Ids depend on what a fact is about alone, never on when it was learned.
 */
export function* cellsOf(learner: Learner): Generator<Cell> {
  const { observations } = learner;
  const ids = observations.sightings.map((sighting) => cellId(sightingKey(sighting)));
  const idOf = (id: SightingId): string => ids[id] ?? "";
  // First of all: what does not fit goes to the quarantine and the counters below.
  const pendings = observations.pending.list();
  for (const sighting of observations.sightings) yield cell("sighting", sightingKey(sighting), sightingText(sighting));
  yield* edgeCells(observations, idOf);
  for (const { a, b, protocol, claimed, onOverlay, records, log } of pendings) {
    const about = JSON.stringify([idOf(a.sighting), a.port, idOf(b.sighting), b.port, protocol, claimed, onOverlay]);
    const ends = { a: endBody(a, idOf), b: endBody(b, idOf) };
    yield cell("pending", about, { ...ends, protocol, claimed, onOverlay, records, evidence: evidenceText(log) });
  }
  for (const [address, pods] of observations.tenancies) {
    for (const [pod, { first, last }] of pods) {
      yield cell("tenancy", `${address} ${idOf(pod)}`, { address, pod: idOf(pod), first, last });
    }
  }
  yield* factCells(observations);
  yield* accessCells(learner.accesses);
  for (const rejection of learner.rejections()) yield cell("rejection", rejection.reason, rejection);
}

function* edgeCells(observations: Observations, idOf: (id: SightingId) => string): Generator<Cell> {
  for (const { client, server, protocol, port, log } of observations.edges()) {
    const ends: EndsBody = { client: idOf(client), server: idOf(server), protocol, port };
    yield cell("edge", endsText(ends), { ...ends, evidence: evidenceText(log) });
  }
  for (const { client, server, protocol, port, reason, byPolicy, log } of observations.denials()) {
    const ends: EndsBody = { client: idOf(client), server: idOf(server), protocol, port };
    const about = `${endsText(ends)} ${byPolicy} ${reason}`;
    yield cell("denial", about, { ...ends, reason, byPolicy, attempts: attemptsText(log) });
  }
}

function* factCells(observations: Observations): Generator<Cell> {
  const { first, last } = observations;
  if (first !== undefined) yield cell("span", "", { first, last });
  for (const [name, count] of observations.counts) yield cell("counter", name, { name, count });
  for (const [set, texts] of observations.sets) {
    for (const text of texts) yield cell("fact", JSON.stringify([set, text]), { set, text });
  }
  for (const [address, names] of observations.names)
    yield cell("name", address, { address, names: [...names].toSorted() });
  for (const [reason, log] of observations.quarantine) {
    yield cell("quarantine", reason, { reason, attempts: attemptsText(log) });
  }
}

function* accessCells(accesses: AccessObservations): Generator<Cell> {
  for (const [cluster, access] of accesses.list()) yield* clusterCells(access, cluster);
  for (const [what, count] of accesses.further) {
    const name = FURTHER_PREFIX + what;
    yield cell("counter", name, { name, count });
  }
}

function* clusterCells(access: ClusterAccess, cluster: string | undefined): Generator<Cell> {
  const { first, last, counts, origins } = access;
  for (const uses of usesTexts(access)) yield cellOfCluster(cluster, "access", usesAbout(uses), uses);
  for (const denied of deniedTexts(access)) {
    yield cellOfCluster(cluster, "access-denial", principalText(denied), denied);
  }
  for (const caller of callerTexts(access)) yield cellOfCluster(cluster, "caller", caller.username, caller);
  if (first !== undefined) yield cellOfCluster(cluster, "span", "access", { of: "access", first, last });
  for (const [what, count] of counts) {
    const name = ACCESS_PREFIX + what;
    yield cellOfCluster(cluster, "counter", name, { name, count });
  }
  for (const text of origins) {
    yield cellOfCluster(cluster, "fact", JSON.stringify([ORIGIN_SET, text]), { set: ORIGIN_SET, text });
  }
}

function endsText({ client, server, protocol, port }: EndsBody): string {
  return `${client} ${server} ${protocol} ${port ?? ""}`;
}

function endBody(end: PendingEnd, idOf: (id: SightingId) => string) {
  return { sighting: idOf(end.sighting), port: end.port, ports: [...end.ports.values()] };
}
