import type { Protocol } from "../model/flow.ts";
import type { Edge, QuarantineReason } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import { type AttemptLog, EvidenceLog } from "./evidence-log.ts";

/** An edge between identified ends, in the making. */
export interface EdgeDraft {
  readonly client: Peer;
  readonly server: Peer;
  readonly protocol: Protocol;
  readonly port: number | undefined;
  readonly log: EvidenceLog;
  /** The log is the observations' own, which must not change: most edges have no other. */
  readonly isShared: boolean;
  /** Services whose address was called, as `namespace/name:port`. */
  readonly services: ReadonlySet<string>;
  /** True when some connection was seen to go to the server's own address. */
  readonly isDirect: boolean;
}

/** Who talks to whom on what. */
export type EdgeEnds = Pick<EdgeDraft, "client" | "server" | "protocol" | "port">;

/** What could not become an edge, by reason. */
export type Refuse = (
  reason: QuarantineReason,
  log: Pick<AttemptLog, "connections" | "samples" | "firstSeen" | "lastSeen">,
) => void;

/** A text that is equal exactly for edges with equal ends, protocol and port. */
export function edgeKey(edge: Pick<Edge, "client" | "server" | "protocol" | "port">): string {
  return `${edge.client.kind} ${peerName(edge.client)} > ${edge.server.kind} ${peerName(edge.server)} ${edge.protocol} ${String(edge.port ?? 0).padStart(5, "0")}`;
}

/** A log, and how it is evidence of an edge. */
export interface Contribution {
  readonly log: EvidenceLog;
  /** True when its client is the edge's server. */
  readonly turned?: boolean;
  /** The Service that was called, as `namespace/name:port`; undefined when it was the server itself. */
  readonly service?: string | undefined;
}

const NO_SERVICES: ReadonlySet<string> = new Set();

/** Merges a log into the edge with these ends. */
export function addDraft(drafts: Map<string, EdgeDraft>, ends: EdgeEnds, contribution: Contribution): void {
  const { log, turned = false, service } = contribution;
  const key = edgeKey(ends);
  const draft = drafts.get(key);
  if (draft === undefined && !turned && service === undefined) {
    drafts.set(key, { ...ends, log, isShared: true, services: NO_SERVICES, isDirect: true });
    return;
  }
  const merged = ownLog(draft);
  merged.merge(service === undefined ? log : atService(log), turned);
  const { services = NO_SERVICES, isDirect = false } = draft ?? {};
  drafts.set(key, {
    ...ends,
    log: merged,
    isShared: false,
    services: service === undefined ? services : new Set([...services, service]),
    isDirect: isDirect || service === undefined,
  });
}

function ownLog(draft: EdgeDraft | undefined): EvidenceLog {
  if (draft?.isShared === false) return draft.log;
  const own = new EvidenceLog();
  if (draft !== undefined) own.merge(draft.log);
  return own;
}

/** The 5-tuples of a Service's address never show up where the packets arrive, so they can't be told from dropped ones. */
function atService(log: EvidenceLog): EvidenceLog {
  const copy = new EvidenceLog();
  copy.merge(log);
  copy.forwarded = undefined;
  return copy;
}

/** No policy speaks of traffic that neither starts nor ends at a pod. */
export function isPodless(client: Peer, server: Peer): boolean {
  return client.kind !== "workload" && server.kind !== "workload";
}
