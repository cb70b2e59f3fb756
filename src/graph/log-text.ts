import { BottomK } from "./bottom-k.ts";
import { AttemptLog, COMPARED, EvidenceLog } from "./evidence-log.ts";
import { PORTS_KEPT } from "./pending.ts";
import type { SampleSet } from "./sample-set.ts";
import type { Sighting } from "./sighting.ts";
import type { AttemptsText, EvidenceText, ObservationsText } from "./snapshot-schema.ts";

/** A log of attempts as plain data: equal logs give equal texts when printed as JSON. */
export function attemptsText(
  log: Pick<AttemptLog, "connections" | "firstSeen" | "lastSeen" | "samples">,
): AttemptsText {
  const { connections, firstSeen, lastSeen, samples } = log;
  return { connections: [...connections.values()], firstSeen, lastSeen, samples: samplesText(samples) };
}

/** A log of evidence as plain data: equal logs give equal texts when printed as JSON. */
export function evidenceText(log: EvidenceLog): EvidenceText {
  const { kinds, passed, audited, opened, established, forwarded } = log;
  return {
    ...attemptsText(log),
    forwarded: forwarded === undefined ? undefined : [...forwarded.values()],
    hours: log.hours.list(),
    kinds,
    passed,
    audited,
    opened,
    established,
  };
}

/** The same keys in the same order, wherever the sighting came from. */
export function sightingText(sighting: Sighting): Sighting {
  if (sighting.kind === "address") {
    const { kind, address, reserved, service } = sighting;
    return { kind, address, reserved, service };
  }
  const { cluster, namespace, labels, serviceAccount } = sighting;
  const common = { cluster, namespace, labels, serviceAccount };
  if (sighting.kind === "labels") return { kind: "labels", ...common };
  const { pod, owner } = sighting;
  return {
    kind: "pod",
    ...common,
    pod: { stem: pod.stem, shape: pod.shape },
    owner: owner && { kind: owner.kind, name: owner.name },
  };
}

/** What {@link sightingText} was made of. */
export function restoreSighting(sighting: Sighting | ObservationsText["sightings"][number]): Sighting {
  switch (sighting.kind) {
    case "pod": {
      const { cluster, owner, serviceAccount } = sighting;
      return { ...sighting, cluster, owner, serviceAccount };
    }
    case "labels":
      return { ...sighting, cluster: sighting.cluster, serviceAccount: sighting.serviceAccount };
    case "address":
      return { ...sighting, address: sighting.address, service: sighting.service };
  }
}

/** What {@link attemptsText} was made of. */
export function restoreAttempts(text: AttemptsText): AttemptLog {
  const log = new AttemptLog();
  restoreInto(log, text);
  return log;
}

/** Adds what {@link evidenceText} was made of to a log: most of what is restored is not known yet, and then fills it. */
export function restoreEvidenceInto(log: EvidenceLog, text: EvidenceText): void {
  if (log.isEmpty) fillEvidence(log, text);
  else log.merge(restoreEvidence(text));
}

/** What {@link evidenceText} was made of. */
export function restoreEvidence(text: EvidenceText): EvidenceLog {
  const log = new EvidenceLog();
  fillEvidence(log, text);
  return log;
}

function fillEvidence(log: EvidenceLog, text: EvidenceText): void {
  restoreInto(log, text);
  for (const hour of text.hours) log.hours.add(hour);
  log.kinds = text.kinds;
  log.passed = text.passed;
  log.audited = text.audited;
  log.opened = text.opened;
  log.established = text.established;
  if (text.forwarded !== undefined && !text.passed) {
    log.forwarded = new BottomK(COMPARED);
    log.forwarded.restore(text.forwarded);
  }
}

/** A sketch of the ports of a pending group's end. */
export function restorePorts(ports: readonly number[]): BottomK {
  const restored = new BottomK(PORTS_KEPT);
  restored.restore(ports);
  return restored;
}

function restoreInto(log: AttemptLog | EvidenceLog, text: AttemptsText): void {
  log.connections.restore(text.connections);
  log.samples.restore(text.samples);
  log.firstSeen = text.firstSeen;
  log.lastSeen = text.lastSeen;
}

function samplesText(samples: SampleSet): AttemptsText["samples"] {
  return samples.entries().map(({ hash, sample }) => ({ hash, ...sample }));
}
