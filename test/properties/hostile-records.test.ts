import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generate } from "../../generators/index.ts";
import { problemsOf } from "../../src/evaluator/network/problems.ts";
import { prove } from "../../src/evaluator/proof.ts";
import { Learner } from "../../src/graph/learner.ts";
import { mergeSnapshot } from "../../src/graph/merge-snapshot.ts";
import { resolve } from "../../src/graph/resolve.ts";
import { printSnapshot } from "../../src/graph/snapshot.ts";
import type { Endpoint, FlowRecord } from "../../src/model/flow.ts";
import {
  DEFAULT_SYNTHESIS,
  type InexpressibleChoice,
  type SynthesisOptions,
} from "../../src/synthesizer/network/options.ts";
import { synthesize } from "../../src/synthesizer/network/synthesize.ts";
import { HOSTILE } from "../support/fixtures.ts";
import {
  answer,
  COREDNS,
  COREDNS_IP,
  learn,
  MONDAY,
  NOBODY,
  PAYMENTS,
  PAYMENTS_IP,
  record,
  reserved,
} from "../support/flow-record.ts";

const some = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const label = some(
  "k8s:app=cart",
  "k8s:app=front",
  "k8s:role=leader",
  "k8s:version=v1",
  "k8s:version=v2",
  "k8s:pod-template-hash=abc",
  "k8s:app=",
  "k8s:app",
  "k8s:__proto__=x",
  "k8s:constructor=x",
  "k8s:1=2",
  `k8s:app=${HOSTILE}`,
  "k8s:io.kubernetes.pod.namespace=shop",
  "k8s:io.cilium.k8s.policy.serviceaccount=cart",
  "k8s:io.cilium.k8s.policy.cluster=here",
  "reserved:world",
  "reserved:host",
  "reserved:remote-node",
  "reserved:kube-apiserver",
  "reserved:ingress",
  "reserved:health",
  "reserved:unknown",
  "cidr:10.0.0.0/8",
  "nonsense",
  "",
);

const endpoint: fc.Arbitrary<Endpoint> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(NOBODY) },
  {
    weight: 6,
    arbitrary: fc.record({
      cluster: some(undefined, "here"),
      namespace: some(undefined, "shop", "kube-system", "Shop!", "__proto__", HOSTILE, ""),
      podName: some(
        undefined,
        "",
        "cart-5d69f8c7b4-x7k2p",
        "cart-7c9d8b6f5d-q2w4z",
        "front-0",
        "tick-29123456-x7k2p",
        "plain",
        "Deployment/cart",
        "__proto__",
        HOSTILE,
      ),
      labels: fc.uniqueArray(label, { maxLength: 5 }).map((labels) => labels.toSorted()),
      workload: some(
        undefined,
        { kind: "Deployment", name: "cart" },
        { kind: "ReplicaSet", name: "cart-5d69f8c7b4" },
        { kind: "StatefulSet", name: "cart" },
        { kind: "Job", name: "tick-29123456" },
        { kind: "Pod", name: "plain" },
        { kind: HOSTILE, name: "/" },
      ),
      local: fc.boolean(),
    }),
  },
);

const ip = some(
  undefined,
  "10.0.0.1",
  "10.0.0.2",
  "10.0.0.3",
  "203.0.113.7",
  "2001:db8::1",
  "fe80::1",
  "127.0.0.1",
  "169.254.20.10",
  "255.255.255.255",
  "0.0.0.0",
);
const port = some(undefined, 53, 80, 443, 7070, 32_767, 32_768, 41_234, 41_235, 50_051, 65_535);
const name = some("api.example", HOSTILE, "", "cart.shop.svc.cluster.local.", "__proto__");

const flowRecord: fc.Arbitrary<FlowRecord> = fc.record({
  time: some(undefined, MONDAY, MONDAY + 1, MONDAY + 86_400_000, 0),
  verdict: some("FORWARDED", "FORWARDED", "FORWARDED", "REDIRECTED", "AUDIT", "DROPPED", "ERROR", "TRACED", "UNKNOWN"),
  event: some("trace", "trace", "drop", "policy-verdict", "l7", "debug-capture", "socket", "unknown"),
  dropReason: some(undefined, undefined, "POLICY_DENIED", "CT_MAP_INSERTION_FAILED", HOSTILE),
  observationPoint: some(undefined, "TO_ENDPOINT", "TO_STACK", "TO_OVERLAY", "TO_NETWORK", "FROM_ENDPOINT"),
  isReply: some(undefined, true, false),
  traceReason: some(undefined, "new", "established", "reply", "related", "unknown"),
  direction: some(undefined, "ingress", "egress"),
  protocol: some("TCP", "TCP", "TCP", "UDP", "SCTP", "ICMPv4", "ICMPv6", "other"),
  tcpFlags: some(undefined, 0, 2, 16, 18, 4, 255),
  icmpType: some(undefined, 0, 3, 8, 128, 135),
  sourceIp: ip,
  destinationIp: ip,
  sourcePort: port,
  destinationPort: port,
  source: endpoint,
  destination: endpoint,
  sourceService: some(undefined, "shop/cart"),
  destinationService: some(undefined, undefined, "shop/cart", HOSTILE),
  sourceNames: fc.array(name, { maxLength: 2 }),
  destinationNames: fc.array(name, { maxLength: 2 }),
  layer7: some(
    undefined,
    undefined,
    { type: "request", dns: undefined },
    { type: "response", dns: { query: "api.example.", ips: ["203.0.113.7"] } },
    { type: "sample", dns: undefined },
  ),
  node: some(undefined, "n1", HOSTILE),
  weight: some(1, 7),
});

