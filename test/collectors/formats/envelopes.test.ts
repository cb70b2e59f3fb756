import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { INPUT_FORMATS, type InputFormat } from "../../../src/collectors/formats/input-format.ts";
import { collectBytes } from "../support/collect.ts";
import { type Json, jsonLines, variedFlows } from "../support/flows.ts";

const FLOWS = variedFlows(12);
const BARE = FLOWS.map((object) => object["flow"] as Json);
const LINES = FLOWS.map((object) => JSON.stringify(object));
const KUBERNETES = { namespace_name: "kube-system", pod_name: "cilium-x", labels: { "k8s-app": "cilium" } };

function anyValue(value: unknown): Json {
  if (typeof value === "string") {
    return { stringValue: value };
  }
  if (typeof value === "number") {
    return { intValue: String(value) };
  }
  if (typeof value === "boolean") {
    return { boolValue: value };
  }
  return Array.isArray(value)
    ? { arrayValue: { values: value.map(anyValue) } }
    : { kvlistValue: { values: keyValues(value as Json) } };
}

function keyValues(object: Json): Json[] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: anyValue(value) }));
}

function flatten(value: unknown, prefix: string): Json {
  if (typeof value !== "object" || value === null) {
    return { [prefix]: String(value) };
  }
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.assign({}, ...entries.map(([key, inner]) => flatten(inner, `${prefix}.${key}`)));
}

function otlp(logRecords: readonly Json[]): Json {
  return { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ scope: {}, logRecords }] }] };
}

/** A runtime cuts lines into pieces. */
function cri(line: string): string {
  const at = "2026-03-10T10:40:56.465597700Z stderr";
  return `${at} P ${line.slice(0, 100)}\n${at} P ${line.slice(100, 200)}\n${at} F ${line.slice(200)}\n`;
}

function dockerPieces(line: string): string {
  const entry = (log: string): Json => ({ log, stream: "stdout", time: "2026-03-10T10:40:56Z" });
  return jsonLines([entry(line.slice(0, 100)), entry(line.slice(100, 200)), entry(`${line.slice(200)}\n`)]);
}

const each = (wrap: (line: string, index: number) => unknown): string => jsonLines(LINES.map(wrap));

