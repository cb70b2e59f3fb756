import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CodecName, UnpackingError, unpack } from "../../../src/collectors/kafka/codecs/codecs.ts";
import { PACKED, packedText, RAW_SNAPPY } from "./packed.ts";

const NAMES: readonly CodecName[] = ["gzip", "snappy", "lz4", "zstd"];

/** What is unpacked, or undefined when it is refused. Another error than the one that is meant goes through. */
function outcome(codec: CodecName, packed: Buffer, limit?: number): string | undefined {
  try {
    return unpack(codec, packed, limit).toString();
  } catch (error) {
    if (error instanceof UnpackingError) {
      return undefined;
    }
    throw error;
  }
}

describe("the codecs of Kafka", () => {
  it.each(NAMES)("unpack what the Java client packs with %s", (codec) => {
    expect(unpack(codec, Buffer.from(PACKED[codec], "base64")).toString()).toBe(packedText());
  });

  it("unpack snappy without Java's framing", () => {
    expect(unpack("snappy", Buffer.from(RAW_SNAPPY, "base64")).toString()).toBe(packedText());
  });

  it("unpack pieces that follow each other", () => {
    const lz4 = Buffer.from(PACKED.lz4, "base64");
    expect(unpack("lz4", Buffer.concat([lz4, lz4])).toString()).toBe(packedText().repeat(2));
    expect(unpack("zstd", Buffer.concat([zstdCompressSync("a"), zstdCompressSync("b")])).toString()).toBe("ab");
    expect(unpack("gzip", Buffer.concat([gzipSync("a"), gzipSync("b")])).toString()).toBe("ab");
  });

  it("unpack copies that overlap what they write", () => {
    // Two literals, then a copy of seven from two bytes before.
    expect(unpack("snappy", Buffer.from([9, 0x04, 0x61, 0x62, 0x0d, 2])).toString()).toBe("ababababa");
  });

  it.each(NAMES)("take no more than the limit with %s", (codec) => {
    const packed = Buffer.from(PACKED[codec], "base64");
    const length = Buffer.byteLength(packedText());
    expect(outcome(codec, packed, length)).toBe(packedText());
    expect(() => unpack(codec, packed, length - 1)).toThrow(
      expect.objectContaining({ codec, tooLarge: true, message: `it unpacks to more than ${length - 1} bytes` }),
    );
  });

  it.each(NAMES)("refuse damaged data of %s, and never do anything else", (codec) => {
    const packed = Buffer.from(PACKED[codec], "base64");
    fc.assert(
      fc.property(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(packed);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        outcome(codec, damaged, 1 << 20);
        expect(outcome(codec, packed.subarray(0, at), 1 << 20)).not.toBe(packedText());
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void outcome(codec, Buffer.from(bytes), 1 << 20)),
    );
  });
});
