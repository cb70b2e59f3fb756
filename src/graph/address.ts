import ipaddr from "ipaddr.js";

/** Ranges between which no connection of two workloads runs. `linkLocal` is left in for IPv4: node-local DNS and cloud metadata live there. */
const ASIDE_RANGES: Readonly<Record<string, string>> = {
  broadcast: "multicast-or-broadcast",
  loopback: "loopback",
  multicast: "multicast-or-broadcast",
  unspecified: "unspecified-address",
};

/** Why traffic from or to this address is no workload's; undefined for an ordinary address, and for none. */
export function addressAside(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  if (isOrdinaryIpv4(address)) return undefined;
  const parsed = ipaddr.parse(address);
  const range: string = parsed.range();
  if (parsed.kind() === "ipv6" && range === "linkLocal") return "link-local";
  return ASIDE_RANGES[range];
}

/** Nearly every address is one of these: 1.0.0.0 to 223.255.255.255 without 127, told without parsing. */
function isOrdinaryIpv4(address: string): boolean {
  const dot = address.indexOf(".");
  if (dot < 1) return false;
  const first = Number(address.slice(0, dot));
  return first > 0 && first < 224 && first !== 127;
}
