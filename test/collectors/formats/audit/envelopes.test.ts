import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { InputFormat } from "../../../../src/collectors/formats/input-format.ts";
import type { AccessRecord } from "../../../../src/model/access.ts";
import { auditEvent, variedEvents } from "../../support/audit.ts";
import { collectBytes } from "../../support/collect.ts";
import { type Json, jsonLines, wrapped } from "../../support/flows.ts";

const V1 = "audit.k8s.io/v1";
const HASH = "0123456789abcdef0123456789abcdef";
const AT = "2026-03-10T10:40:56.4Z";

const text = (value: unknown): string => JSON.stringify(value);
const lines = (events: readonly Json[], wrap: (line: string, event: Json) => unknown): string =>
  jsonLines(events.map((event) => wrap(text(event), event)));
const bare = ({ kind: _kind, apiVersion: _version, ...rest }: Json): Json => rest;

/** Elastic writes no dots into keys. */
function dedotted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dedotted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key.replaceAll(".", "_"), dedotted(member)]));
}

/** Members as paths, `kubernetes.audit.user.username`. */
function flattened(value: unknown, path: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { [path]: value };
  return Object.assign({}, ...Object.entries(value).map(([key, member]) => flattened(member, `${path}.${key}`)));
}

function cloudWatch(events: readonly Json[], stream = `kube-apiserver-audit-${HASH}`): Json {
  const logEvents = events.map((event, index) => ({ id: String(index), timestamp: 1, message: text(event) }));
  return { messageType: "DATA_MESSAGE", logGroup: "/aws/eks/c/cluster", logStream: stream, logEvents };
}

const packed = (value: unknown): string => gzipSync(text(value)).toString("base64");
const azure = (events: readonly Json[], category: string, log: (event: Json) => unknown): Json => ({
  records: events.map((event) => ({ time: AT, category, properties: { log: log(event), pod: "kube-apiserver-1" } })),
});
const otlp = (logRecords: readonly Json[]): Json => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

function anyValue(value: unknown): Json {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "number") return { intValue: String(value) };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  const members = Object.entries(value ?? {}).filter(([, member]) => member !== undefined);
  return { kvlistValue: { values: members.map(([key, member]) => ({ key, value: anyValue(member) })) } };
}

interface Envelope {
  readonly name: string;
  readonly format: InputFormat;
  readonly write: (events: readonly Json[]) => string | Buffer;
  readonly origin?: string;
  readonly cluster?: string;
}

