import { byText } from "../../lib/sort.ts";
import type { KnownService } from "../../model/directory.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { Labels } from "../../model/graph.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { canonicalAddresses } from "./address.ts";
import { fieldAt, fieldOf, isRecord, listOf, portNumber, textOf } from "./fields.ts";
import { protocolOf } from "./pod-spec.ts";

/** A port of a Service as it is written. */
export interface ServicePort {
  readonly name: string | undefined;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  /** A number, or the name of a container's port. */
  readonly target: number | string;
  readonly nodePort: number | undefined;
}

/** A Service as it is written. */
export interface ServiceObject {
  readonly namespace: string;
  readonly name: string;
  readonly type: KnownService["type"];
  /** Canonical, sorted. */
  readonly addresses: readonly string[];
  readonly ports: readonly ServicePort[];
  /** Run-time labels included: the Services of a StatefulSet's pods select by nothing else. Undefined for none. */
  readonly selector: Labels | undefined;
}

/** Reads a Service; undefined for one without a name. Ports that can't be read are left out. */
export function readService({ name, namespace, value }: ManifestObject): ServiceObject | undefined {
  if (name === undefined) return undefined;
  const spec = fieldOf(value, "spec");
  const type = typeOf(fieldOf(spec, "type"));
  const ingress = listOf(fieldAt(value, "status", "loadBalancer", "ingress"));
  const addresses = [
    fieldOf(spec, "clusterIP"),
    ...listOf(fieldOf(spec, "clusterIPs")),
    ...listOf(fieldOf(spec, "externalIPs")),
    ...ingress.map((entry) => fieldOf(entry, "ip")),
  ];
  const isExternal = type === "ExternalName";
  return {
    namespace,
    name,
    type,
    addresses: isExternal ? [] : canonicalAddresses(addresses).toSorted(byText),
    ports: listOf(fieldOf(spec, "ports")).flatMap(readServicePort),
    selector: isExternal ? undefined : selectorOf(fieldOf(spec, "selector")),
  };
}

function typeOf(value: unknown): KnownService["type"] {
  return value === "NodePort" || value === "LoadBalancer" || value === "ExternalName" ? value : "ClusterIP";
}

function readServicePort(entry: unknown): readonly ServicePort[] {
  const port = portNumber(fieldOf(entry, "port"));
  const protocol = protocolOf(fieldOf(entry, "protocol"));
  if (port === undefined || protocol === undefined) return [];
  const written = fieldOf(entry, "targetPort");
  const target = textOf(entry, "targetPort") ?? portNumber(written) ?? port;
  return [{ name: textOf(entry, "name"), protocol, port, target, nodePort: portNumber(fieldOf(entry, "nodePort")) }];
}

/** A selector that can't be read as a whole selects nothing that is known. */
function selectorOf(value: unknown): Labels | undefined {
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : []));
  if (entries.length === 0 || entries.length < Object.keys(value).length) return undefined;
  return Object.fromEntries(entries);
}
