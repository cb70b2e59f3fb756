import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressKey, blockHolds, parseAddress, parseBlock } from "../../../src/evaluator/network/address.ts";

function number(bytes: readonly number[]): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function ipv6(bytes: readonly number[]): string {
  return Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16)).join(
    ":",
  );
}

const byte = fc.integer({ min: 0, max: 255 });
/** Two addresses that agree in some leading bytes, so that many lie in one block. */
function pairs(length: number): fc.Arbitrary<readonly [readonly number[], readonly number[]]> {
  const bytes = fc.array(byte, { minLength: length, maxLength: length });
  return fc
    .tuple(bytes, bytes, fc.integer({ min: 0, max: length }), fc.integer({ min: 0, max: 7 }))
    .map(([a, b, shared, bit]) => [
      a,
      b.map((value, at) => (at < shared ? a[at]! : at === shared ? a[at]! ^ (1 << bit) : value)),
    ]);
}

describe("a block", () => {
  it.for([
    [4, (bytes: readonly number[]) => bytes.join(".")],
    [16, ipv6],
  ] as const)("of addresses of %d bytes holds those that agree in its leading bits", ([length, text]) => {
    fc.assert(
      fc.property(pairs(length), fc.integer({ min: 0, max: length * 8 }), ([a, b], bits) => {
        const shift = BigInt(length * 8 - bits);
        const wanted = number(a) >> shift === number(b) >> shift;
        expect(blockHolds(parseBlock(`${text(a)}/${bits}`)!, parseAddress(text(b))!)).toBe(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it("written as IPv4 in IPv6 is the IPv4 block", () => {
    expect(parseBlock("::ffff:10.0.0.0/104")).toEqual(parseBlock("10.0.0.0/8"));
    expect(parseBlock("::ffff:10.0.0.0/95")).toBeUndefined();
    expect(parseAddress("::FFFF:10.0.0.1")).toEqual(parseAddress("10.0.0.1"));
  });

  it("written as IPv4 behind :: alone is not the IPv4 address, as in Go (RFC 4291, section 2.5.5.1)", () => {
    expect(parseAddress("::10.0.0.1")).toEqual(parseAddress("::a00:1"));
    expect(parseAddress("0::10.0.0.1")).toEqual(parseAddress("::a00:1"));
    expect(parseBlock("::10.0.0.0/104")?.family).toBe(6);
    expect(addressKey(parseAddress("::")!)).toBe("::");
    expect(addressKey(parseAddress("::1")!)).toBe("::1");
    expect(addressKey(parseAddress("::1:2:3:4:5:6:7")!)).toBe("0:1:2:3:4:5:6:7");
  });

  it.for([
    "",
    "/",
    "10.0.0.0",
    "10.0.0.0/",
    "10.0.0.0/08",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "::/129",
    "a/8",
    "10/8",
    "0x0a.0.0.1/8",
    "167772160/8",
    "fe80::%eth0/64",
    " 10.0.0.0/8",
  ])("is not %o", (text) => {
    expect(parseBlock(text)).toBeUndefined();
  });

  it("knows an address under one key, however it is written", () => {
    const keys = ["2001:db8::1", "2001:DB8:0:0:0:0:0:1", "2001:0db8::0001"].map((text) =>
      addressKey(parseAddress(text)!),
    );
    expect(new Set(keys).size).toBe(1);
  });
});