const ENVELOPES: readonly Envelope[] = [
  { name: "JSON lines", format: "audit", write: jsonLines },
  { name: "lines packed with gzip", format: "audit", write: (events) => gzipSync(jsonLines(events)) },
  { name: "lines packed with zstd", format: "audit", write: (events) => zstdCompressSync(jsonLines(events)) },
  { name: "an array", format: "audit", write: text },
  { name: "an array, laid out", format: "audit", write: (events) => JSON.stringify(events, undefined, 2) },
  {
    name: "laid out one by one",
    format: "audit",
    write: (events) => events.map((event) => JSON.stringify(event, undefined, 1)).join("\n"),
  },
  { name: "without anything between them", format: "audit", write: (events) => events.map(text).join("") },
  { name: "items without kind and version", format: "audit", write: (events) => text(events.map(bare)) },
  {
    name: "an EventList of the webhook",
    format: "audit",
    write: (events) => text({ kind: "EventList", apiVersion: V1, metadata: {}, items: events.map(bare) }),
  },
  {
    name: "an EventList, laid out",
    format: "audit",
    write: (items) => JSON.stringify({ items, kind: "EventList", apiVersion: V1 }, undefined, 2),
  },
  { name: "a List", format: "audit", write: (items) => text({ kind: "List", apiVersion: "v1", items }) },
  { name: "items alone", format: "audit", write: (events) => text({ items: events.map(bare) }) },
  { name: "YAML documents", format: "audit", write: (events) => events.map((event) => stringify(event)).join("---\n") },
  {
    name: "an EventList as YAML",
    format: "audit",
    write: (items) => stringify({ apiVersion: V1, kind: "EventList", items }),
  },
  {
    name: "a List as YAML",
    format: "audit",
    write: (items) => `---\n${stringify({ apiVersion: "v1", items, kind: "List" })}`,
  },
  {
    name: "Fluent Bit, the line in log",
    format: "fluent-bit",
    write: (events) => lines(events, (line) => ({ log: `${line}\n`, stream: "stdout" })),
  },
  { name: "Fluent Bit, parsed in log", format: "fluent-bit", write: (events) => lines(events, (_, log) => ({ log })) },
  {
    name: "Fluent Bit, merged into the record",
    format: "fluent-bit",
    write: (events) => lines(events, (_, event) => ({ ...event, "@timestamp": 1.5, kubernetes: {} })),
  },
  {
    name: "Fluent Bit, below a key of one's own",
    format: "fluent-bit",
    write: (events) => lines(events, (_, audit) => ({ tag: "x", audit })),
  },
  {
    name: "Vector, the line in message",
    format: "vector",
    write: (events) => lines(events, (message) => ({ message, file: "/x", host: "n" })),
  },
  {
    name: "Vector, parsed in message",
    format: "vector",
    write: (events) => lines(events, (_, message) => ({ message })),
  },
  {
    name: "Filebeat, the line in message",
    format: "filebeat",
    write: (events) => lines(events, (message) => ({ "@timestamp": AT, message, log: { offset: 1 } })),
  },
  {
    name: "Logstash, the line in event.original",
    format: "logstash",
    write: (events) => lines(events, (original) => ({ "@version": "1", event: { original } })),
  },
  {
    name: "Elastic, kubernetes.audit",
    format: "filebeat",
    write: (events) => lines(events, (_, audit) => ({ "@timestamp": AT, kubernetes: { audit } })),
  },
  {
    name: "Elastic, kubernetes.audit as one key",
    format: "auto",
    write: (events) => lines(events, (line) => ({ "kubernetes.audit": line })),
  },
  {
    name: "Elastic, dedotted",
    format: "logstash",
    write: (events) => lines(events, (_, event) => ({ kubernetes: { audit: dedotted(event) } })),
  },
  {
    name: "Elastic, flattened",
    format: "auto",
    write: (events) => lines(events, (_, event) => ({ "@timestamp": AT, ...flattened(event, "kubernetes.audit") })),
  },
  {
    name: "kubernetes_audit",
    format: "auto",
    write: (events) => lines(events, (_, event) => ({ kubernetes_audit: dedotted(event) })),
  },
  {
    name: "container log",
    format: "cri",
    write: (events) => events.map((event) => `${AT} stdout F ${text(event)}\n`).join(""),
  },
  {
    name: "Docker's log",
    format: "docker",
    write: (events) => lines(events, (line) => ({ log: `${line}\n`, stream: "stdout", time: AT })),
  },
  {
    name: "OpenTelemetry, a body of text",
    format: "otlp-json",
    write: (events) => text(otlp(events.map((event) => ({ body: { stringValue: text(event) } })))),
  },
  {
    name: "OpenTelemetry, a body of members",
    format: "otlp-json",
    write: (events) => text(otlp(events.map((event) => ({ body: anyValue(event) })))),
  },
  {
    name: "Loki",
    format: "loki",
    write: (events) =>
      text({ streams: [{ stream: {}, values: events.map((event) => ["1773139256465597700", text(event)]) }] }),
  },
  {
    name: "Kafka Connect",
    format: "kafka-connect",
    write: (events) => lines(events, (payload) => ({ schema: {}, payload })),
  },
  {
    name: "CloudWatch",
    format: "cloudwatch",
    write: (events) => text(cloudWatch(events)),
    origin: "eks",
    cluster: "c",
  },
  {
    name: "CloudWatch, packed",
    format: "cloudwatch",
    write: (events) => `${packed(cloudWatch(events))}\n`,
    origin: "eks",
    cluster: "c",
  },
  {
    name: "CloudWatch, as Lambda gets it",
    format: "cloudwatch",
    write: (events) => text({ awslogs: { data: packed(cloudWatch(events)) } }),
    origin: "eks",
    cluster: "c",
  },
  {
    name: "an export of aws logs get-log-events",
    format: "cloudwatch",
    write: (events) =>
      JSON.stringify(
        {
          events: events.map((event) => ({ timestamp: 1, message: text(event), ingestionTime: 2 })),
          nextForwardToken: "f/1",
        },
        undefined,
        4,
      ),
  },
  {
    name: "an export of aws logs filter-log-events",
    format: "cloudwatch",
    write: (events) =>
      text({
        events: events.map((event) => ({ logStreamName: `kube-apiserver-audit-${HASH}`, message: text(event) })),
      }),
    origin: "eks",
  },
  {
    name: "aws logs tail",
    format: "auto",
    write: (events) => events.map((event) => `${AT} kube-apiserver-audit-${HASH} ${text(event)}\n`).join(""),
  },
  {
    name: "Azure, kube-audit",
    format: "azure-event-hubs",
    write: (events) => text(azure(events, "kube-audit", (event) => `${text(event)}\n`)),
    origin: "aks:kube-audit",
  },
  {
    name: "Azure, kube-audit-admin as objects",
    format: "azure-event-hubs",
    write: (events) => text(azure(events, "kube-audit-admin", (event) => event)),
    origin: "aks:kube-audit-admin",
  },
  {
    name: "Azure, one record a line",
    format: "auto",
    write: (events) => jsonLines(events.map((event) => azure([event], "kube-audit", text)["records"] as Json[])),
    origin: "aks:kube-audit",
  },
  {
    name: "Cloud Logging of a cluster of one's own",
    format: "cloud-logging",
    write: (events) => lines(events, (_, jsonPayload) => ({ jsonPayload, timestamp: AT })),
  },
  {
    name: "four envelopes in each other",
    format: "auto",
    write: (events) => lines(events, (line) => ({ payload: text({ message: text({ log: line }) }) })),
  },
];

