import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InputFormat } from "../../../src/collectors/formats/input-format.ts";
import { ValueReader } from "../../../src/collectors/kafka/value-reader.ts";
import { auditEvent, variedEvents } from "../support/audit.ts";
import { collectBytes, Recorder } from "../support/collect.ts";
import { variedFlows, wrapped } from "../support/flows.ts";

/** What a value at `flows/3@7` gives. */
function read(value: Buffer | string | null, options: { format?: InputFormat; maxValueBytes?: number } = {}): Recorder {
  const recorder = new Recorder();
  const reader = new ValueReader({ sink: recorder, format: "auto", ...options });
  const bytes = typeof value === "string" ? Buffer.from(value) : value;
  reader.read("flows", 3, { offset: 7, timestamp: undefined, headers: {}, value: bytes });
  return recorder;
}

const FLOW = JSON.stringify(wrapped());
const FLOWS = variedFlows(12);
const EVENTS = variedEvents(7);
const LINES = FLOWS.map((flow) => JSON.stringify(flow)).join("\n");

/** Every way a flow, or several, may lie in a value. */
const SHAPES: Readonly<Record<string, string>> = {
  "one line": FLOW,
  "one line with its break": `${FLOW}\r\n`,
  "a line with blanks before it": `  \n${FLOW}`,
  "a byte order mark before it": `\ufeff${FLOW}`,
  "several lines": LINES,
  "an array": JSON.stringify(FLOWS),
  "laid out": JSON.stringify(wrapped(), undefined, 2),
  "laid out, one behind the other": FLOWS.map((flow) => JSON.stringify(flow, undefined, 1)).join("\n"),
  "Fluent Bit's envelope": JSON.stringify({ "@timestamp": 1.5, log: FLOW, stream: "stdout" }),
  "a container's log": `2026-03-10T10:40:56.4Z stdout F ${FLOW}`,
  CloudWatch: JSON.stringify({ messageType: "DATA_MESSAGE", logEvents: [{ message: FLOW }, { message: FLOW }] }),
  "an event without a flow": JSON.stringify({ node_status: { state_change: "NODE_CONNECTED", node_names: ["a"] } }),
};

