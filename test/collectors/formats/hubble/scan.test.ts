import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuditDecoder } from "../../../../src/collectors/formats/audit/decoder.ts";
import { EndpointTable } from "../../../../src/collectors/formats/hubble/endpoint.ts";
import { FlowScanner } from "../../../../src/collectors/formats/hubble/scan.ts";
import { formatRule } from "../../../../src/collectors/formats/input-format.ts";
import { RecordDecoder } from "../../../../src/collectors/formats/record-decoder.ts";
import type { FlowRecord } from "../../../../src/model/flow.ts";
import { Recorder } from "../../support/collect.ts";
import { CART, type Json, REDIS, variedFlows, wrapped } from "../../support/flows.ts";

/** Both paths with the same endpoints, so that equal ends are the same object in both. */
class Paths {
  readonly #endpoints = new EndpointTable();
  readonly #scanner = new FlowScanner(this.#endpoints);

  fast(bytes: Buffer): FlowRecord | undefined {
    return this.#scanner.scan(bytes, 0, bytes.length);
  }

  /** The only record of the line, or undefined when JSON.parse and decodeFlow refuse it or find something else. */
  slow(bytes: Buffer): FlowRecord | undefined {
    const recorder = new Recorder();
    const decoder = new RecordDecoder({
      source: "-",
      sink: recorder,
      format: formatRule("auto"),
      endpoints: this.#endpoints,
      audit: new AuditDecoder(),
      maxRecordBytes: 1 << 20,
    });
    const whole = decoder.line(bytes.toString(), { line: 1, quiet: false });
    return whole && recorder.rejections.length === 0 && recorder.flows.length === 1 ? recorder.flows[0] : undefined;
  }

  /** Whatever the walker takes, JSON.parse takes too, and makes the same of it. Answers whether the walker took it. */
  compare(text: Buffer | string): boolean {
    const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text);
    const fast = this.fast(bytes);
    if (fast === undefined) {
      return false;
    }
    const slow = this.slow(bytes);
    expect(fast).toStrictEqual(slow);
    return true;
  }

  /** As {@link compare}, and the ends are the same objects: not so in a flood of variants of one pod. */
  compareInterned(text: string): boolean {
    const taken = this.compare(text);
    const [fast, slow] = [this.fast(Buffer.from(text)), this.slow(Buffer.from(text))];
    expect(fast?.source).toBe(slow?.source);
    expect(fast?.destination).toBe(slow?.destination);
    return taken;
  }
}

function line(changes: Json = {}): string {
  return JSON.stringify(wrapped(changes));
}

const NODE_LABELS = Array.from({ length: 12 }, (_, index) => `kubernetes.io/label-${index}=value-${index}`);