/** Without what only some envelopes tell. */
function plain(records: readonly AccessRecord[]): readonly AccessRecord[] {
  return records.map((record) => ({ ...record, origin: undefined, cluster: undefined }));
}

const EVENTS = variedEvents(14);

describe("the same audit events in every envelope", () => {
  it.each(ENVELOPES)("are the same records: $name", async ({ format, write, origin, cluster }) => {
    const expected = (await collectBytes(jsonLines(EVENTS))).accesses;
    expect(expected.length).toBe(14);
    for (const pinned of new Set<InputFormat>(["auto", format])) {
      const collected = await collectBytes(write(EVENTS), { format: pinned });
      expect(collected.rejections).toEqual([]);
      expect(plain(collected.accesses)).toEqual(expected);
      expect(new Set(collected.accesses.map((record) => record.origin))).toEqual(new Set([origin]));
      expect(new Set(collected.accesses.map((record) => record.cluster))).toEqual(new Set([cluster]));
    }
  });

  it("are the same records, however many they are and whatever they hold", async () => {
    const name = fc.string({ unit: "binary", minLength: 1, maxLength: 8 });
    const event = fc.record({
      index: fc.nat({ max: 6 }),
      username: name,
      groups: fc.array(name, { maxLength: 3 }),
      userAgent: name,
    });
    const events = fc.array(event, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...ENVELOPES), events, async ({ write }, choices) => {
        const written = choices.map(({ index, username, groups, userAgent }) => ({
          ...EVENTS[index],
          user: { username, groups },
          userAgent,
        }));
        const expected = await collectBytes(jsonLines(written));
        const collected = await collectBytes(write(written));
        expect(collected.rejections).toEqual([]);
        expect(plain(collected.accesses)).toEqual(expected.accesses);
        expect(expected.accesses.length).toBe(written.length);
      }),
      { numRuns: 60 },
    );
  });

  it("are read whatever pieces the bytes come in", async () => {
    for (const { write } of ENVELOPES) {
      const whole = await collectBytes(write(EVENTS));
      expect((await collectBytes(write(EVENTS), { pieceLength: 997 })).accesses).toEqual(whole.accesses);
    }
  });
});