const ENVELOPES: readonly [InputFormat, string, string][] = [
  ["hubble", "wrapped, one a line", jsonLines(FLOWS)],
  ["hubble", "bare flows", jsonLines(BARE)],
  ["hubble", "an array on one line", JSON.stringify(FLOWS)],
  ["hubble", "an array, pretty-printed", JSON.stringify(FLOWS, undefined, 2)],
  [
    "hubble",
    "objects pretty-printed one after the other",
    FLOWS.map((object) => JSON.stringify(object, undefined, 4)).join("\n"),
  ],
  ["hubble", "objects without anything between them", LINES.join("")],
  ["hubble", "lines of a JSON array without its brackets", LINES.join(",\n")],
  ["hubble", "a gateway's results", jsonLines(FLOWS.map((result) => ({ result })))],
  ["hubble", "CRLF", LINES.join("\r\n")],
  ["hubble", "a byte order mark", `\ufeff${LINES.join("\n")}`],
  [
    "hubble",
    "spaces everywhere",
    LINES.map((line) => `  ${line.replaceAll(/":(?=["{[\dtf])/g, '" : ')}  \n\n`).join(""),
  ],
  [
    "fluent-bit",
    "the line in log",
    each((log) => ({ "@timestamp": 1773139256.46, log: `${log}\n`, kubernetes: KUBERNETES })),
  ],
  [
    "fluent-bit",
    "merged into the record",
    jsonLines(
      FLOWS.map((object, index) => ({ ...object, log: LINES[index], stream: "stdout", kubernetes: KUBERNETES })),
    ),
  ],
  [
    "fluent-bit",
    "bare flows merged into the record",
    jsonLines(BARE.map((object, index) => ({ ...object, log: LINES[index], stream: "stdout" }))),
  ],
  [
    "fluent-bit",
    "merged below log_processed",
    jsonLines(FLOWS.map((object, index) => ({ log: LINES[index], log_processed: object, stream: "stdout" }))),
  ],
  [
    "fluent-bit",
    "merged below a key of one's own",
    jsonLines(FLOWS.map((object) => ({ stream: "stdout", cilium_event: object }))),
  ],
  ["fluent-bit", "a CRI line in log", each((log) => ({ log: `2026-03-10T10:40:56Z stdout F ${log}` }))],
  ["fluent-bit", "GELF", each((line) => ({ version: "1.1", host: "n", short_message: line }))],
  [
    "vector",
    "the line in message",
    each((message) => ({ message, file: "/var/log/x.log", host: "n", source_type: "file" })),
  ],
  ["vector", "remapped to the bare line", jsonLines(FLOWS)],
  ["fluentd", "the line in message", each((message) => ({ message, tag: "cilium" }))],
  ["fluentd", "the parsed record", jsonLines(FLOWS.map((object) => ({ ...object, tag: "cilium" })))],
  ["otlp-json", "the body a string", jsonLines([otlp(LINES.map((line) => ({ body: { stringValue: line } })))])],
  ["otlp-json", "the body a map", jsonLines([otlp(FLOWS.map((object) => ({ body: anyValue(object) })))])],
  [
    "otlp-json",
    "parsed into attributes",
    jsonLines([otlp(FLOWS.map((object) => ({ body: { stringValue: "" }, attributes: keyValues(object) })))]),
  ],
  [
    "otlp-json",
    "hubble-otel, nested in an attribute",
    jsonLines(BARE.map((object) => otlp([{ attributes: [{ key: "cilium.event_object", value: anyValue(object) }] }]))),
  ],
  [
    "otlp-json",
    "hubble-otel, JSON in an attribute",
    jsonLines(
      BARE.map((object) =>
        otlp([{ attributes: [{ key: "cilium.event_object", value: { stringValue: JSON.stringify(object) } }] }]),
      ),
    ),
  ],
  [
    "otlp-json",
    "hubble-otel, JSON+base64",
    jsonLines(
      BARE.map((object) =>
        otlp([
          {
            attributes: [
              {
                key: "cilium.event_object",
                value: { stringValue: Buffer.from(JSON.stringify(object)).toString("base64").replace(/=+$/, "") },
              },
            ],
          },
        ]),
      ),
    ),
  ],
  [
    "otlp-json",
    "hubble-otel, a flat map of strings",
    jsonLines([otlp(BARE.map((object) => ({ attributes: keyValues(flatten(object, "cilium.flow_event")) })))]),
  ],
  [
    "otlp-json",
    "hubble-otel's old names",
    jsonLines([
      {
        resourceLogs: [{ instrumentationLibraryLogs: [{ logs: BARE.map((object) => ({ body: anyValue(object) })) }] }],
      },
    ]),
  ],
  [
    "otlp-json",
    "pretty-printed",
    JSON.stringify(otlp(LINES.map((line) => ({ body: { stringValue: line } }))), undefined, 2),
  ],
  [
    "filebeat",
    "the line in message",
    each((message) => ({ "@timestamp": "x", message, log: { file: { path: "/x" }, offset: 3 }, agent: {}, ecs: {} })),
  ],
  ["filebeat", "parsed below json", jsonLines(FLOWS.map((json) => ({ "@timestamp": "x", json, log: { offset: 1 } })))],
  [
    "filebeat",
    "parsed at the root",
    jsonLines(FLOWS.map((object) => ({ ...object, "@timestamp": "x", log: { offset: 1 } }))),
  ],
  ["logstash", "the line in message", each((message) => ({ "@timestamp": "x", "@version": "1", message }))],
  ["logstash", "the line in event.original", each((original) => ({ "@version": "1", event: { original } }))],
  ["cri", "whole lines", LINES.map((line) => `2026-03-10T10:40:56.4Z stdout F ${line}\n`).join("")],
  ["cri", "lines in pieces", LINES.map(cri).join("")],
  ["docker", "whole lines", each((line) => ({ log: `${line}\n`, stream: "stdout", time: "2026-03-10T10:40:56Z" }))],
  ["docker", "lines in pieces", LINES.map(dockerPieces).join("")],
  [
    "loki",
    "push",
    jsonLines([{ streams: [{ stream: { app: "x" }, values: LINES.map((line) => ["1773139256465597700", line]) }] }]),
  ],
  [
    "loki",
    "query",
    jsonLines([
      {
        status: "success",
        data: {
          resultType: "streams",
          result: [{ stream: {}, values: LINES.map((line) => ["1773139256465597700", line, {}]) }],
        },
      },
    ]),
  ],
  ["loki", "logcli", each((line) => ({ labels: {}, line, timestamp: "2026-03-10T10:40:56Z" }))],
  ["azure-event-hubs", "records", jsonLines([{ records: FLOWS }])],
  [
    "azure-event-hubs",
    "diagnostic records",
    jsonLines([{ records: LINES.map((line) => ({ time: "x", category: "c", properties: { log: line } })) }]),
  ],
  [
    "cloud-logging",
    "jsonPayload",
    jsonLines(FLOWS.map((jsonPayload) => ({ jsonPayload, resource: {}, timestamp: "x" }))),
  ],
  [
    "cloudwatch",
    "log events",
    jsonLines([{ messageType: "DATA_MESSAGE", logEvents: LINES.map((message) => ({ id: "1", message })) }]),
  ],
  [
    "cloudwatch",
    "gzip and base64",
    `${gzipSync(JSON.stringify({ logEvents: LINES.map((message) => ({ message })) })).toString("base64")}\n`,
  ],
  [
    "cloudwatch",
    "as Lambda gets it",
    jsonLines([
      {
        awslogs: {
          data: gzipSync(JSON.stringify({ logEvents: LINES.map((message) => ({ message })) })).toString("base64"),
        },
      },
    ]),
  ],
  [
    "kafka-connect",
    "the payload an object",
    jsonLines(FLOWS.map((payload) => ({ schema: { type: "struct" }, payload }))),
  ],
  ["kafka-connect", "the payload a string", each((payload) => ({ schema: { type: "string" }, payload }))],
  ["auto", "lines in one string", jsonLines([{ message: LINES.join("\n") }])],
  ["auto", "kubectl logs --prefix", LINES.map((line) => `[pod/cilium-abc/cilium-agent] ${line}\n`).join("")],
  [
    "auto",
    "four envelopes in each other",
    each((line) => ({ payload: JSON.stringify({ message: JSON.stringify({ log: line }) }) })),
  ],
];

