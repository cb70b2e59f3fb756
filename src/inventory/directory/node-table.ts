import ipaddr from "ipaddr.js";
import type { Span } from "../../model/directory.ts";
import type { NodeObject } from "../objects/node.ts";
import { Tenancies } from "./tenancies.ts";

/** Which addresses are nodes', and which their pods get. */
export class NodeTable {
  readonly #addresses = new Tenancies<string>();
  readonly #ranges = new PodRanges();

  /** @param hostAddresses of nodes that pods name */
  constructor(nodes: readonly NodeObject[], hostAddresses: ReadonlyMap<string, ReadonlySet<string>>) {
    const listed = new Set<string>();
    for (const { name, addresses, podRanges, created = Number.NEGATIVE_INFINITY } of nodes) {
      for (const address of addresses) {
        listed.add(`${name} ${address}`);
        this.#addresses.add(address, { tenant: name, start: created, end: Number.POSITIVE_INFINITY });
      }
      for (const range of podRanges) this.#ranges.add(range, name);
    }
    for (const [address, names] of hostAddresses) {
      for (const name of names) {
        if (listed.has(`${name} ${address}`)) continue;
        this.#addresses.add(address, { tenant: name, start: Number.NEGATIVE_INFINITY, end: Number.POSITIVE_INFINITY });
      }
    }
    this.#addresses.close();
  }

  /** The nodes that had an address at that time; undefined when it is no node's. A single one always had it. */
  at(address: string, seen: Span): readonly string[] | undefined {
    const ever = this.#addresses.at(address, { first: undefined, last: undefined });
    return ever === undefined || ever.length < 2 ? ever : this.#addresses.at(address, seen);
  }

  /** The node from whose range an address is: one that only pods get. */
  ofRange(address: string): string | undefined {
    return this.#ranges.find(address);
  }
}

/** Ranges by how long their prefix is: a cluster has few lengths and many ranges. */
class PodRanges {
  readonly #byLength = new Map<number, Map<string, string>>();

  add(range: string, node: string): void {
    if (!ipaddr.isValidCIDR(range)) return;
    const [address, length] = ipaddr.parseCIDR(range);
    const ofLength = this.#byLength.get(length) ?? new Map<string, string>();
    ofLength.set(networkOf(address, length), node);
    this.#byLength.set(length, ofLength);
  }

  find(text: string): string | undefined {
    if (this.#byLength.size === 0 || !ipaddr.isValid(text)) return undefined;
    const address = ipaddr.parse(text);
    for (const [length, ofLength] of this.#byLength) {
      const node = ofLength.get(networkOf(address, length));
      if (node !== undefined) return node;
    }
    return undefined;
  }
}

/** The first bits of an address as text: of four parts or of sixteen. */
function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6, length: number): string {
  const bytes = address.toByteArray();
  const kept = bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, length - at * 8))) & 0xff);
  return kept.join(".");
}