const FIELDS = Object.keys(record()).filter((field): field is keyof FlowRecord => field in record());

const choice = some<InexpressibleChoice>("open", "address", "omit");
const options: fc.Arbitrary<SynthesisOptions> = fc.record({
  namespaces: some<readonly string[]>([], ["shop"]),
  systemNamespaces: fc.boolean(),
  unobserved: some("open", "deny"),
  defaultDeny: fc.boolean(),
  inexpressible: fc.record({
    host: choice,
    "remote-node": choice,
    "kube-apiserver": choice,
    ingress: choice,
    unmanaged: choice,
    "other-cluster": choice,
    icmp: choice,
  }),
  externalPrefix: some({ v4: 32, v6: 128 }, { v4: 24, v6: 64 }, { v4: 0, v6: 0 }),
  externalClients: some("addresses", "any"),
  dnsOverTcp: fc.boolean(),
  apiUse: fc.constant(new Map()),
});

/** Mostly what an agent would write, with single fields that contradict the rest. */
const distorted: fc.Arbitrary<FlowRecord> = fc
  .tuple(
    some(
      record(),
      answer(record()),
      record({ destination: PAYMENTS, destinationIp: PAYMENTS_IP, destinationPort: 50_051 }),
      record({
        destination: COREDNS,
        destinationIp: COREDNS_IP,
        destinationPort: 53,
        protocol: "UDP",
        tcpFlags: undefined,
      }),
      record({ destination: reserved("world"), destinationIp: "203.0.113.7", destinationPort: 443 }),
      record({ source: reserved("host"), sourceIp: "10.0.0.1" }),
      record({ event: "drop", verdict: "DROPPED", tcpFlags: 2, isReply: undefined, dropReason: "POLICY_DENIED" }),
    ),
    flowRecord,
    fc.subarray(FIELDS, { maxLength: 3 }),
  )
  .map(([plain, odd, fields]) => ({ ...plain, ...Object.fromEntries(fields.map((field) => [field, odd[field]])) }));

const records = fc.array(fc.oneof(flowRecord, { weight: 3, arbitrary: distorted }), {
  minLength: 1,
  maxLength: 30,
  size: "max",
});

/** An entity without an address is nobody a proof can ask about. */
function hasAddresses({ sourceIp, destinationIp }: FlowRecord): boolean {
  return sourceIp !== undefined && destinationIp !== undefined;
}

describe("records full of contradictions", () => {
  it("give the same graph and the same snapshot in any order, doubled, and in merged pieces", () => {
    fc.assert(
      fc.property(records, fc.integer(), (input, at) => {
        const learned = learn(input);
        const { graph } = resolve(learned.observations);
        const cut = Math.abs(at) % input.length;
        const turned = [...input.slice(cut), ...input.slice(0, cut)].toReversed();
        expect(resolve(learn(turned).observations).graph).toEqual(graph);
        expect(printSnapshot(learn(turned), { graph: graph, access: undefined })).toBe(
          printSnapshot(learned, { graph: graph, access: undefined }),
        );
        const doubled = resolve(learn([...input, ...turned]).observations).graph;
        expect({ ...doubled, facts: graph.facts }).toEqual(graph);
        const merged = new Learner();
        for (const part of [input.slice(cut), input.slice(0, cut)]) {
          mergeSnapshot(merged, printSnapshot(learn(part), { graph: graph, access: undefined }), "part");
        }
        expect(resolve(merged.observations).graph).toEqual(graph);
        expect(printSnapshot(merged, { graph: graph, access: undefined })).toBe(
          printSnapshot(learned, { graph: graph, access: undefined }),
        );
      }),
      { numRuns: 400 },
    );
  });

  it("give policies that the API server takes and that cut only what was decided to be cut", () => {
    fc.assert(
      fc.property(records, options, (input, chosen) => {
        const { graph } = resolve(learn(input).observations);
        const set = synthesize(graph, chosen);
        const files = generate(set, "network-policy");
        for (const { manifest } of files) expect(problemsOf(manifest)).toEqual([]);
        expect(new Set(files.map(({ path }) => path)).size).toBe(files.length);
        expect(new Set(graph.workloads.map(({ key }) => key)).size).toBe(graph.workloads.length);
        for (const { message, choice: way } of set.findings)
          expect(`${message}${way ?? ""}`).not.toContain("undefined");
      }),
      { numRuns: 400 },
    );
  });

  it("cut nothing that was seen, as long as nothing is asked for beyond the defaults", () => {
    fc.assert(
      fc.property(records, fc.boolean(), (input, systemNamespaces) => {
        const { graph } = resolve(learn(input.filter(hasAddresses)).observations);
        const set = synthesize(graph, { ...DEFAULT_SYNTHESIS, systemNamespaces });
        const proof = prove(
          graph,
          generate(set, "network-policy").map(({ manifest }) => manifest),
        );
        expect(proof.cut).toEqual([]);
        expect(proof.needless).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
