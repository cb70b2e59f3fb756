import type { PolicyProtocol } from "../../model/flow.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { canonicalAddresses } from "./address.ts";
import { fieldAt, fieldOf, listOf, portNumber, textOf } from "./fields.ts";
import { protocolOf } from "./pod-spec.ts";

/** A port that endpoints listen on. */
export interface EndpointPort {
  /** Of the Service's port it belongs to; undefined for a Service with one port without a name. */
  readonly name: string | undefined;
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** What stands behind a Service. */
export interface Endpoint {
  /** Canonical. */
  readonly addresses: readonly string[];
  readonly node: string | undefined;
  /** The pod behind it, where it says that it is one. */
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string | undefined } | undefined;
}

/** An EndpointSlice, or a subset of the Endpoints that came before it. */
export interface EndpointsObject {
  readonly namespace: string;
  /** Of the Service; undefined for a slice that names none. */
  readonly service: string | undefined;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** Reads a discovery.k8s.io EndpointSlice. */
export function readEndpointSlice({ namespace, value }: ManifestObject): readonly EndpointsObject[] {
  const labels = fieldAt(value, "metadata", "labels");
  // One whose addresses are host names says nothing of addresses.
  if (fieldOf(value, "addressType") === "FQDN") return [];
  return [
    {
      namespace,
      service: textOf(labels, "kubernetes.io/service-name"),
      ports: listOf(fieldOf(value, "ports")).flatMap(readPort),
      endpoints: listOf(fieldOf(value, "endpoints")).map((one) =>
        endpointOf(one, listOf(fieldOf(one, "addresses")), namespace),
      ),
    },
  ];
}

/** Reads core/v1 Endpoints, whose name is the Service's. */
export function readEndpoints({ name, namespace, value }: ManifestObject): readonly EndpointsObject[] {
  return listOf(fieldOf(value, "subsets")).map((subset) => ({
    namespace,
    service: name,
    ports: listOf(fieldOf(subset, "ports")).flatMap(readPort),
    endpoints: [...listOf(fieldOf(subset, "addresses")), ...listOf(fieldOf(subset, "notReadyAddresses"))].map((one) =>
      endpointOf(one, [fieldOf(one, "ip")], namespace),
    ),
  }));
}

function readPort(entry: unknown): readonly EndpointPort[] {
  const port = portNumber(fieldOf(entry, "port"));
  const protocol = protocolOf(fieldOf(entry, "protocol"));
  return port === undefined || protocol === undefined ? [] : [{ name: textOf(entry, "name"), protocol, port }];
}

function endpointOf(value: unknown, addresses: readonly unknown[], namespace: string): Endpoint {
  const target = fieldOf(value, "targetRef");
  const name = fieldOf(target, "kind") === "Pod" ? textOf(target, "name") : undefined;
  return {
    addresses: canonicalAddresses(addresses),
    node: textOf(value, "nodeName"),
    pod:
      name === undefined
        ? undefined
        : { namespace: textOf(target, "namespace") ?? namespace, name, uid: textOf(target, "uid") },
  };
}