describe("the same flows in every envelope", () => {
  it.each(ENVELOPES)("%s: %s", async (format, _, text) => {
    const expected = (await collectBytes(jsonLines(FLOWS))).flows;
    const collected = await collectBytes(text);
    expect(collected.reasons).toEqual([]);
    expect(collected.flows).toEqual(expected);
    const pinned = await collectBytes(text, { format });
    expect(pinned.reasons).toEqual([]);
    expect(pinned.flows).toEqual(expected);
  });

  it("covers every format that can be pinned and holds flows", () => {
    const names = INPUT_FORMATS.filter(({ root }) => root !== "audit").map(({ name }) => name);
    expect(new Set(ENVELOPES.map(([format]) => format))).toEqual(new Set(names));
  });

  it("reads the same whatever the pieces the bytes come in", async () => {
    const text = ENVELOPES.filter(([format]) => format !== "cri" && format !== "cloudwatch")
      .map(([, , part]) => part)
      .join("\n");
    const whole = await collectBytes(text);
    expect(whole.reasons).toEqual([]);
    for (const pieceLength of [1, 7, 4096, 65_537]) {
      const collected = await collectBytes(pieceLength === 1 ? text.slice(0, 100_000) : text, { pieceLength });
      expect(collected.flows.length).toBeGreaterThan(50);
      expect(collected.flows.slice(0, 50)).toEqual(whole.flows.slice(0, 50));
      if (pieceLength > 1) {
        expect(collected.flows.length).toBe(whole.flows.length);
      }
    }
  });
});

