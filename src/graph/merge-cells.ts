import { earlier, later } from "../lib/sort.ts";
import type { CellKind, MergeCells } from "../model/state.ts";
import type { OfCluster } from "./access/access-cell.ts";
import { callerTexts, deniedTexts, usesTexts } from "./access/access-text.ts";
import { ClusterAccess } from "./access/cluster-access.ts";
import { restoreCaller, restoreDenied, restoreUses } from "./access/restore-access.ts";
import { type CellBodies, type PendingEndBody, readCell } from "./cell-bodies.ts";
import { attemptsText, evidenceText, restoreAttempts, restoreEvidence, restorePorts } from "./log-text.ts";
import { firstNames } from "./observations.ts";
import { mergeRejections } from "./rejections.ts";
import type { AttemptsText, EvidenceText } from "./snapshot-schema.ts";

type Merges = { readonly [Kind in CellKind]: (known: CellBodies[Kind], added: CellBodies[Kind]) => CellBodies[Kind] };

/** Commutative and associative, and but for counters idempotent: as learning from both would have been. */
const MERGES: Merges = {
  access: (known, added) => {
    const both = new ClusterAccess();
    restoreUses(both, known);
    restoreUses(both, added);
    return onlyOne(usesTexts(both), known);
  },
  "access-denial": (known, added) => {
    const both = new ClusterAccess();
    restoreDenied(both, known);
    restoreDenied(both, added);
    return onlyOne(deniedTexts(both), known);
  },
  caller: (known, added) => {
    const both = new ClusterAccess();
    restoreCaller(both, known);
    restoreCaller(both, added);
    return onlyOne(callerTexts(both), known);
  },
  counter: ({ name, count, cluster }, added) => ({ name, count: count + added.count, cluster }),
  denial: (known, added) => ({ ...known, attempts: mergeAttempts(known.attempts, added.attempts) }),
  edge: (known, added) => ({ ...known, evidence: mergeEvidence(known.evidence, added.evidence) }),
  fact: (known) => known,
  name: (known, added) => ({ address: known.address, names: firstNames([...known.names, ...added.names]) }),
  pending: (known, added) => ({
    a: mergeEnds(known.a, added.a),
    b: mergeEnds(known.b, added.b),
    protocol: known.protocol,
    claimed: known.claimed,
    onOverlay: known.onOverlay,
    records: known.records + added.records,
    evidence: mergeEvidence(known.evidence, added.evidence),
  }),
  quarantine: (known, added) => ({
    reason: known.reason,
    attempts: mergeAttempts(known.attempts, added.attempts),
  }),
  rejection: mergeRejections,
  sighting: (known) => known,
  span: (known, added) => ({
    of: known.of,
    first: earlier(known.first, added.first),
    last: later(known.last, added.last),
    cluster: known.cluster,
  }),
  tenancy: ({ address, pod, first, last }, added) => ({
    address,
    pod,
    first: Math.min(first, added.first),
    last: Math.max(last, added.last),
  }),
};

/** Merges the bodies of two cells about one thing, as `model/state.ts` asks. */
export const mergeCells: MergeCells = (kind, known, added) => {
  if (known === added && isIdempotent(kind)) return known;
  return JSON.stringify(mergeBodies(kind, known, added));
};

/** True when the same fact may come twice. */
export function isIdempotent(kind: CellKind): boolean {
  return kind !== "counter" && kind !== "rejection" && kind !== "pending";
}

function mergeBodies<Kind extends CellKind>(kind: Kind, known: string, added: string): CellBodies[Kind] {
  const merge: (known: CellBodies[Kind], added: CellBodies[Kind]) => CellBodies[Kind] = MERGES[kind];
  return merge(bodyOf(kind, known), bodyOf(kind, added));
}

function bodyOf<Kind extends CellKind>(kind: Kind, body: string): CellBodies[Kind] {
  return readCell({ kind, body }).body as CellBodies[Kind];
}

function mergeEvidence(known: EvidenceText, added: EvidenceText): EvidenceText {
  const log = restoreEvidence(known);
  log.merge(restoreEvidence(added));
  return evidenceText(log);
}

function mergeAttempts(known: AttemptsText, added: AttemptsText): AttemptsText {
  const log = restoreAttempts(known);
  log.merge(restoreAttempts(added));
  return attemptsText(log);
}

/** What two texts about one thing came to, of the cluster they were of. */
function onlyOne<Text extends object>(texts: Iterable<Text>, known: OfCluster<Text>): OfCluster<Text> {
  for (const text of texts) return { ...text, cluster: known.cluster };
  return known;
}

function mergeEnds(known: PendingEndBody, added: PendingEndBody): PendingEndBody {
  const ports = restorePorts(known.ports);
  ports.merge(restorePorts(added.ports));
  return { ...known, ports: [...ports.values()] };
}
