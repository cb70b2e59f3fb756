import ipaddr from "ipaddr.js";
import type { RulePeer } from "../../model/policy-set.ts";

const keys = new WeakMap<RulePeer, string>();

/** A text that is equal exactly for equal peers, and sorts pods before blocks, and anyone last. */
export function rulePeerKey(peer: RulePeer): string {
  const known = keys.get(peer);
  if (known !== undefined) return known;
  const key = keyText(peer);
  keys.set(peer, key);
  return key;
}

function keyText(peer: RulePeer): string {
  switch (peer.kind) {
    case "pods":
      return `p ${peer.namespace} ${JSON.stringify(Object.entries(peer.labels))}`;
    case "block":
      return `z ${peer.cidr}`;
    case "anyone":
      return "zz";
  }
}

/** The block of `length` bits around an address, canonical. */
export function blockOf(address: string, prefix: { readonly v4: number; readonly v6: number }): RulePeer {
  const parsed = ipaddr.parse(address);
  const [length, all] = parsed.kind() === "ipv4" ? [prefix.v4, 32] : [prefix.v6, 128];
  if (length >= all) return { kind: "block", cidr: `${address}/${all}` };
  const network =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${address}/${length}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${address}/${length}`);
  return { kind: "block", cidr: `${network.toString()}/${length}` };
}

/** Everything that is no pod or node address the cluster knows, and those as well: any address of either family. */
export const ANYWHERE: readonly RulePeer[] = [
  { kind: "block", cidr: "0.0.0.0/0" },
  { kind: "block", cidr: "::/0" },
];

/** True when `wide` lets in whatever `narrow` does, and more. */
export function covers(wide: RulePeer, narrow: RulePeer): boolean {
  if (wide.kind === "anyone") return narrow.kind !== "anyone";
  if (wide.kind === "pods" && narrow.kind === "pods")
    return wide.namespace === narrow.namespace && hasFewerLabels(wide, narrow);
  return wide.kind === "block" && narrow.kind === "block" && blockCovers(wide.cidr, narrow.cidr);
}

type PodsPeer = Extract<RulePeer, { kind: "pods" }>;

function hasFewerLabels({ labels }: PodsPeer, narrow: PodsPeer): boolean {
  const wanted = Object.entries(labels);
  return (
    wanted.length < Object.keys(narrow.labels).length && wanted.every(([key, value]) => narrow.labels[key] === value)
  );
}

function blockCovers(wide: string, narrow: string): boolean {
  const [wideAddress, wideLength] = ipaddr.parseCIDR(wide);
  const [narrowAddress, narrowLength] = ipaddr.parseCIDR(narrow);
  if (wideAddress.kind() !== narrowAddress.kind() || narrowLength <= wideLength) return false;
  return narrowAddress.match(wideAddress, wideLength);
}
