import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTime, TimeReader } from "../../../src/collectors/formats/time.ts";

describe("the reader of times", () => {
  it("reads what parseTime reads, whatever it read before", () => {
    const pad = (value: number, length: number): string => String(value).padStart(length, "0");
    const date = fc.tuple(
      fc.constantFrom(1999, 2026),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
    );
    const clock = fc.tuple(
      fc.integer({ min: 0, max: 24 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 61 }),
    );
    const rest = fc.constantFrom(
      "Z",
      ".Z",
      ".5Z",
      ".465597Z",
      ".999999999Z",
      "+02:00",
      ".5+02:00",
      "z",
      "",
      ".4x5Z",
      ",5Z",
    );
    const time = fc.tuple(date, clock, rest).map(([[year, month, day], [hour, minute, second], end]) => {
      return `${year}-${pad(month, 2)}-${pad(day, 2)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${end}`;
    });
    const damaged = fc.tuple(time, fc.nat(), fc.constantFrom("x", "0", ":", " ", "é")).map(([text, at, mark]) => {
      const place = at % (text.length + 1);
      return `${text.slice(0, place)}${mark}${text.slice(place + 1)}`;
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(time, damaged), { maxLength: 20 }), (texts) => {
        const reader = new TimeReader();
        for (const text of texts) expect([text, reader.read(text)]).toEqual([text, parseTime(text)]);
      }),
      { numRuns: 300 },
    );
  });

  it("knows the time of day on the day it read last", () => {
    const reader = new TimeReader();
    for (const text of ["2026-03-10T10:40:56Z", "2026-03-10T23:59:59.999999Z", "2026-03-11T00:00:00.000Z"]) {
      expect(reader.read(text)).toBe(Date.parse(text.replace(/(\.\d{3})\d*/u, "$1")));
    }
  });
});
