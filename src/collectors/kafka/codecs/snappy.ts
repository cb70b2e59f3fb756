import { GrowingBytes } from "./growing-bytes.ts";

/** What Java's snappy library writes first (xerial/snappy-java SnappyCodec): a magic and two versions of 32 bits. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

/**
 * Unpacks snappy data as Kafka's clients write it: one raw block, or the blocks of Java's framing.
 *
 * @param limit bytes the data may unpack to
 * @throws Error when the data is damaged or unpacks to more
 */
export function unpackSnappy(packed: Buffer, limit: number): Buffer {
  const framed = packed.length >= XERIAL_HEADER && packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  if (!framed) {
    const output = new GrowingBytes(uncompressedLength(packed).value, limit);
    unpackBlock(packed, output);
    return output.result();
  }
  const output = new GrowingBytes(4 * packed.length, limit);
  for (let at = XERIAL_HEADER; at < packed.length; ) {
    const length = at + 4 <= packed.length ? packed.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (at + 4 + length > packed.length) {
      throw new Error("a block of the snappy data is cut off");
    }
    unpackBlock(packed.subarray(at + 4, at + 4 + length), output);
    at += 4 + length;
  }
  return output.result();
}

/** One block (google/snappy format_description.txt): its length, then literals and copies of what came before. */
function unpackBlock(block: Buffer, output: GrowingBytes): void {
  const { value, after } = uncompressedLength(block);
  const begin = output.length;
  for (let at = after; at < block.length; ) {
    const tag = block[at] ?? 0;
    at += (tag & 3) === 0 ? literal(block, at, output) : copy(block, at, { output, begin });
  }
  if (output.length - begin !== value) {
    throw new Error("a block of the snappy data has not the length it says");
  }
}

function uncompressedLength(block: Buffer): { readonly value: number; readonly after: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = block[index];
    if (byte === undefined) {
      break;
    }
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) {
      return { value, after: index + 1 };
    }
  }
  throw new Error("the snappy data does not begin with its length");
}

/** Bytes of the block that were read. */
function literal(block: Buffer, at: number, output: GrowingBytes): number {
  const short = (block[at] ?? 0) >> 2;
  const extra = short < 60 ? 0 : short - 59;
  const length = extra === 0 ? short + 1 : number(block, at + 1, extra) + 1;
  const from = at + 1 + extra;
  if (from + length > block.length) {
    throw new Error("the snappy data is cut off");
  }
  output.append(block, from, length);
  return 1 + extra + length;
}

/** Bytes of the block that were read. */
function copy(block: Buffer, at: number, to: { readonly output: GrowingBytes; readonly begin: number }): number {
  const tag = block[at] ?? 0;
  const near = (tag & 3) === 1;
  const extra = near ? 1 : (tag & 3) === 2 ? 2 : 4;
  const distance = number(block, at + 1, extra) + (near ? (tag >> 5) << 8 : 0);
  if (distance > to.output.length - to.begin) {
    throw new Error("a back reference leads out of the block");
  }
  to.output.repeat(distance, near ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1);
  return 1 + extra;
}

function number(block: Buffer, at: number, bytes: number): number {
  if (at + bytes > block.length) {
    throw new Error("the snappy data is cut off");
  }
  return block.readUIntLE(at, bytes);
}