describe("the byte walker", () => {
  it("takes every shape the exporter writes, and makes of it what JSON.parse does", () => {
    const paths = new Paths();
    const lines = [
      ...variedFlows(24).map((object) => JSON.stringify(object)),
      line({ node_labels: NODE_LABELS, interface: { index: 3, name: "lxc1" }, policy_match_type: 4 }),
      line({ egress_allowed_by: [{ name: "p", namespace: "n", labels: ["a=b"], revision: "6" }] }),
      line({ aggregate: { ingress_flow_count: 2, egress_flow_count: "3" } }),
      line({ source_service: { name: "a", namespace: "b" }, source_names: ["z", "a", "z"] }),
      line({ Summary: 'quoted \\" and \\u00e9 \u{1f600} \t', event_type: undefined }),
      line({ event_type: undefined, trace_observation_point: undefined, Type: "L7" }),
      line({ event_type: {}, drop_reason: 133 }),
      line({ event_type: { type: 250 } }),
      line({ Type: "SOCK", verdict: "TRACED" }),
      line({ verdict: "SOMETHING_NEW", traffic_direction: "SIDEWAYS", trace_reason: "SRV6_ENCAP" }),
      line({ is_reply: undefined, reply: true }),
      line({ is_reply: undefined }),
      line({ l4: undefined, IP: undefined }),
      line({ l4: {} }),
      line({ l4: { ICMPv6: {} } }),
      line({ l4: { SCTP: { destination_port: 3868 } } }),
      line({ l4: { TCP: { flags: {} } } }),
      line({ source: undefined, destination: {} }),
      line({ time: undefined }),
      line({ node_name: "" }),
      line({ some_new_field: [1, -2.5e3, null, true, { deep: [[]] }, "x"] }),
      line()
        .replaceAll(":", " : ")
        .replaceAll(" : ffff", ":ffff")
        .replace(/(\d) : (\d)/g, "$1:$2")
        .replace(/(\d) : (\d)/g, "$1:$2"),
      JSON.stringify(Object.fromEntries(Object.entries(wrapped()).toReversed())),
      JSON.stringify({ flow: Object.fromEntries(Object.entries(wrapped()["flow"] as Json).toReversed()) }),
    ];
    for (const text of lines) {
      expect([text, paths.compareInterned(text)]).toEqual([text, true]);
    }
  });

  it.each([
    ["a bare flow", JSON.stringify(wrapped()["flow"])],
    ["lost events", '{"lost_events":{"num_events_lost":"1"}}'],
    ["a port above 65535", line({ l4: { TCP: { destination_port: 65536 } } })],
    ["a port with a fraction", line({ l4: { UDP: { destination_port: 1.5 } } })],
    ["an address that is none", line({ IP: { source: "10.0.0.256" } })],
    ["a wrong label", line({ source: { labels: [1] } })],
    ["another spelling beside its own", line({ isReply: true })],
    ["another spelling alone", line({ is_reply: undefined, isReply: true })],
    ["a member twice", line().replace('"verdict"', '"verdict":"DROPPED","verdict"')],
    ["an escaped name", line().replace('"verdict"', '"\\u0076erdict":"DROPPED","verdict"')],
    ["an enum by number", line({ verdict: 2 })],
    ["an offset of time", line({ time: "2026-03-10T10:40:56+02:00" })],
    ["null where a value is read", line({ is_reply: null })],
    ["a log of Docker's", `{"log":"x",${line().slice(1)}`],
    ["an empty flow", '{"flow":{},"node_name":"n"}'],
    ["two transports", line({ l4: { TCP: { source_port: 1 }, UDP: { source_port: 2 } } })],
    ["something behind the object", `${line()}x`],
    ["a raw control character", line().replace("TCP Flags", "TCP\u0001Flags")],
    ["a raw tab in a name", line().replace('"Summary"', '"Sum\tmary"')],
    ["a wrong escape", line().replace("TCP Flags", "TCP\\x Flags")],
    ["a short escape", line().replace("TCP Flags", "TCP\\u12g4")],
    ["a leading zero", line({ some_number: 7777 }).replace(":7777", ":07")],
    ["a bare minus", line({ some_number: 7777 }).replace(":7777", ":-")],
    ["a fraction without digits", line({ some_number: 7777 }).replace(":7777", ":7.")],
    ["an exponent without digits", line({ some_number: 7777 }).replace(":7777", ":7e+")],
    ["a plus", line({ some_number: 7777 }).replace(":7777", ":+7")],
    ["not a word", line({ some_word: true }).replace(":true", ":tru")],
    ["a comma too many", line().replace("}}", "},}")],
    ["a comma too many in a list", line({ some_list: [1] }).replace("[1]", "[1,]")],
    ["a bracket of the wrong kind", line({ some_list: [1] }).replace("[1]", "[1}")],
    ["deep nesting", line({ some_list: JSON.parse(`${"[".repeat(100)}${"]".repeat(100)}`) })],
    ["nothing", ""],
  ])("leaves %s to JSON.parse", (_, text) => {
    const bytes = Buffer.from(text);
    expect(new Paths().fast(bytes)).toBeUndefined();
  });

  it("leaves every line that is cut off to JSON.parse, wherever the cut is", () => {
    const paths = new Paths();
    const whole = Buffer.from(line({ node_labels: NODE_LABELS }));
    expect(paths.compare(whole)).toBe(true);
    const scanner = new FlowScanner(new EndpointTable());
    for (let end = 0; end < whole.length; end++) {
      // The bytes behind the cut are there, as they are in a chunk; they must not be looked at.
      expect(paths.fast(whole.subarray(0, end))).toBeUndefined();
      expect(scanner.scan(whole, 0, end)).toBeUndefined();
    }
  });

  it("recognises an endpoint by all its bytes, not by its beginning", () => {
    const paths = new Paths();
    for (const podName of ["cart-1", "cart-2", "cart-1", "cart-22", "cart-2"]) {
      expect(paths.compare(line({ source: { ...CART, pod_name: podName }, destination: { ...REDIS, ID: 5 } }))).toBe(
        true,
      );
      expect(paths.compare(line({ source: REDIS, destination: CART }))).toBe(true);
    }
  });

  it("keeps its answers when its memory is full many times over", () => {
    const paths = new Paths();
    const filler = "x".repeat(3000);
    for (let index = 0; index < 20_000; index++) {
      const text = line({
        source: { pod_name: `p-${index % 9000}`, labels: [`k8s:filler=${filler}`] },
        IP: { source: `10.0.${index % 256}.${(index * 7) % 256}`, destination: "10.0.0.1" },
      });
      const fast = paths.fast(Buffer.from(text));
      expect(fast === undefined || fast.source.podName === `p-${index % 9000}`).toBe(true);
    }
  });
});

