import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocuments } from "../../../src/inventory/manifests/parse-documents.ts";

/** A plain scalar as netlearn reads it in a manifest. */
function valueOf(scalar: string): unknown {
  const text = `apiVersion: v1\nkind: X\nmetadata: {}\nspec: {a: ${scalar}}\n`;
  const { objects, problems } = parseDocuments(text, { file: "x.yaml", namespace: "shop", isInChart: false });
  expect(problems).toEqual([]);
  const spec = objects[0]?.value["spec"];
  return typeof spec === "object" && spec !== null && "a" in spec ? spec.a : undefined;
}

// What the API server makes of them is checked against a real one in test/integration/yaml-reading.test.ts.
describe("a plain scalar of a manifest", () => {
  it.each(["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"])("%s is true", (scalar) => {
    expect(valueOf(scalar)).toBe(true);
  });

  it.each(["n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"])("%s is false", (scalar) => {
    expect(valueOf(scalar)).toBe(false);
  });

  it.each([
    ["0", 0],
    ["-0", 0],
    ["00", 0],
    ["0_", 0],
    ["7", 7],
    ["-7", -7],
    ["+7", 7],
    ["010", 8],
    ["-010", -8],
    ["0777", 511],
    ["0o10", 8],
    ["0O10", 8],
    ["0o_7", 7],
    ["08", 8],
    ["09", 9],
    ["0x1F", 31],
    ["0X1f", 31],
    ["-0x1", -1],
    ["+0x_1", 1],
    ["0b11", 3],
    ["0B11", 3],
    ["1_000", 1000],
    ["1__0", 10],
    ["1.", 1],
    ["1.5", 1.5],
    ["-1.5", -1.5],
    [".5", 0.5],
    ["+.5", 0.5],
    [".5_0", 0.5],
    [".5e1_0", 0.5e10],
    ["5.e1", 50],
    ["1e3", 1000],
    ["1E-2", 0.01],
    ["1e1_0", 1e10],
    ["1_000.5", 1000.5],
  ] as const)("%s is the number %d", (scalar, value) => {
    expect(valueOf(scalar)).toBe(value);
  });

  it.each(["yEs", "oN", "tRUE", "yn", "0x", "0o", "0b", "0b2", "0o8", "0xg", "1e", "12:30", "12:30:45", "2001-01-01"])(
    "%s is a text",
    (scalar) => {
      expect(valueOf(scalar)).toBe(scalar);
    },
  );

  it.each([".", "._5", ".5_", ".5__0", "_1", "1e999", "=", "v1", "1.2.3", "10.0.0.0/8", "2001-01-01T00:00:00Z"])(
    "%s is a text as well",
    (scalar) => {
      expect(valueOf(scalar)).toBe(scalar);
    },
  );

  it.each(["0", "1e", "1.", "-", "0x", "+.", ".1e", "1", ".5"])(
    "%s and very many underscores is read in a moment",
    (start) => {
      for (const filling of ["_", "1", "_1"]) {
        const scalar = `${start}${filling.repeat(200_000)}!`;
        expect(valueOf(scalar)).toBe(scalar);
      }
    },
  );

  it("in quotes is always a text", () => {
    for (const quote of ["'", '"']) {
      for (const scalar of ["yes", "010", "1e3", "null", ""]) expect(valueOf(quote + scalar + quote)).toBe(scalar);
    }
  });

  it("is the same number however many underscores are in it", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(digits, fc.array(fc.nat(3), { minLength: 8, maxLength: 8 }), (numbers, gaps) => {
        const text = `1${numbers.map((one, at) => "_".repeat(gaps[at] ?? 0) + one).join("")}`;
        expect(valueOf(text)).toBe(Number(text.replaceAll("_", "")));
      }),
    );
  });

  it("as a key is the text of what it is, so that y and yes are one key", () => {
    const text = (keys: string): string => `apiVersion: v1\nkind: X\nmetadata: {}\nspec: {${keys}}\n`;
    const read = (keys: string): ReturnType<typeof parseDocuments> =>
      parseDocuments(text(keys), { file: "x.yaml", namespace: "shop", isInChart: false });
    expect(read("on: 1, 010: 2").objects[0]?.value["spec"]).toEqual({ true: 1, 8: 2 });
    expect(read("y: 1, yes: 2").problems[0]?.message).toContain('the key "yes" stands twice');
  });
});
