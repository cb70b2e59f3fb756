import { didYouMean } from "../lib/closest.ts";
import { NetlearnError } from "../lib/errors.ts";
import { byText } from "../lib/sort.ts";
import { type Peer, peerName } from "../model/peer.ts";
import type { Suggestion } from "../pipeline.ts";

/**
 * Finds the peers somebody means.
 *
 * @param text `namespace/name`, a workload's name where it is unique, an address, a DNS name seen for an address, or
 *   the name of an entity (`kube-apiserver`)
 * @param flag where the text was given, for the error
 * @returns names of the peers (`peerName`), at least one
 * @throws NetlearnError `NETLEARN_USAGE` when nothing or more than one workload is meant
 */
export function findPeers(suggestion: Suggestion, text: string, flag: string): ReadonlySet<string> {
  const peers = knownPeers(suggestion);
  const exact = peers.get(text) ?? peers.get(text.toLowerCase());
  if (exact !== undefined) return new Set([peerName(exact)]);
  const searches = [addressesOf(suggestion, text), workloadsOf(suggestion, text)];
  const found = [...searches.flat(), ...[...peers.values()].filter((peer) => isNamed(peer, text)).map(peerName)];
  if (found.length > 0) return new Set(found);
  const sameName = suggestion.graph.workloads.filter(({ name }) => name === text).map(({ key }) => key);
  if (sameName.length === 1) return new Set(sameName);
  if (sameName.length > 1) {
    throw new NetlearnError("NETLEARN_USAGE", `${flag}: ${JSON.stringify(text)} is the name of several workloads`, {
      hint: `Say which: ${sameName.slice(0, 10).join(", ")}.`,
    });
  }
  throw new NetlearnError("NETLEARN_USAGE", `${flag}: no peer called ${JSON.stringify(text)} was seen`, {
    hint: hintFor(text, suggestion, [...peers.keys()]),
  });
}

function hintFor(text: string, { graph }: Suggestion, known: readonly string[]): string {
  const names = graph.workloads.map(({ name }) => name);
  // Workloads first: they are what people ask about, addresses are many.
  const listed = [...new Set([...graph.workloads.map(({ key }) => key), ...known])];
  return (
    didYouMean(text, [...known, ...names]) ??
    `Known peers: ${listed.slice(0, 10).join(", ")}${listed.length > 10 ? ", …" : ""}.`
  );
}

/** Everybody who was seen, or of whom an object promises something, by name, in the order of the names. */
function knownPeers({ graph, excluded, policies }: Suggestion): ReadonlyMap<string, Peer> {
  const ends = [...graph.edges, ...graph.denied, ...excluded].flatMap(({ client, server }) => [client, server]);
  const workloads = graph.workloads.map(({ key }): Peer => ({ kind: "workload", workload: key }));
  const promised = policies.inferred
    .flatMap(({ client, server }) => (client === undefined ? [server] : [client, server]))
    .map((workload): Peer => ({ kind: "workload", workload }));
  const entries = [...ends, ...workloads, ...promised].map((peer) => [peerName(peer), peer] as const);
  return new Map(entries.toSorted(([a], [b]) => byText(a, b)));
}

function isNamed(peer: Peer, text: string): boolean {
  return peer.kind === "entity" && (peer.entity === text || peer.address === text);
}

function addressesOf({ graph }: Suggestion, dnsName: string): readonly string[] {
  return Object.entries(graph.names).flatMap(([address, names]) => (names.includes(dnsName) ? [address] : []));
}

// Where two kinds share a name, the key is namespace/Kind/name and namespace/name means both.
function workloadsOf({ graph }: Suggestion, text: string): readonly string[] {
  return graph.workloads.flatMap(({ key, namespace, name }) => (`${namespace}/${name}` === text ? [key] : []));
}
