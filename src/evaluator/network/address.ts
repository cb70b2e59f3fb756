import ipaddr from "ipaddr.js";

/** An address, ready to compare. Two addresses of different families never match. */
export interface Address {
  readonly family: 4 | 6;
  readonly bytes: readonly number[];
}

/** A CIDR block; host bits of `bytes` do not count. */
export interface Block extends Address {
  readonly bits: number;
}

/**
 * Reads an address strictly: four decimals or RFC 4291, no zone, no leading zeros (which plugins read as octal or as
 * decimal). An IPv4-mapped IPv6 address is the IPv4 address. Undefined when it is none.
 */
export function parseAddress(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return { family: 4, bytes: ipaddr.IPv4.parse(text).toByteArray() };
  }
  if (text.includes("%") || !text.includes(":") || !ipaddr.IPv6.isValid(text)) {
    return undefined;
  }
  // ipaddr.js takes the deprecated `::10.0.0.1` for the mapped address; it is ::a00:1 (RFC 4291, section 2.5.5.1).
  const address = ipaddr.IPv6.parse(text.startsWith("::") && !text.includes(":", 2) ? `0${text}` : text);
  return address.isIPv4MappedAddress()
    ? { family: 4, bytes: address.toIPv4Address().toByteArray() }
    : { family: 6, bytes: address.toByteArray() };
}

/** Reads `address/bits`; undefined when it is none. `::ffff:10.0.0.0/104` is 10.0.0.0/8. */
export function parseBlock(text: string): Block | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(0|[1-9][0-9]{0,2})$/.test(length)) {
    return undefined;
  }
  const mapped = address.family === 4 && text.includes(":");
  const bits = Number(length) - (mapped ? 96 : 0);
  return bits < 0 || bits > address.bytes.length * 8 ? undefined : { ...address, bits };
}

/** Whether the block holds the address. */
export function blockHolds(block: Block, address: Address): boolean {
  if (block.family !== address.family) {
    return false;
  }
  const whole = block.bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (block.bytes[index] !== address.bytes[index]) {
      return false;
    }
  }
  const rest = block.bits & 7;
  const mask = (0xff << (8 - rest)) & 0xff;
  return rest === 0 || ((block.bytes[whole] ?? 0) & mask) === ((address.bytes[whole] ?? 0) & mask);
}

/** One text for each address, whatever way it was written. */
export function addressKey(address: Address): string {
  return ipaddr.fromByteArray([...address.bytes]).toString();
}
