import type { Protocol } from "../../model/flow.ts";
import { blockHolds } from "./address.ts";
import type { Answer } from "./answer.ts";
import type { CompiledPod } from "./compile.ts";
import type { End } from "./end.ts";
import type { CompiledPeer, CompiledPort } from "./policy.ts";
import type { Profile } from "./profile.ts";

/** Whether the labels of a pod and of its namespace are what the peer asks for; hostNetwork is not looked at. */
export function selectsPod(
  peer: Extract<CompiledPeer, { kind: "pods" }>,
  policyNamespace: string,
  pod: Pick<CompiledPod, "namespace" | "namespaceLabels" | "labels">,
): boolean {
  const inNamespace =
    peer.namespaces === undefined ? pod.namespace === policyNamespace : peer.namespaces(pod.namespaceLabels);
  return inNamespace && (peer.pods === undefined || peer.pods(pod.labels));
}

/** Whether a peer of a policy in `policyNamespace` matches an end (rules 6, 7, 10, 14). */
export function peerMatches(peer: CompiledPeer, policyNamespace: string, end: End, profile: Profile): Answer {
  if (peer.kind === "block") {
    return blockMatches(peer, end, profile);
  }
  if (end.kind === "address" && end.shared) {
    return "unknown";
  }
  if (end.kind !== "pod" || !selectsPod(peer, policyNamespace, end.pod)) {
    return "no";
  }
  if (!end.pod.hostNetwork) {
    return "yes";
  }
  const answer = profile.selectorsMatchHostNetwork;
  if (answer === "with-pod-selector") {
    return peer.pods === undefined ? "no" : "yes";
  }
  return answer;
}

function blockMatches(peer: Extract<CompiledPeer, { kind: "block" }>, end: End, profile: Profile): Answer {
  const held = end.addresses.filter(
    (address) => blockHolds(peer.block, address) && !peer.except.some((block) => blockHolds(block, address)),
  );
  if (held.length === 0) {
    return "no";
  }
  const matches = blocksMatchEnd(end, profile);
  // A pod with two addresses of which one matches: it depends on which one the connection uses.
  return matches === "yes" && held.length < end.addresses.length ? "unknown" : matches;
}

function blocksMatchEnd(end: End, profile: Profile): Answer {
  switch (end.kind) {
    case "pod":
      return end.pod.hostNetwork ? profile.blocksMatchNodes : profile.blocksMatchPods;
    case "node":
      return profile.blocksMatchNodes;
    case "address":
      return end.shared ? profile.blocksMatchPods : "yes";
  }
}

/** Whether an entry of `ports` covers the server's port. Names are looked up at the server's pod (rule 9). */
export function portMatches(entry: CompiledPort, protocol: Protocol, port: number | undefined, server: End): boolean {
  if (entry.protocol !== protocol) {
    return false;
  }
  if (entry.port === undefined) {
    return true;
  }
  if (port === undefined) {
    return false;
  }
  if (typeof entry.port === "number") {
    return port >= entry.port && port <= (entry.endPort ?? entry.port);
  }
  return (
    server.kind === "pod" &&
    server.pod.ports.some(
      (declared) => declared.name === entry.port && declared.protocol === protocol && declared.port === port,
    )
  );
}

/** Index of the first entry of a rule's `ports` that covers the server's port; -1 when none does. */
export function firstPort(
  entries: readonly CompiledPort[],
  { protocol, port, server }: { readonly protocol: Protocol; readonly port: number | undefined; readonly server: End },
): number {
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index];
    if (entry !== undefined && portMatches(entry, protocol, port, server)) {
      return index;
    }
  }
  return -1;
}

/** What all peers say together, and the index of the first that matches; an empty list matches everybody. */
export interface PeersAnswer {
  readonly answer: Answer;
  readonly index: number | undefined;
}

const EVERYBODY: PeersAnswer = { answer: "yes", index: undefined };
const NOBODY: PeersAnswer = { answer: "no", index: undefined };
const PERHAPS: PeersAnswer = { answer: "unknown", index: undefined };

/** Asks the peers of a rule of a policy in `policyNamespace` about an end in turn, up to the first that matches. */
export function firstPeer(
  peers: readonly CompiledPeer[],
  policyNamespace: string,
  end: End,
  profile: Profile,
): PeersAnswer {
  if (peers.length === 0) {
    return EVERYBODY;
  }
  let otherwise = NOBODY;
  for (let index = 0; index < peers.length; index++) {
    const peer = peers[index];
    const answer = peer === undefined ? "no" : peerMatches(peer, policyNamespace, end, profile);
    if (answer === "yes") {
      return { answer, index };
    }
    otherwise = answer === "unknown" ? PERHAPS : otherwise;
  }
  return otherwise;
}
