import ipaddr from "ipaddr.js";
import { type AddressSpace, atomBounds } from "../network-index/address-space.ts";

/** Atoms (ascending) as canonical blocks, IPv4 first, ascending, neighbours joined and as wide as possible. */
export function cidrsOf(space: AddressSpace, atoms: readonly number[]): readonly string[] {
  const ranges: { family: 4 | 6; first: bigint; last: bigint }[] = [];
  for (const atom of atoms) {
    const { family, first, last } = atomBounds(space, atom);
    const before = ranges.at(-1);
    if (before !== undefined && before.family === family && before.last + 1n === first) {
      before.last = last;
    } else {
      ranges.push({ family, first, last });
    }
  }
  return ranges.flatMap(({ family, first, last }) => blocksOf(family, first, last));
}

/** The fewest blocks that make up a range: from its start, always the largest that begins there and fits. */
function blocksOf(family: 4 | 6, first: bigint, last: bigint): readonly string[] {
  const bits = family === 4 ? 32 : 128;
  const found: string[] = [];
  let next = first;
  while (next <= last) {
    let hostBits = 0;
    while (hostBits < bits && next % (2n << BigInt(hostBits)) === 0n && next + (2n << BigInt(hostBits)) - 1n <= last) {
      hostBits++;
    }
    found.push(`${addressText(next, bits / 8)}/${bits - hostBits}`);
    next += 1n << BigInt(hostBits);
  }
  return found;
}

/** Canonical text of an address that is `length` bytes long. */
export function addressText(address: bigint, length: number): string {
  const bytes = Array.from({ length }, (_, index) => Number((address >> BigInt(8 * (length - 1 - index))) & 0xffn));
  return ipaddr.fromByteArray(bytes).toString();
}
