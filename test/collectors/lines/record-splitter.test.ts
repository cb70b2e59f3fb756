import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RecordPosition, RecordTaker } from "../../../src/collectors/lines/record-splitter.ts";
import { RecordSplitter } from "../../../src/collectors/lines/record-splitter.ts";

/** Keeps what it is given: `line: text`, faults as `line: !reason`. */
class Pieces implements RecordTaker {
  readonly taken: string[] = [];

  line(bytes: Buffer, start: number, end: number, { line, quiet }: RecordPosition): boolean {
    const text = bytes.toString("utf8", start, end);
    if (text.startsWith("{") && !isJson(text)) {
      return false;
    }
    this.#add(text, line, quiet);
    return true;
  }
  text(bytes: Buffer, start: number, end: number, { line, quiet }: RecordPosition): void {
    this.#add(bytes.toString("utf8", start, end), line, quiet);
  }
  fault(reason: string, { line, quiet }: RecordPosition): void {
    this.#add(`!${reason}`, line, quiet);
  }
  #add(text: string, line: number, quiet: boolean): void {
    const value = isJson(text) ? JSON.stringify(JSON.parse(text)) : text;
    if (!quiet || isJson(text)) {
      this.taken.push(`${line}: ${value}`);
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function split(
  text: string,
  { pieceLength = text.length || 1, limit = 1 << 24 } = {},
): { taken: string[]; lines: number } {
  const pieces = new Pieces();
  const splitter = new RecordSplitter(pieces, limit);
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += pieceLength) {
    splitter.push(bytes.subarray(from, from + pieceLength));
  }
  splitter.end();
  return { taken: pieces.taken, lines: splitter.lines };
}

describe("the splitter", () => {
  it.each([
    ["nothing", "", [], 0],
    ["blank lines only", "\n \n\r\n", [], 3],
    ["a last line without a line break", '{"a":1}\n{"a":2}', ['1: {"a":1}', '2: {"a":2}'], 2],
    ["a truncated last line", '{"a":1}\n{"a":', ['1: {"a":1}', "2: !truncated"], 2],
    [
      "text among the JSON",
      'level=info\n{"a":1}\n[INFO] x\nlast',
      ["1: level=info", '2: {"a":1}', "3: [INFO] x", "4: last"],
      4,
    ],
    ["a broken line", '{"a":1\n{"a":2}\n', ["1: !invalid-json", '2: {"a":2}'], 2],
    ["a line cut off inside a string", '{"a":"x\n{"a":2}\n', ['1: {"a":"x', '2: {"a":2}'], 2],
    [
      "a line cut off where a value is due",
      '{"a":\n{"a":2}\n{"a":3}\n',
      ["1: !invalid-json", '2: {"a":2}', '3: {"a":3}'],
      3,
    ],
    ["a line cut off where a value is due, at the end", '{"a":\n{"a":2}\n', ["1: !truncated", '2: {"a":2}'], 2],
    ["values over several lines", '{\n "a": 1\n}\n{\n"a":\n2}\n{"a":3}', ['1: {"a":1}', '4: {"a":2}', '7: {"a":3}'], 7],
    [
      "values on one line",
      '{"a":1}{"a":2} {"a":3}\n{"a":4}',
      ['1: {"a":1}', '1: {"a":2}', '1: {"a":3}', '2: {"a":4}'],
      2,
    ],
    ["an array on one line", '[{"a":1},{"a":2}]\n{"a":3}', ['1: {"a":1}', '1: {"a":2}', '2: {"a":3}'], 2],
    ["an array over several lines", '[\n{"a":1},\n{"a":\n2}\n]\n', ['2: {"a":1}', '3: {"a":2}'], 5],
    ["arrays in arrays", '[[1,2],"x",null,-1.5e3]', ["1: [1,2]", '1: "x"', "1: null", "1: -1500"], 1],
    ["an empty array", "[]\n[ ]", [], 2],
    ["an array that ends too early", '[{"a":1},{"a":2', ['1: {"a":1}', "1: !truncated"], 1],
    [
      "an array with a comma missing",
      '[\n{"a":1}\n{"a":2}\n]',
      ['2: {"a":1}', "2: !invalid-json", '3: {"a":2}', "4: ]"],
      4,
    ],
    ["brackets and quotes in strings", '[{"a":"]}\\"\\\\"},{"b":"["}]', ['1: {"a":"]}\\"\\\\"}', '1: {"b":"["}'], 1],
    ["objects with commas between lines", '{"a":1},\n{"a":2},\n', ['1: {"a":1}', '2: {"a":2}'], 2],
    ["a hole of NULs", `${"\0".repeat(5000)}{"a":1}\n`, ['1: {"a":1}'], 1],
    ["CRLF", '{"a":1}\r\n{\r\n"a":2\r\n}\r\n', ['1: {"a":1}', '2: {"a":2}'], 4],
  ])("reads %s", (_, text, expected, lines) => {
    for (const pieceLength of [1, 2, 3, 1000]) {
      expect(split(text, { pieceLength })).toEqual({ taken: expected, lines });
    }
  });

  it("leaves out what is too long, and goes on behind it with the right line numbers", () => {
    const long = "x".repeat(300);
    const text = [
      `{"a":"${long}"}`,
      '{"b":1}',
      `[{"a":"${long}"},{"b":2},`,
      `{"a":\n"${long}"},{"b":3}]`,
      long,
      '{"b":4}',
      `{"a":1}{"a":"${long}"}{"b":5}`,
    ].join("\n");
    for (const pieceLength of [1, 50, 5000]) {
      expect(split(text, { limit: 100, pieceLength }).taken).toEqual([
        "1: !too-long",
        '2: {"b":1}',
        "3: !too-long",
        '3: {"b":2}',
        "4: !too-long",
        '5: {"b":3}',
        "6: !too-long",
        '7: {"b":4}',
        '8: {"a":1}',
        "8: !too-long",
        '8: {"b":5}',
      ]);
    }
  });

  it("takes every good record with its line, whatever stands between and however the bytes are cut", () => {
    const value = fc.record({
      id: fc.nat(),
      text: fc.string(),
      inner: fc.array(fc.oneof(fc.integer(), fc.string()), { maxLength: 3 }),
    });
    const block = fc.oneof(
      value.map((record) => ({ text: JSON.stringify(record), records: [record] })),
      value.map((record) => ({ text: JSON.stringify(record, undefined, 2), records: [record] })),
      fc.array(value, { maxLength: 3 }).map((records) => ({ text: JSON.stringify(records), records })),
      fc.array(value, { maxLength: 3 }).map((records) => ({ text: JSON.stringify(records, undefined, 1), records })),
      fc
        // Not a closing brace alone: after an opening one it would complete an object around the records between.
        .constantFrom("", "level=info msg=started", "[INFO] up", '{"cut":"of', '{"cut":', "]", "\t{]")
        .map((text) => ({ text, records: [] })),
    );
    fc.assert(
      fc.property(
        fc.array(block, { maxLength: 12 }),
        fc.integer({ min: 1, max: 64 }),
        fc.constantFrom("\n", "\r\n"),
        (blocks, pieceLength, lineBreak) => {
          const text = blocks.map((item) => item.text.replaceAll("\n", lineBreak) + lineBreak).join("");
          const { taken, lines } = split(text, { pieceLength });
          expect(lines).toBe(blocks.reduce((sum, item) => sum + item.text.split("\n").length, 0));
          const records = taken.map((item) => item.replace(/^\d+: /, "")).filter((item) => item.startsWith('{"id"'));
          expect(records).toEqual(blocks.flatMap((item) => item.records.map((record) => JSON.stringify(record))));
        },
      ),
    );
  });

  // Reading any of these over and over would outlast the time a test has.
  it("reads hostile input once", () => {
    const nests = '{"a":\n'.repeat(200_000);
    expect(split(nests).lines).toBe(200_000);
    expect(split('{"a":1}'.repeat(200_000)).taken).toHaveLength(200_000);
    expect(split(`${"[".repeat(100_000)}\n`.repeat(5)).lines).toBe(5);
  });
});
