import { GrowingBytes } from "./growing-bytes.ts";

const FRAME = 0x184d2204;
const SKIPPABLE = 0x184d2a50;

/**
 * Unpacks LZ4 frames (lz4/lz4 doc/lz4_Frame_format.md), as Kafka's clients write them. Checksums are not compared: the
 * record batch around the data has one of its own, and TCP another.
 *
 * @param limit bytes the data may unpack to
 * @throws Error when the data is damaged, needs a dictionary, or unpacks to more
 */
export function unpackLz4(packed: Buffer, limit: number): Buffer {
  const output = new GrowingBytes(4 * packed.length, limit);
  for (let at = 0; at < packed.length; ) {
    const magic = word(packed, at);
    if (magic === FRAME) {
      at = unpackFrame(packed, at + 4, output);
    } else if (magic >>> 4 === SKIPPABLE >>> 4) {
      at += 8 + word(packed, at + 4);
    } else {
      throw new Error("the data is no LZ4 frame");
    }
  }
  return output.result();
}

/** Where the frame ends. */
function unpackFrame(packed: Buffer, at: number, output: GrowingBytes): number {
  const flags = packed[at] ?? 0;
  if (flags >> 6 !== 1) {
    throw new Error("the LZ4 frame is of a version nobody knows");
  }
  if ((flags & 1) !== 0) {
    throw new Error("the LZ4 frame needs a dictionary");
  }
  const blockChecksum = (flags & 0x10) === 0 ? 0 : 4;
  const begin = output.length;
  let next = at + 2 + ((flags & 8) === 0 ? 0 : 8) + 1;
  for (;;) {
    const size = word(packed, next);
    next += 4;
    if (size === 0) {
      return next + ((flags & 4) === 0 ? 0 : 4);
    }
    const length = size & 0x7fffffff;
    if (next + length > packed.length) {
      throw new Error("a block of the LZ4 data is cut off");
    }
    if (size > 0x7fffffff) {
      output.append(packed, next, length);
    } else {
      unpackBlock(packed.subarray(next, next + length), output, begin);
    }
    next += length + blockChecksum;
  }
}

/** One block (lz4/lz4 doc/lz4_Block_format.md): literals, each run followed by a copy, but for the last one. */
function unpackBlock(block: Buffer, output: GrowingBytes, begin: number): void {
  for (let at = 0; at < block.length; ) {
    const token = block[at] ?? 0;
    at++;
    const literals = runLength(block, at, token >> 4);
    at = literals.after;
    if (at + literals.length > block.length) {
      throw new Error("the LZ4 data is cut off");
    }
    output.append(block, at, literals.length);
    at += literals.length;
    if (at === block.length) {
      return;
    }
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    const match = runLength(block, at + 2, token & 15);
    if (distance > output.length - begin) {
      throw new Error("a back reference leads out of the frame");
    }
    output.repeat(distance, match.length + 4);
    at = match.after;
  }
}

function runLength(block: Buffer, from: number, nibble: number): { readonly length: number; readonly after: number } {
  let length = nibble;
  let after = from;
  for (let byte = nibble === 15 ? 255 : 0; byte === 255; after++) {
    byte = block[after] ?? -1;
    if (byte < 0) {
      throw new Error("the LZ4 data is cut off");
    }
    length += byte;
  }
  return { length, after };
}

function word(packed: Buffer, at: number): number {
  if (at + 4 > packed.length) {
    throw new Error("the LZ4 data is cut off");
  }
  return packed.readUInt32LE(at);
}
