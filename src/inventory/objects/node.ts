import type { ManifestObject } from "../../model/manifest-object.ts";
import { canonicalAddresses } from "./address.ts";
import { fieldAt, fieldOf, listOf, textOf, textsOf, timeOf } from "./fields.ts";

/** A node's addresses. */
export interface NodeObject {
  readonly name: string;
  /** Canonical, of every type: internal, external, and those that network plugins gave it in the pods' network. */
  readonly addresses: readonly string[];
  /** The ranges its pods get addresses from, as written. */
  readonly podRanges: readonly string[];
  readonly created: number | undefined;
}

/** Calico writes here under which address a node sends into its pods' tunnel (calico/node, allocateip). */
const TUNNEL_ADDRESSES: readonly string[] = [
  "projectcalico.org/IPv4IPIPTunnelAddr",
  "projectcalico.org/IPv4VXLANTunnelAddr",
  "projectcalico.org/IPv4WireguardInterfaceAddr",
  "projectcalico.org/IPv6VXLANTunnelAddr",
  "projectcalico.org/IPv6WireguardInterfaceAddr",
];

/** Reads a Node; undefined for one without a name. */
export function readNode({ name, value }: ManifestObject): NodeObject | undefined {
  if (name === undefined) return undefined;
  const metadata = fieldOf(value, "metadata");
  const annotations = fieldOf(metadata, "annotations");
  const listed = listOf(fieldAt(value, "status", "addresses")).map((entry) => fieldOf(entry, "address"));
  const ranges = textsOf(fieldAt(value, "spec", "podCIDRs"));
  const single = textOf(fieldOf(value, "spec"), "podCIDR");
  return {
    name,
    addresses: canonicalAddresses([...listed, ...TUNNEL_ADDRESSES.map((key) => fieldOf(annotations, key))]),
    podRanges: ranges.length === 0 && single !== undefined ? [single] : ranges,
    created: timeOf(metadata, "creationTimestamp"),
  };
}

/** Reads a cilium.io CiliumNode, which has the addresses that Cilium gave a node (`CiliumInternalIP`, those of its health check and its Envoy). */
export function readCiliumNode({ name, value }: ManifestObject): NodeObject | undefined {
  if (name === undefined) return undefined;
  const spec = fieldOf(value, "spec");
  const listed = listOf(fieldOf(spec, "addresses")).map((entry) => fieldOf(entry, "ip"));
  const own = ["health", "ingress"].flatMap((what) => [fieldAt(spec, what, "ipv4"), fieldAt(spec, what, "ipv6")]);
  return {
    name,
    addresses: canonicalAddresses([...listed, ...own]),
    podRanges: textsOf(fieldAt(spec, "ipam", "podCIDRs")),
    created: timeOf(fieldOf(value, "metadata"), "creationTimestamp"),
  };
}
