import { NetlearnError } from "../lib/errors.ts";
import type { Edge } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";

/** The ends of an edge or a refused attempt. */
export type Ends = Pick<Edge, "client" | "server" | "port" | "protocol">;

/**
 * Reads an edge pattern: `PEER` (either end), `CLIENT->SERVER` or `CLIENT->SERVER:PORT[/PROTOCOL]`. A peer is `namespace/workload`,
 * an address or an entity's name; `*` stands for any text but `/`, alone for any peer.
 *
 * @throws NetlearnError `NETLEARN_USAGE` when an end is missing
 */
export function readEdgePattern(text: string): (ends: Ends) => boolean {
  const [left, right, ...more] = text.split("->").map((part) => part.trim());
  if (left === undefined || left === "" || right === "" || more.length > 0) {
    throw new NetlearnError("NETLEARN_USAGE", `${JSON.stringify(text)} is no edge pattern`, {
      hint: "write NAMESPACE/WORKLOAD, CLIENT->SERVER or CLIENT->SERVER:PORT",
    });
  }
  if (right === undefined) {
    const either = peerPattern(left);
    return ({ client, server }) => either(client) || either(server);
  }
  const { peer, port, protocol } = splitPort(right);
  const [from, to] = [peerPattern(left), peerPattern(peer)];
  return (ends) =>
    from(ends.client) &&
    to(ends.server) &&
    (port === undefined || ends.port === port) &&
    (protocol === undefined || ends.protocol === protocol);
}

interface ServerPort {
  readonly peer: string;
  readonly port: number | undefined;
  /** In capitals; undefined: any. */
  readonly protocol: string | undefined;
}

/** `[2001:db8::1]:443`, `shop/db:5432` and `kube-system/dns:53/UDP`; an IPv6 address without brackets has no port. */
function splitPort(text: string): ServerPort {
  const match =
    /^\[([^\]]+)\](?::(\d+)(?:\/(tcp|udp|sctp))?)?$/i.exec(text) ?? /^([^:]+):(\d+)(?:\/(tcp|udp|sctp))?$/i.exec(text);
  const [, peer, port, protocol] = match ?? [];
  if (peer === undefined) return { peer: text, port: undefined, protocol: undefined };
  return { peer, port: port === undefined ? undefined : Number(port), protocol: protocol?.toUpperCase() };
}

function peerPattern(text: string): (peer: Peer) => boolean {
  if (text === "*") return () => true;
  const escaped = text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll("*", "[^/]*");
  const pattern = new RegExp(`^${escaped}$`);
  return (peer) => pattern.test(peerName(peer)) || (peer.kind === "entity" && pattern.test(peer.entity));
}
