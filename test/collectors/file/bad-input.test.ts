import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { collect, collectBytes } from "../support/collect.ts";
import { jsonLines, wrapped } from "../support/flows.ts";

const GOOD = jsonLines([wrapped()]);
const LINE = GOOD.trim();

describe("bad input", () => {
  it("an empty source is no fault", async () => {
    const collected = await collectBytes("");
    expect(collected.reasons).toEqual([]);
    expect(collected.summary).toMatchObject({ sources: 1, bytes: 0, lines: 0, unreadable: [] });
  });

  it("a truncated last line is one rejection, and the lines before count", async () => {
    const collected = await collectBytes(GOOD + GOOD + LINE.slice(0, 200));
    expect(collected.flows.length).toBe(2);
    expect(collected.reasons).toEqual(["truncated@3"]);
  });

  it("ordinary text lines are counted, with the line each is on", async () => {
    const collected = await collectBytes(`level=info msg=up\n${GOOD}{"level":"info"}\n{"broken"\n`);
    expect(collected.flows.length).toBe(1);
    expect(collected.reasons).toEqual(["not-a-flow@1", "not-a-flow@3", "truncated@4"]);
  });

  it("a 50 MB line is left out and the rest goes on, in bounded memory", async () => {
    const filler = Buffer.alloc(1 << 20, "x");
    const bytes = function* (): Generator<Buffer> {
      yield Buffer.from(`${GOOD}{"flow":{"Summary":"`);
      for (let index = 0; index < 50; index++) {
        yield filler;
      }
      yield Buffer.from(`"}}\n${GOOD}`);
    };
    const before = process.memoryUsage().arrayBuffers;
    const collected = await collectBytes("", { stdin: Readable.from(bytes(), { objectMode: true }) });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 2 ** 20);
    expect(collected.flows.length).toBe(2);
    expect(collected.reasons).toEqual(["too-long@2"]);
    expect(collected.summary.lines).toBe(3);
  });

  it.each([
    ["UTF-16LE with its mark", Buffer.from(`\ufeff${GOOD}`, "utf16le"), "UTF-16LE"],
    ["UTF-16LE without", Buffer.from(GOOD, "utf16le"), "UTF-16LE"],
    ["UTF-16BE", Buffer.from(GOOD, "utf16le").swap16(), "UTF-16BE"],
  ])("%s is refused with the command that converts it", async (_, bytes, name) => {
    const collected = await collectBytes(bytes);
    expect(collected.reasons).toEqual([]);
    expect(collected.summary.unreadable).toHaveLength(1);
    expect(collected.summary.unreadable[0]?.message).toContain(`iconv -f ${name} -t UTF-8`);
  });

  it("a source that is refused is read no further, however long it is", async () => {
    const long = Buffer.from(`\ufeff${GOOD.repeat(2000)}`, "utf16le");
    const directory = await mkdtemp(path.join(tmpdir(), "netlearn-bad-input-"));
    const file = path.join(directory, "utf16.jsonl");
    await writeFile(file, long);
    for (const collected of [await collect([file]), await collectBytes(long, { pieceLength: 10_000 })]) {
      expect(collected.reasons).toEqual([]);
      expect(collected.flows).toEqual([]);
      expect(collected.summary.unreadable).toHaveLength(1);
    }
    await rm(directory, { recursive: true });
  });

  it.each([
    ["OTLP protobuf", Buffer.from("0ab3010a2b0a290a0c736572766963652e6e616d651219", "hex"), /protobuf.*otlp_json/],
    ["msgpack", Buffer.concat([Buffer.from([0x82, 0xa3]), Buffer.from("log")]), /msgpack.*json/],
    ["Avro", Buffer.from("Obj\u0001\u0004\u0014avro.codec"), /Avro.*JSON/],
    ["a schema registry's message", Buffer.from([0, 0, 0, 0, 7, 2, 0x10, 0x41]), /Confluent/],
    ["bzip2", Buffer.from("BZh91AY&SY"), /bunzip2/],
    ["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]), /unxz/],
    ["zip", Buffer.from("PK\u0003\u0004\u0014\0\0\0"), /unzip/],
    ["snappy", Buffer.concat([Buffer.from([0xff, 6, 0, 0]), Buffer.from("sNaPpY")]), /snappy/],
    ["an executable", Buffer.from("\u007fELF\u0002\u0001\u0001\0\0\0\0"), /no text/],
  ])("%s is unreadable, with its name and the setting to mend", async (_, bytes, detail) => {
    const collected = await collectBytes(Buffer.concat([bytes, Buffer.alloc(2000, "\n\u0001garbage")]));
    expect(collected.reasons).toEqual([]);
    expect(collected.summary.unreadable).toHaveLength(1);
    expect(collected.summary.unreadable[0]?.message).toMatch(detail);
  });

  it.each([
    [
      "compact",
      "Nov 10 10:40:56.465: shop/cart-1:35128 (ID:3418) -> shop/redis-0:6379 (ID:11615) to-endpoint FORWARDED (TCP Flags: SYN)\n".repeat(
        3,
      ),
    ],
    [
      "compact, replies turned round",
      "Nov 10 10:40:56.465: shop/cart-1:35128 (ID:3418) <- shop/redis-0:6379 (ID:11615) to-endpoint FORWARDED (TCP Flags: ACK)\n",
    ],
    [
      "table",
      "TIMESTAMP             SOURCE      DESTINATION   TYPE          VERDICT     SUMMARY\nNov 10 10:40:56.465   shop/cart   shop/redis    to-endpoint   FORWARDED   TCP\n",
    ],
    [
      "dict",
      "  TIMESTAMP: Nov 10 10:40:56.465\n     SOURCE: shop/cart\nDESTINATION: shop/redis\n       TYPE: to-endpoint\n    VERDICT: FORWARDED\n    SUMMARY: TCP\n------------\n  TIMESTAMP: Nov 10 10:40:56.466\n",
    ],
  ])("hubble's output for people (%s) is one rejection, and JSON beside it counts", async (_, text) => {
    const collected = await collectBytes(text + GOOD);
    expect(collected.reasons).toEqual(["human-output@1"]);
    expect(collected.rejections[0]?.detail).toContain("-o jsonpb");
    expect(collected.flows.length).toBe(1);
  });

  it("invalid UTF-8 and control bytes spoil a text, not the record", async () => {
    const at = LINE.indexOf("cart-6b7");
    const bytes = Buffer.from(LINE);
    bytes[at] = 0xff;
    bytes[at + 1] = 0xc3;
    const collected = await collectBytes(bytes);
    expect(collected.reasons).toEqual([]);
    expect(collected.flows[0]?.source.podName).toBe("\ufffd\ufffdrt-6b746f74dc-9rcxx");
  });

  it("huge numbers are refused where a port is due and ignored elsewhere", async () => {
    const huge = "1".repeat(400);
    const port = LINE.replace('"destination_port":6379', `"destination_port":${huge}`);
    const identity = LINE.replace('"identity":3418', `"identity":${huge}`);
    const collected = await collectBytes(`${port}\n${identity}\n`);
    expect(collected.reasons).toEqual(["invalid-flow@1"]);
    expect(collected.flows.length).toBe(1);
  });

  it("says in one line, and escaped, what hostile text it met", async () => {
    const collected = await collectBytes('\u202eevil\u001b[31m\u2028text\n{"flow":{"verdict":{"a\u0085\\u0007":1}}}\n');
    for (const { detail } of collected.rejections) {
      expect(detail).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u);
    }
    expect(collected.reasons).toEqual(["not-a-flow@1", "invalid-flow@2"]);
  });
});
