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
}

/** Who talks to whom on what. */
export type EdgeEnds = Omit<EdgeDraft, "log" | "isShared">;

/** What could not become an edge, by reason. */
export type Refuse = (
  reason: QuarantineReason,
  log: Pick<AttemptLog, "connections" | "samples" | "firstSeen" | "lastSeen">,
) => void;

/** A text that is equal exactly for edges with equal ends, protocol and port. */
export function edgeKey(edge: Pick<Edge, "client" | "server" | "protocol" | "port">): string {
  return `${edge.client.kind} ${peerName(edge.client)} > ${edge.server.kind} ${peerName(edge.server)} ${edge.protocol} ${String(edge.port ?? 0).padStart(5, "0")}`;
}

/** Merges a log into the edge with these ends; `turned` when its client is this edge's server. */
export function addDraft(drafts: Map<string, EdgeDraft>, ends: EdgeEnds, log: EvidenceLog, turned: boolean): void {
  const key = edgeKey(ends);
  const draft = drafts.get(key);
  if (draft === undefined && !turned) {
    drafts.set(key, { ...ends, log, isShared: true });
  } else if (draft === undefined || draft.isShared) {
    const merged = new EvidenceLog();
    if (draft !== undefined) merged.merge(draft.log);
    merged.merge(log, turned);
    drafts.set(key, { ...ends, log: merged, isShared: false });
  } else {
    draft.log.merge(log, turned);
  }
}

/** No policy speaks of traffic that neither starts nor ends at a pod. */
export function isPodless(client: Peer, server: Peer): boolean {
  return client.kind !== "workload" && server.kind !== "workload";
}
