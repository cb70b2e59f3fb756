import ipaddr from "ipaddr.js";
import { type Address, addressKey, type Block } from "../network/address.ts";

/** Neighbouring addresses of one family. */
export interface AddressRange {
  /** Canonical text of the first. */
  readonly first: string;
  readonly family: 4 | 6;
  readonly from: bigint;
  /** The first address after the range. */
  readonly to: bigint;
  /** The range as blocks, as wide as possible. */
  readonly cidrs: readonly string[];
}

const BITS = { 4: 32, 6: 128 } as const;

/** Cuts all addresses of both families where a block begins or ends: ascending, IPv4 first, nothing left out. */
export function rangesOf(blocks: readonly Block[]): readonly AddressRange[] {
  return ([4, 6] as const).flatMap((family) => {
    const size = 1n << BigInt(BITS[family]);
    const edges = new Set([0n, size]);
    for (const block of blocks.filter((one) => one.family === family)) {
      const length = 1n << BigInt(BITS[family] - block.bits);
      const start = (numberOf(block) / length) * length;
      edges.add(start).add(start + length);
    }
    const sorted = [...edges].toSorted((a, b) => (a < b ? -1 : 1));
    return sorted.slice(0, -1).map((from, index) => {
      const to = sorted[index + 1] ?? size;
      return { first: textOf(from, family), family, from, to, cidrs: blocksBetween(from, to, family) };
    });
  });
}

/** An address of a range that nobody has; undefined when all that were tried are taken. */
export function representative(
  { from, to, family }: AddressRange,
  isTaken: (key: string) => boolean,
): string | undefined {
  for (let value = from; value < to && value < from + MOST_TRIED; value++) {
    const text = textOf(value, family);
    if (!isTaken(text)) return text;
  }
  return undefined;
}

// Pods of a cluster; a range in which all of these are taken has no address but theirs.
const MOST_TRIED = 200_000n;

function numberOf({ bytes }: Address): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function textOf(value: bigint, family: 4 | 6): string {
  const length = BITS[family] / 8;
  const bytes = Array.from({ length }, (_, index) => Number((value >> BigInt(8 * (length - 1 - index))) & 0xffn));
  return family === 4 ? addressKey({ family, bytes }) : ipaddr.fromByteArray(bytes).toString();
}

function blocksBetween(from: bigint, to: bigint, family: 4 | 6): readonly string[] {
  const cidrs: string[] = [];
  let start = from;
  while (start < to) {
    let bits = BITS[family];
    let length = 1n;
    while (bits > 0 && start % (length * 2n) === 0n && start + length * 2n <= to) {
      length *= 2n;
      bits -= 1;
    }
    cidrs.push(`${textOf(start, family)}/${bits}`);
    start += length;
  }
  return cidrs;
}
