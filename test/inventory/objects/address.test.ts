import { describe, expect, it } from "vitest";
import { canonicalAddress } from "../../../src/inventory/objects/address.ts";

describe("an address", () => {
  it.each([
    ["10.0.0.1", "10.0.0.1"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["fe80::1%eth0", "fe80::1"],
  ])("%s is written as flow records have it", (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it.each(["None", "", "10.1", "0x7f.1", "010.0.0.1", "lb.example", "10.0.0.1/24", "1".repeat(99), 7, null, undefined])(
    "%j is none",
    (value) => {
      expect(canonicalAddress(value)).toBeUndefined();
    },
  );
});