describe("values of Kafka records", () => {
  it.each(Object.entries(SHAPES))("hold what a file of the same text does: %s", async (_name, text) => {
    const file = await collectBytes(text);
    const value = read(text);
    expect(value.flows.length + value.statuses.length).toBeGreaterThan(0);
    expect(value.flows).toEqual(file.flows);
    expect(value.statuses).toEqual(file.statuses);
    expect(value.rejections).toEqual([]);
  });

  it.each(Object.entries(SHAPES))("may be packed, or have a schema's number before them: %s", (_name, text) => {
    const plain = read(text).flows;
    expect(read(gzipSync(text)).flows).toEqual(plain);
    expect(read(zstdCompressSync(text)).flows).toEqual(plain);
    if (/^[[{]/u.test(text)) {
      expect(read(Buffer.concat([Buffer.from([0, 0, 0, 1, 2]), Buffer.from(text)])).flows).toEqual(plain);
    }
  });

  it("are counted when they are tombstones or hold nothing", () => {
    expect(read(null).others).toEqual(["tombstone"]);
    expect(read("").others).toEqual(["empty-value"]);
    expect(read(" \n").others).toEqual(["empty-value"]);
  });

  it.each([
    ["one event", JSON.stringify(auditEvent())],
    ["events on lines", EVENTS.map((event) => JSON.stringify(event)).join("\n")],
    ["a batch of the webhook", JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", items: EVENTS })],
    ["an envelope", JSON.stringify({ "@timestamp": 1.5, log: JSON.stringify(auditEvent()) })],
    [
      "a batch of Azure's",
      JSON.stringify({ records: [{ category: "kube-audit", properties: { log: auditEvent() } }] }),
    ],
    ["a record of Elastic's", JSON.stringify({ kubernetes: { audit: auditEvent() } })],
  ])("hold the audit events that a file of the same text does: %s", async (_name, text) => {
    const file = await collectBytes(text);
    expect(file.accesses.length).toBeGreaterThan(0);
    for (const value of [text, gzipSync(text), zstdCompressSync(text)]) {
      const { accesses, rejections } = read(value);
      expect(accesses).toEqual(file.accesses);
      expect(rejections).toEqual([]);
    }
  });

  it("name the place of an audit event that can't be taken, and take those beside it", () => {
    const value = JSON.stringify({
      kind: "EventList",
      apiVersion: "audit.k8s.io/v1",
      items: [{ verb: 5 }, auditEvent()],
    });
    const { accesses, rejections } = read(value);
    expect(accesses).toHaveLength(1);
    expect(rejections).toEqual([
      {
        reason: "invalid-event",
        place: { source: "flows/3@7", line: undefined },
        detail: "verb is 5, not a string; the record is left out",
      },
    ]);
  });

  it("share the identities of a partition's records", () => {
    const recorder = new Recorder();
    const reader = new ValueReader({ sink: recorder, format: "auto" });
    for (const offset of [0, 1]) {
      const value = Buffer.from(JSON.stringify(auditEvent({ auditID: String(offset) })));
      reader.read("audit", 0, { offset, timestamp: undefined, headers: {}, value });
    }
    const [one, other] = recorder.accesses;
    expect(one?.identity).toBe(other?.identity);
  });

  it.each([
    ["OTLP or Hubble protobuf", Buffer.from([0x0a, 0x12, 1, 2, 3]), "binary-encoding", /protobuf.*otlp_json/u],
    ["msgpack", Buffer.from([0x83, 1, 2, 3]), "binary-encoding", /msgpack.*format to json/u],
    ["a registry's Avro", Buffer.from([0, 0, 0, 0, 7, 2, 4, 6]), "binary-encoding", /Schema Registry.*JSON/u],
    ["UTF-16", Buffer.from(FLOW, "utf16le"), "wrong-encoding", /UTF-16LE.*iconv/u],
    ["a damaged archive", gzipSync(FLOW).subarray(0, 60), "binary-encoding", /packed with gzip and damaged/u],
    ["broken JSON", Buffer.from('{"flow":{'), "invalid-json", /broken JSON/u],
    ["something else", Buffer.from("hello"), "not-a-flow", /hello/u],
    [
      "deep nesting",
      Buffer.from(`${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`),
      "not-a-flow",
      /holds no Hubble flow/u,
    ],
    ["a line cut off by a container runtime", Buffer.from("2026-03-10T10:40:56Z stdout P {"), "truncated", /rotated/u],
  ] as const)("are rejected with the way out when they are %s", (_name, value, reason, detail) => {
    expect(read(value).rejections).toEqual([
      { reason, place: { source: "flows/3@7", line: undefined }, detail: expect.stringMatching(detail) },
    ]);
  });

  it("have lines in their place only where there are several", () => {
    const { flows, rejections } = read(`${FLOW}\n{"flow":{\n${FLOW}`);
    expect(flows).toHaveLength(2);
    expect(rejections.map(({ place }) => place)).toEqual([{ source: "flows/3@7", line: 2 }]);
  });

  it("are too long also when they become so by unpacking", () => {
    const options = { maxValueBytes: FLOW.length + 1 };
    expect(read(FLOW, options).flows).toHaveLength(1);
    for (const value of [`${FLOW}   `, gzipSync(`${FLOW}   `), zstdCompressSync(`${FLOW}   `)]) {
      expect(read(value, options)).toMatchObject({ flows: [], reasons: ["too-long"] });
    }
  });

  it("go to the sink that is set at that time", () => {
    const [first, second] = [new Recorder(), new Recorder()];
    const reader = new ValueReader({ sink: first, format: "auto" });
    const record = { offset: 0, timestamp: undefined, headers: {}, value: Buffer.from(FLOW) };
    reader.read("flows", 0, record);
    reader.sink = second;
    reader.read("flows", 0, record);
    reader.read("flows", 0, { ...record, value: Buffer.from("poison") });
    expect([first.flows.length, second.flows.length, first.reasons, second.reasons]).toEqual([
      1,
      1,
      [],
      ["not-a-flow"],
    ]);
  });

  it("are taken as the pinned format only", () => {
    expect(read(JSON.stringify({ log: FLOW }), { format: "hubble" }).reasons).toEqual(["not-a-flow"]);
    expect(read(FLOW, { format: "kafka-connect" }).reasons).toEqual(["not-a-flow"]);
    expect(read(JSON.stringify({ payload: FLOW }), { format: "kafka-connect" }).flows).toHaveLength(1);
  });

  it("never make the reader throw, whatever bytes they are", () => {
    const damaged = fc.tuple(
      fc.constantFrom(FLOW, LINES, ...Object.values(SHAPES)),
      fc.nat(),
      fc.integer({ min: 0, max: 255 }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void read(Buffer.from(bytes))));
    fc.assert(
      fc.property(damaged, ([text, at, byte]) => {
        const bytes = Buffer.from(text);
        bytes[at % bytes.length] = byte;
        read(bytes);
        read(bytes.subarray(0, at % bytes.length));
      }),
    );
  });
});