describe("a pinned format", () => {
  it("refuses other shapes and says how to go on", async () => {
    const collected = await collectBytes(jsonLines([{ message: LINES[0] }]), { format: "hubble" });
    expect(collected.reasons).toEqual(["not-a-flow@1"]);
    expect(collected.rejections[0]?.detail).toContain("drop --format");
  });

  it.each([
    ["cri", jsonLines(FLOWS)],
    ["docker", jsonLines(FLOWS)],
    ["loki", jsonLines(FLOWS)],
    ["otlp-json", jsonLines([{ message: LINES[0] }])],
    ["kafka-connect", jsonLines([{ message: LINES[0] }])],
    ["hubble", `2026-03-10T10:40:56.4Z stdout F ${LINES[0]}\n`],
  ] as const)("%s takes nothing of another", async (format, text) => {
    const collected = await collectBytes(text, { format });
    expect(collected.flows).toEqual([]);
    expect(new Set(collected.rejections.map(({ reason }) => reason))).toEqual(new Set(["not-a-flow"]));
  });
});

describe("envelopes around no flow", () => {
  it("are too deep beyond six", async () => {
    let inner = LINES[0] ?? "";
    for (let depth = 0; depth < 7; depth++) {
      inner = JSON.stringify({ message: inner });
    }
    expect((await collectBytes(inner)).reasons).toEqual(["too-deep@1"]);
  });

  it("count one by one, beside the good ones", async () => {
    const records = [FLOWS[0], { SrcAddr: "1.2.3.4" }, FLOWS[1]];
    const collected = await collectBytes(jsonLines([{ records }]));
    expect(collected.flows.length).toBe(2);
    expect(collected.reasons).toEqual(["not-a-flow@1"]);
  });

  it("tell the broken line inside from the envelope", async () => {
    const collected = await collectBytes(jsonLines([{ message: '{"flow":{"verdict":' }]));
    expect(collected.reasons).toEqual(["invalid-json@1"]);
  });

  it("do not unfold a small text into a huge one", async () => {
    const bomb = gzipSync(Buffer.from(`{"a":"${"x".repeat(5_000_000)}"}`)).toString("base64");
    expect((await collectBytes(bomb, { maxRecordBytes: 1_000_000 })).reasons).toEqual(["not-a-flow@1"]);
  });
});

describe("records beside flows", () => {
  it("are reported by kind", async () => {
    const collected = await collectBytes(
      jsonLines([
        {
          lost_events: { source: "HUBBLE_RING_BUFFER", num_events_lost: "12", cpu: 3 },
          node_name: "n1",
          time: "2026-01-01T00:00:00Z",
        },
        { lost_events: { source: 1, num_events_lost: "18446744073709551615" } },
        {
          node_status: { state_change: "NODE_UNAVAILABLE", node_names: ["b", "a"], message: "gone" },
          time: "2026-01-01T00:00:01Z",
        },
        { nodeStatus: { stateChange: 1, nodeNames: ["a"] } },
        { agent_event: { type: "POLICY_UPDATED" } },
        { debug_event: { type: "DBG_CT_MATCH" } },
      ]),
    );
    expect(collected.reasons).toEqual([]);
    expect(collected.lost).toEqual([
      { time: Date.parse("2026-01-01T00:00:00Z"), node: "n1", buffer: "HUBBLE_RING_BUFFER", count: 12 },
      { time: undefined, node: undefined, buffer: "PERF_EVENT_RING_BUFFER", count: Number.MAX_SAFE_INTEGER },
    ]);
    expect(collected.statuses).toEqual([
      { time: Date.parse("2026-01-01T00:00:01Z"), state: "unavailable", nodes: ["a", "b"], message: "gone" },
      { time: undefined, state: "connected", nodes: ["a"], message: undefined },
    ]);
    expect(collected.others).toEqual(["agent_event", "debug_event"]);
  });
});
