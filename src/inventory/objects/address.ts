import ipaddr from "ipaddr.js";

/**
 * The canonical text of an address, as flow records have it: RFC 5952, IPv4 in four decimal parts, IPv4-mapped IPv6 as
 * IPv4, without a zone. Undefined for anything else, `None` and host names included.
 */
export function canonicalAddress(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > 64) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return text;
  const bare = text.replace(/%.*$/u, "");
  if (!bare.includes(":") || !ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.IPv6.parse(bare);
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toString();
}

/** Each address once, in the order given; what is no address is left out. */
export function canonicalAddresses(texts: readonly unknown[]): readonly string[] {
  if (texts.length === 1) {
    const only = canonicalAddress(texts[0]);
    return only === undefined ? [] : [only];
  }
  const found = texts.map(canonicalAddress).filter((address) => address !== undefined);
  return [...new Set(found)];
}
