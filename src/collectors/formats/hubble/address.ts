import ipaddr from "ipaddr.js";
import { BoundedCache } from "../bounded-cache.ts";

const REMEMBERED = 32_768;
const known = new BoundedCache<string>(REMEMBERED);
// Longer than any spelling of an address: nothing hostile is kept.
const LONGEST_ADDRESS = 64;

/**
 * The canonical text of an address (RFC 5952; IPv4 in four decimal parts, IPv4-mapped IPv6 as IPv4), or undefined when
 * it is none. A zone (`fe80::1%eth0`) names an interface of the reporting node, not the address, and is dropped.
 */
export function canonicalAddress(text: string): string | undefined {
  const cached = known.get(text);
  if (cached !== undefined) {
    return cached;
  }
  const address = text.length > LONGEST_ADDRESS ? undefined : parse(text);
  if (address !== undefined) {
    known.set(text, address);
  }
  return address;
}

function parse(text: string): string | undefined {
  // ipaddr.js also takes 1.2, 0x7f.1 and octal parts, which no flow log means.
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return text;
  }
  const bare = text.replace(/%.*$/, "");
  if (!bare.includes(":") || !ipaddr.IPv6.isValid(bare)) {
    return undefined;
  }
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toString();
}
