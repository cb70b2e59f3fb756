import type { Layer7, Protocol } from "../../../model/flow.ts";
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from "../../../model/flow.ts";
import type { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { canonicalAddress } from "./address.ts";
import { L7_TYPES } from "./enums.ts";
import { bool, enumeration, message, text, texts, unsigned } from "./fields.ts";

/** The transport part of a record. */
export interface Layer4 {
  readonly protocol: Protocol;
  readonly tcpFlags: number | undefined;
  readonly icmpType: number | undefined;
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
}

/** What a record has that names no transport, or one NetworkPolicy has no word for (VRRP, IGMP). */
export const NO_LAYER4: Layer4 = {
  protocol: "other",
  tcpFlags: undefined,
  icmpType: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
};

const FLAGS = [
  ["FIN", TCP_FIN],
  ["SYN", TCP_SYN],
  ["RST", TCP_RST],
  ["PSH", TCP_PSH],
  ["ACK", TCP_ACK],
] as const;

/** flow.proto Layer4, a oneof: where a writer set several, the first of TCP, UDP, SCTP, ICMPv4, ICMPv6 counts. */
export function decodeLayer4(fields: Fields | undefined, faults: Faults): Layer4 {
  if (fields === undefined) {
    return NO_LAYER4;
  }
  for (const protocol of ["TCP", "UDP", "SCTP"] as const) {
    const transport = message(fields, protocol, faults);
    if (transport !== undefined) {
      return {
        protocol,
        tcpFlags: protocol === "TCP" ? tcpFlags(transport, faults) : undefined,
        icmpType: undefined,
        sourcePort: port(transport, "source_port", faults),
        destinationPort: port(transport, "destination_port", faults),
      };
    }
  }
  for (const protocol of ["ICMPv4", "ICMPv6"] as const) {
    const icmp = message(fields, protocol, faults);
    if (icmp !== undefined) {
      // protojson leaves type 0 (echo reply) out.
      return { ...NO_LAYER4, protocol, icmpType: unsigned(icmp, "type", faults) ?? 0 };
    }
  }
  return NO_LAYER4;
}

function port(fields: Fields, name: string, faults: Faults): number | undefined {
  const number = unsigned(fields, name, faults);
  if (number === undefined || number === 0) {
    return undefined;
  }
  return number > 65_535 ? faults.add(name, number, "a port up to 65535") : number;
}

function tcpFlags(transport: Fields, faults: Faults): number | undefined {
  const flags = message(transport, "flags", faults);
  if (flags === undefined) {
    return undefined;
  }
  return FLAGS.reduce((bits, [name, bit]) => (bool(flags, name, faults) === true ? bits | bit : bits), 0);
}

/** flow.proto Layer7; undefined when absent or of a type this version does not know. */
export function decodeLayer7(fields: Fields | undefined, faults: Faults): Layer7 | undefined {
  const type = fields === undefined ? undefined : L7_TYPES.get(enumeration(fields, "type", faults) ?? "");
  if (fields === undefined || type === undefined) {
    return undefined;
  }
  const dns = message(fields, "dns", faults);
  const query = dns === undefined ? undefined : text(dns, "query", faults);
  if (dns === undefined || query === undefined) {
    return { type, dns: undefined };
  }
  const ips = texts(dns, "ips", faults).map((ip) => canonicalAddress(ip) ?? faults.add("dns.ips", ip, "an address"));
  return { type, dns: { query, ips: ips.filter((ip) => ip !== undefined).toSorted() } };
}