describe("mutated lines", () => {
  const originals = [
    ...variedFlows(12).map((object) => JSON.stringify(object)),
    line({
      node_labels: NODE_LABELS,
      aggregate: { ingress_flow_count: 2 },
      destination_service: { name: "a", namespace: "b" },
    }),
    line({ drop_reason: 133, drop_reason_desc: "POLICY_DENIED", verdict: "DROPPED", event_type: { type: 1 } }),
    line({ l4: { UDP: { source_port: 53, destination_port: 40000 } }, trace_observation_point: "TO_ENDPOINT" }),
  ].map((text) => Buffer.from(text));

  const byte = fc.oneof(
    fc.constantFrom(...Buffer.from('{}[]":,\\ \n\t0123456789-+.eEtfnulrsabITCPZ')),
    fc.integer({ min: 0, max: 255 }),
  );
  const mutation = fc.record({
    kind: fc.constantFrom("replace", "insert", "delete", "copy", "swap"),
    at: fc.integer({ min: 0, max: 1_000_000 }),
    from: fc.integer({ min: 0, max: 1_000_000 }),
    length: fc.integer({ min: 1, max: 40 }),
    byte,
  });

  function mutate(
    bytes: Buffer,
    { kind, at, from, length, byte: value }: { kind: string; at: number; from: number; length: number; byte: number },
  ): Buffer {
    const index = Math.floor((at / 1_000_000) * (bytes.length - 1));
    const other = Math.floor((from / 1_000_000) * (bytes.length - 1));
    const before = bytes.subarray(0, index);
    switch (kind) {
      case "replace":
        return Buffer.concat([before, Buffer.from([value]), bytes.subarray(index + 1)]);
      case "insert":
        return Buffer.concat([before, Buffer.from([value]), bytes.subarray(index)]);
      case "delete":
        return Buffer.concat([before, bytes.subarray(index + Math.min(length, 3))]);
      case "copy":
        return Buffer.concat([before, bytes.subarray(other, other + length), bytes.subarray(index)]);
      default:
        return Buffer.concat([before, bytes.subarray(index + length), bytes.subarray(index, index + length)]);
    }
  }

  it("are never read differently by the two paths", () => {
    const paths = new Paths();
    let taken = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(mutation, { minLength: 1, maxLength: 3 }),
        (original, mutations) => {
          const mutated = mutations.reduce(mutate, original);
          if (paths.compare(mutated)) {
            taken++;
          } else if (paths.slow(mutated) === undefined) {
            refused++;
          }
        },
      ),
      { numRuns: 20_000 },
    );
    // Both sides of the law must have been met.
    expect(taken).toBeGreaterThan(500);
    expect(refused).toBeGreaterThan(500);
  });

  it("with values exchanged for others of every type are never read differently", () => {
    const paths = new Paths();
    const value = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(
        null,
        true,
        false,
        0,
        -0,
        1,
        65_535,
        65_536,
        1e21,
        "",
        "0",
        "53",
        "true",
        "DROPPED",
        "10.0.0.1",
        "::1",
        "2026-01-01T00:00:00Z",
        {},
        [],
        ["a"],
        { type: 4 },
        { TCP: {} },
      ),
    );
    const names = [
      "time",
      "verdict",
      "drop_reason",
      "drop_reason_desc",
      "IP",
      "l4",
      "source",
      "destination",
      "Type",
      "node_name",
      "source_names",
      "destination_names",
      "l7",
      "reply",
      "event_type",
      "source_service",
      "destination_service",
      "traffic_direction",
      "trace_observation_point",
      "is_reply",
      "trace_reason",
      "aggregate",
      "__proto__",
      "new_field",
    ];
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }),
        value,
        fc.boolean(),
        (changes, root, atRoot) => {
          const object = wrapped(changes);
          paths.compare(JSON.stringify(atRoot ? { ...object, time: root } : object));
        },
      ),
      { numRuns: 5000 },
    );
  });
});

const captures = path.join(
  process.env["NETLEARN_SHARED_DATA"] ?? path.resolve(import.meta.dirname, "../../../../../shared/data"),
  "hubble",
);

describe.skipIf(!existsSync(captures))("real captures", () => {
  it("are read by the walker alone, and as JSON.parse reads them", () => {
    const paths = new Paths();
    const lines = readdirSync(captures)
      .filter((name) => name.endsWith(".json"))
      .flatMap((name) => readFileSync(path.join(captures, name), "utf8").trim().split("\n"));
    const taken = lines.filter((text) => paths.compareInterned(text));
    expect(taken.length).toBeGreaterThanOrEqual(lines.length * 0.99);
  });
});