describe("envelopes around other logs", () => {
  it("of the control plane are passed over, whatever their lines look like", async () => {
    const event = auditEvent();
    const stream = (name: string): Json => cloudWatch([event], name);
    const collected = await collectBytes(
      jsonLines([
        { messageType: "CONTROL_MESSAGE", logEvents: [{ message: text(event) }] },
        stream(`kube-apiserver-${HASH}`),
        stream(`authenticator-${HASH}`),
        stream("whatever"),
        azure([event, event], "kube-apiserver", text),
        azure([event], "guard", text),
        { events: [{ logStreamName: `kube-scheduler-${HASH}`, message: text(event) }] },
      ]),
    );
    expect(collected.accesses).toEqual([]);
    expect(collected.rejections).toEqual([]);
    expect(collected.others).toEqual([
      "cloudwatch-control-message",
      ...Array(3).fill("eks-other-log"),
      ...Array(3).fill("aks-other-log"),
      "eks-other-log",
    ]);
  });

  it("do not lend their origin to what stands beside them", async () => {
    const { accesses } = await collectBytes(text([cloudWatch([auditEvent()]), { message: text(auditEvent()) }]));
    expect(accesses.map(({ origin }) => origin)).toEqual(["eks", undefined]);
  });

  it("may hold flows and audit events side by side", async () => {
    const collected = await collectBytes(jsonLines([wrapped(), auditEvent(), { records: [wrapped(), auditEvent()] }]));
    expect([collected.flows.length, collected.accesses.length]).toEqual([2, 2]);
    expect(collected.rejections).toEqual([]);
  });
});

describe("a log of both", () => {
  it("loses nothing when the scanner of flows has given up in between", async () => {
    const [flows, events] = [Array(30).fill(wrapped()), Array(9000).fill(auditEvent())];
    const collected = await collectBytes(jsonLines([...flows, ...events, ...flows, ...events, ...flows]));
    expect([collected.flows.length, collected.accesses.length]).toEqual([90, 18_000]);
    expect(collected.flows.every((record) => record.destinationIp === "10.244.0.110")).toBe(true);
    expect(collected.rejections).toEqual([]);
  });
});

describe("a pinned format", () => {
  it("audit takes nothing but bare audit events, and hubble none of them", async () => {
    for (const value of [wrapped(), { message: text(auditEvent()) }]) {
      const collected = await collectBytes(jsonLines([value]), { format: "audit" });
      expect([collected.flows, collected.accesses, collected.reasons]).toEqual([[], [], ["not-a-flow@1"]]);
    }
    expect((await collectBytes(jsonLines([auditEvent()]), { format: "hubble" })).reasons).toEqual(["not-a-flow@1"]);
  });
});

describe("what is no audit event", () => {
  it("is told apart one by one, beside the good ones", async () => {
    const items = [auditEvent(), "x", auditEvent({ verb: 5 }), auditEvent()];
    const collected = await collectBytes(text({ kind: "EventList", apiVersion: V1, items }));
    expect(collected.accesses.length).toBe(2);
    expect(collected.reasons).toEqual(["not-a-flow@1", "invalid-event@1"]);
    expect(collected.rejections[1]?.detail).toBe("verb is 5, not a string; the record is left out");
  });

  it.each([
    ["a policy", { kind: "Policy", apiVersion: V1, rules: [] }],
    ["an event of the core group", { kind: "Event", apiVersion: "v1", reason: "Started", message: "x" }],
    ["a list of other objects", { kind: "List", apiVersion: "v1", items: [{ kind: "Pod" }] }],
    ["a member of that name", { auditID: "x" }],
  ])("is rejected: %s", async (_name, value) => {
    const collected = await collectBytes(text(value));
    expect(collected.reasons).toEqual(["not-a-flow@1"]);
    expect(collected.rejections[0]?.detail).toContain("holds no Hubble flow and no audit event");
  });

  it("is an empty list, which is nothing at all", async () => {
    for (const items of [[], null, undefined]) {
      const collected = await collectBytes(text({ kind: "EventList", apiVersion: V1, items }), { format: "audit" });
      expect([collected.accesses, collected.rejections]).toEqual([[], []]);
    }
  });

  it("is never looked for inside of one", async () => {
    const fake = auditEvent({ user: { username: "system:admin" } });
    for (const changes of [{ verb: 5 }, { apiVersion: 5, kind: 5 }, { stage: [] }]) {
      const outer = auditEvent({ ...changes, user: { username: "mallory" }, requestObject: fake, message: text(fake) });
      const { accesses } = await collectBytes(text(outer));
      expect(accesses.filter(({ identity }) => identity.username !== "mallory")).toEqual([]);
    }
  });
});
