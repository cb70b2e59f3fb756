import type { Backend, Directory, KnownService, KnownServicePort } from "../model/directory.ts";
import { isPolicyProtocol, type PolicyProtocol, type Protocol } from "../model/flow.ts";
import type { QuarantineReason } from "../model/graph.ts";
import type { Peer } from "../model/peer.ts";
import type { Identified, Identifier, Seen } from "./identify.ts";
import type { SightingId } from "./observations.ts";
import type { AddressSighting } from "./sighting.ts";

/** A server and its own port. */
export interface Target {
  readonly peer: Peer;
  readonly port: number | undefined;
}

/** Who serves a connection: several where a Service was called and any of them may have answered. */
export type Served =
  | { readonly targets: readonly Target[]; readonly service: string | undefined }
  | { readonly quarantine: QuarantineReason };

/** What was called. */
export interface Called {
  readonly server: SightingId;
  readonly protocol: Protocol;
  readonly port: number | undefined;
}

/** A Service's port and how it was called. */
interface CalledService {
  readonly name: string;
  readonly port: KnownServicePort | undefined;
  /** The address answers by itself as well: a DNS cache on the node has that of the DNS Service. */
  readonly isOwn?: boolean;
}

/**
 * Who is behind what was called: the address of a Service, or a port that every node answers for one, stands for the
 * pods behind it and their own ports, which are what a policy sees.
 */
export function serversOf(identifier: Identifier, called: Called, seen: Seen): Served {
  const sighting = identifier.sightingOf(called.server);
  const found = identifier.identify(called.server, "server", seen);
  const service = sighting?.kind === "address" ? calledService(identifier, sighting, called, found) : undefined;
  if (service === undefined) {
    if ("quarantine" in found) return found;
    const peer = apiServerOr(identifier, found.peer, called.port);
    return { targets: [{ peer, port: called.port }], service: undefined };
  }
  const targets = (service.port?.backends ?? []).map((backend) => targetOf(identifier, backend, seen));
  const own: Target[] = "peer" in found && service.isOwn ? [{ peer: found.peer, port: called.port }] : [];
  const known = [...own, ...targets.filter((target) => target !== undefined)];
  return known.length === 0 ? { quarantine: "service-address" } : { targets: known, service: service.name };
}

/** @returns undefined when the address is not a Service's, or stands for the server itself */
function calledService(
  { directory }: Identifier,
  sighting: AddressSighting,
  { protocol, port }: Called,
  found: Identified,
): CalledService | undefined {
  if (directory === undefined || port === undefined || !isPolicyProtocol(protocol)) return undefined;
  const call: ServiceCall = { directory, sighting, protocol, port };
  if ("peer" in found) return serviceBehind(found.peer, call);
  return found.quarantine === "service-address" ? serviceCalled(call) : undefined;
}

interface ServiceCall {
  readonly directory: Directory;
  readonly sighting: AddressSighting;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** A node's port may be a Service's on every node, and an address of the nodes' own a Service's as well. */
function serviceBehind(peer: Peer, { directory, sighting, protocol, port }: ServiceCall): CalledService | undefined {
  const { address = "" } = sighting;
  const nodePort = isNode(peer) ? directory.nodePort(protocol, port) : undefined;
  if (nodePort !== undefined) return { name: `nodes:${port}`, port: nodePort };
  const cached = peer.kind === "external" ? directory.servicePortAt(address, protocol, port) : undefined;
  return cached && { name: `${address}:${port}`, port: cached, isOwn: true };
}

function serviceCalled({ directory, sighting, protocol, port }: ServiceCall): CalledService {
  const service = serviceOf(directory, sighting);
  const { address = "" } = sighting;
  return service === undefined
    ? { name: `${address}:${port}`, port: directory.servicePortAt(address, protocol, port) }
    : {
        name: `${service.namespace}/${service.name}:${port}`,
        port: service.ports.find((one) => one.protocol === protocol && one.port === port),
      };
}

function isNode(peer: Peer): boolean {
  return peer.kind === "entity" && (peer.entity === "host" || peer.entity === "remote-node");
}

function serviceOf(directory: Directory, { address, service: named }: AddressSighting): KnownService | undefined {
  const known = named === undefined ? undefined : directory.serviceNamed(named);
  return known ?? (address === undefined ? undefined : directory.serviceAt(address));
}

function targetOf(identifier: Identifier, backend: Backend, seen: Seen): Target | undefined {
  const { port } = backend;
  if (backend.kind === "workload") {
    const known = identifier.known(backend.workload);
    return "peer" in known ? { peer: known.peer, port } : undefined;
  }
  return { peer: addressPeer(identifier, backend, seen), port };
}

/** An endpoint that is no pod: the API server, a node, or a place outside. */
function addressPeer(
  identifier: Identifier,
  { address, port }: Extract<Backend, { readonly kind: "address" }>,
  { firstSeen, lastSeen }: Seen,
): Peer {
  const holder = identifier.directory?.holderOf(address, { first: firstSeen, last: lastSeen });
  const atNode = holder?.kind === "node";
  const peer: Peer = atNode ? { kind: "entity", entity: "remote-node", address } : { kind: "external", address };
  return apiServerOr(identifier, peer, port);
}

/** The API server listens at an address that may be a node's or one outside; the endpoints of its Service tell. */
function apiServerOr({ directory }: Identifier, peer: Peer, port: number | undefined): Peer {
  if (peer.kind === "workload" || peer.address === undefined) return peer;
  const { address } = peer;
  const isApiServer = directory?.apiServers.some((one) => one.address === address && one.port === port) === true;
  return isApiServer ? { kind: "entity", entity: "kube-apiserver", address } : peer;
}
