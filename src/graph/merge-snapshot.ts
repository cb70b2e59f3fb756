import { NetlearnError } from "../lib/errors.ts";
import type { QuarantineReason } from "../model/graph.ts";
import { restoreAccess } from "./access/restore-access.ts";
import type { Learned } from "./learner.ts";
import { restoreAttempts, restoreEvidence, restoreEvidenceInto, restorePorts, restoreSighting } from "./log-text.ts";
import type { Observations, SightingId } from "./observations.ts";
import type { PendingEnd } from "./pending.ts";
import type { RejectionCount } from "./rejections.ts";
import { type ObservationsText, SnapshotText } from "./snapshot-schema.ts";

/**
 * Adds what a snapshot remembers to what was learned: commutative and associative, and idempotent but for the plain
 * counters of records.
 *
 * @param source what to call the snapshot in an error: its file name
 * @returns what had been refused as no record, when it was a state that was printed
 * @throws NetlearnError `NETLEARN_SNAPSHOT_INVALID` when the text is no snapshot of this version
 */
export function mergeSnapshot(
  { observations, accesses }: Learned,
  text: string,
  source: string,
): readonly RejectionCount[] {
  const { observations: read, state } = parseSnapshot(text, source);
  // Before anything is taken over: what was learned stays as it was when the snapshot is refused.
  refuseStrangers(read, source);
  const ids = read.sightings.map((sighting) => observations.idOf(restoreSighting(sighting)));
  const idAt = (place: number): SightingId => ids[place] ?? 0;
  mergeFacts(observations, read);
  for (const { client, server, protocol, port, evidence } of read.edges) {
    restoreEvidenceInto(observations.edge(idAt(client), idAt(server), protocol, port).log, evidence);
  }
  for (const { client, server, protocol, port, reason, byPolicy, attempts } of read.denied) {
    const attempt = { client: idAt(client), server: idAt(server), protocol, port, reason, byPolicy };
    observations.denial(attempt).log.merge(restoreAttempts(attempts));
  }
  for (const pending of read.pending) mergePending(observations, pending, idAt);
  for (const { address, pod, first, last } of read.tenancies) observations.addTenancy(address, idAt(pod), first, last);
  if (read.access !== undefined) restoreAccess(accesses, read.access);
  return (state?.rejections ?? []).map(({ reason, count, sample }) => {
    const { source: place, line } = sample.place;
    return { reason, count, sample: { ...sample, place: { source: place, line } } };
  });
}

function parseSnapshot(text: string, source: string): SnapshotText {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(source, "it is not JSON", cause);
  }
  const parsed = SnapshotText.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(source, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "unexpected content"}`);
}

function refuseStrangers({ sightings, edges, denied, pending, tenancies }: ObservationsText, source: string): void {
  const named = {
    edges: edges.map(({ client, server }) => [client, server]),
    denied: denied.map(({ client, server }) => [client, server]),
    pending: pending.map(({ a, b }) => [a.sighting, b.sighting]),
    tenancies: tenancies.map(({ pod }) => [pod]),
  };
  for (const [list, rows] of Object.entries(named)) {
    for (const [row, ends] of rows.entries()) {
      const stranger = ends.find((end) => end >= sightings.length);
      if (stranger !== undefined)
        throw invalid(source, `observations.${list}.${row}: there is no sighting ${stranger}`);
    }
  }
}

function invalid(source: string, what: string, cause?: unknown): NetlearnError {
  return new NetlearnError("NETLEARN_SNAPSHOT_INVALID", `${source} is not a graph snapshot: ${what}`, {
    hint: "give a file that `netlearn graph --format json` or `netlearn state export` of this version printed",
    cause,
  });
}

function mergeFacts(observations: Observations, read: ObservationsText): void {
  observations.addTime(read.first);
  observations.addTime(read.last);
  for (const [set, texts] of Object.entries(read.sets)) for (const text of texts) observations.addFact(set, text);
  for (const [what, count] of Object.entries(read.counts)) observations.count(what, count);
  for (const { address, names } of read.names) for (const name of names) observations.addName(address, name);
  for (const { reason, attempts } of read.quarantine) {
    observations.quarantined(reason as QuarantineReason).merge(restoreAttempts(attempts));
  }
}

function mergePending(
  observations: Observations,
  pending: ObservationsText["pending"][number],
  idAt: (place: number) => SightingId,
): void {
  const { a, b, protocol, claimed, onOverlay, records, evidence } = pending;
  const ends = [restoreEnd(a, idAt), restoreEnd(b, idAt)] as const;
  const restored = { a: ends[0], b: ends[1], protocol, claimed, onOverlay, records, log: restoreEvidence(evidence) };
  observations.putPending(restored);
}

function restoreEnd(end: ObservationsText["pending"][number]["a"], idAt: (place: number) => SightingId): PendingEnd {
  return { sighting: idAt(end.sighting), port: end.port, ports: restorePorts(end.ports) };
}
