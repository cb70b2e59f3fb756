import type { Protocol } from "../model/flow.ts";
import { type Peer, peerName } from "../model/peer.ts";
import type { EdgeEnds } from "./edge-draft.ts";
import type { Identifier } from "./identify.ts";
import type { PendingEnd } from "./pending.ts";

/** A port that is a server's. */
export type Listener = Omit<EdgeEnds, "client">;

/** What the cluster's objects say about who listens where: container ports, and the ports behind Services. */
export function declaredListeners(identifier: Identifier): readonly Listener[] {
  const { workloads = [], services = [] } = identifier.directory ?? {};
  const containers = workloads.flatMap((workload) => workload.ports.map((declared) => ({ workload, ...declared })));
  const backends = services.flatMap(({ ports }) =>
    ports.flatMap(({ protocol, backends: behind }) =>
      behind.flatMap((backend) => (backend.kind === "workload" ? [{ ...backend, protocol }] : [])),
    ),
  );
  return [...containers, ...backends].flatMap(({ workload, protocol, port }) => {
    const known = identifier.known(workload);
    return "peer" in known ? [{ server: known.peer, protocol, port }] : [];
  });
}

/** Ports that are known to be servers'. */
export class Listeners {
  readonly #ports = new Map<string, Set<number>>();

  constructor(listeners: Iterable<Listener>) {
    for (const { server, protocol, port } of listeners) {
      const key = `${peerName(server)} ${protocol}`;
      const ports = this.#ports.get(key) ?? new Set();
      if (port !== undefined) ports.add(port);
      this.#ports.set(key, ports);
    }
  }

  /** True when every port an end used is a known server's. */
  knowsAll(peer: Peer, protocol: Protocol, end: PendingEnd): boolean {
    const known = this.#ports.get(`${peerName(peer)} ${protocol}`);
    return known !== undefined && end.ports.exact && [...end.ports.values()].every((port) => known.has(port));
  }

  /** The one known server port among an end's; "several" when more than one may be. */
  port(peer: Peer, protocol: Protocol, end: PendingEnd): number | "several" | undefined {
    const known = this.#ports.get(`${peerName(peer)} ${protocol}`);
    if (known === undefined) return undefined;
    if (end.port !== undefined) return known.has(end.port) ? end.port : undefined;
    const hits = [...end.ports.values()].filter((port) => known.has(port));
    if (hits.length === 1 && end.ports.size === 1) return hits[0];
    const mayHide = !end.ports.exact && [...known].some((port) => port >= 32_768);
    return hits.length > 0 || mayHide ? "several" : undefined;
  }
}
