import { type Block, parseAddress } from "../network/address.ts";
import { lastNotAfter } from "./last-not-after.ts";

/** An address as a number: IPv4 as `number`, IPv6 as `bigint`, so that the two families are never equal. */
export type AddressNumber = number | bigint;

/**
 * All addresses, cut at every boundary of every block: between two boundaries no policy tells addresses apart. Such a
 * piece is an atom; IPv4's atoms are numbered first. There is at least one of each family.
 */
export interface AddressSpace {
  /** First addresses of the atoms, ascending from 0. */
  readonly starts4: readonly number[];
  readonly starts6: readonly bigint[];
}

const END4 = 2 ** 32;
const END6 = 2n ** 128n;

/** Reads an address exactly as {@link parseAddress} does; undefined when it is none. */
export function addressNumber(text: string): AddressNumber | undefined {
  const plain = plainDecimals(text);
  if (plain >= 0) {
    return plain;
  }
  const address = parseAddress(text);
  if (address === undefined) {
    return undefined;
  }
  return address.family === 4 ? Number(wholeOf(address.bytes)) : wholeOf(address.bytes);
}

/** Four decimals without a needless zero, the form nearly every address has, read without making anything; else -1. */
function plainDecimals(text: string): number {
  let whole = 0;
  let part = -1;
  let dots = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 46) {
      if (part < 0) return -1;
      whole = whole * 256 + part;
      part = -1;
      dots++;
    } else {
      if (code < 48 || code > 57 || part === 0) return -1;
      part = Math.max(part, 0) * 10 + code - 48;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && part >= 0 ? whole * 256 + part : -1;
}

function wholeOf(bytes: readonly number[]): bigint {
  return bytes.reduce((whole, byte) => whole * 256n + BigInt(byte), 0n);
}

/** First address of a block and the one after its last. */
function boundsOf({ family, bytes, bits }: Block): readonly [first: bigint, end: bigint] {
  const hostBits = BigInt((family === 4 ? 32 : 128) - bits);
  const first = (wholeOf(bytes) >> hostBits) << hostBits;
  return [first, first + (1n << hostBits)];
}

/** Cuts the addresses at the boundaries of the blocks. */
export function addressSpace(blocks: Iterable<Block>): AddressSpace {
  const starts4 = new Set([0]);
  const starts6 = new Set([0n]);
  for (const block of blocks) {
    for (const bound of boundsOf(block)) {
      if (block.family === 6) {
        starts6.add(bound);
      } else {
        starts4.add(Number(bound));
      }
    }
  }
  starts4.delete(END4);
  starts6.delete(END6);
  return { starts4: [...starts4].toSorted(ascending), starts6: [...starts6].toSorted(ascending) };
}

function ascending(a: AddressNumber, b: AddressNumber): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** How many atoms there are. */
export function atomCount({ starts4, starts6 }: AddressSpace): number {
  return starts4.length + starts6.length;
}

/** The atom that holds the address. */
export function atomOf({ starts4, starts6 }: AddressSpace, address: AddressNumber): number {
  return typeof address === "number" ? lastNotAfter(starts4, address) : starts4.length + lastNotAfter(starts6, address);
}

/** The atoms a block of {@link addressSpace} is made of, as first and the one after the last. */
export function atomsOf(space: AddressSpace, block: Block): readonly [first: number, end: number] {
  const [first, end] = boundsOf(block);
  return block.family === 4
    ? [atomOf(space, Number(first)), atomOf(space, Number(end) - 1) + 1]
    : [atomOf(space, first), atomOf(space, end - 1n) + 1];
}

/** First and last address of an atom. */
export function atomBounds(
  { starts4, starts6 }: AddressSpace,
  atom: number,
): { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint } {
  if (atom < starts4.length) {
    return { family: 4, first: BigInt(starts4[atom] ?? 0), last: BigInt(starts4[atom + 1] ?? END4) - 1n };
  }
  const index = atom - starts4.length;
  return { family: 6, first: starts6[index] ?? 0n, last: (starts6[index + 1] ?? END6) - 1n };
}
