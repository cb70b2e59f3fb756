import fc from "fast-check";
import { expect, it } from "vitest";
import { generate } from "../../generators/index.ts";
import { compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import { prove } from "../../src/evaluator/proof.ts";
import type { Labels } from "../../src/model/graph.ts";
import { INFERRED_KINDS, type InferredTraffic } from "../../src/model/inferred.ts";
import type { PolicySet } from "../../src/model/policy-set.ts";
import { graphWith } from "../synthesizer/build-graph.ts";
import { type Given, known, policiesWith, promised } from "../synthesizer/promised-traffic.ts";

/** Workloads whose labels overlap: selectors of one pick others. */
const LABELS: Readonly<Record<string, Labels>> = {
  "a/front": { app: "front" },
  "a/cart": { app: "cart" },
  "a/cart-canary": { app: "cart", track: "canary" },
  "a/db": { tier: "data", app: "db" },
  "b/prom": { app: "prom" },
  "b/hook": { app: "hook", tier: "data" },
};
/** Described by objects, and never seen. */
const UNSEEN: Readonly<Record<string, Labels>> = {
  "a/quiet": { app: "quiet" },
  "a/cart-old": { app: "cart", track: "old" },
  "b/bare": {},
};

const ALL = Object.entries({ ...LABELS, ...UNSEEN });
const KNOWN = new Map(ALL.map(([key, labels]) => known(key, labels)));

const seenEnd = fc.constantFrom(...Object.keys(LABELS));
const anyEnd = fc.constantFrom(...ALL.map(([key]) => key));
const port = fc.constantFrom("80/TCP", "81/TCP", "53/UDP");
const client = fc.oneof(anyEnd, fc.constantFrom("api-server", "outside", "outside-or-nodes", "nodes", "unknown"));
const outsider = fc.constantFrom("203.0.113.7", "kube-apiserver(10.0.0.1)", "remote-node(10.0.0.2)");
const edge = fc.tuple(fc.oneof({ weight: 5, arbitrary: seenEnd }, outsider), seenEnd, port);

const world = fc.record({
  edges: fc.uniqueArray(
    edge.map(([from, to, what]) => `${from} -> ${to} ${what}`),
    { maxLength: 8 },
  ),
  traffic: fc.array(
    fc.tuple(fc.constantFrom(...INFERRED_KINDS), client, anyEnd, port, fc.constantFrom("Object/x", "Object/y")),
    { maxLength: 6 },
  ),
  allow: fc.subarray([...INFERRED_KINDS]),
  unobserved: fc.constantFrom("open" as const, "deny" as const),
  defaultDeny: fc.boolean(),
  entity: fc.constantFrom("open" as const, "address" as const),
});

type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

function build({ edges, traffic, allow, unobserved, defaultDeny, entity }: World) {
  const graph = graphWith(edges, LABELS);
  const promises = traffic.map(
    ([kind, from, to, what, object]): InferredTraffic => promised(kind, `${from} -> ${to} ${what}`, object),
  );
  const choices = { "kube-apiserver": entity, "remote-node": entity } as const;
  const rest = { host: "open", ingress: "open", unmanaged: "open", "other-cluster": "open", icmp: "open" } as const;
  const options = { unobserved, defaultDeny, inexpressible: { ...rest, ...choices } };
  const given: Given = { known: KNOWN, options };
  return {
    graph,
    without: policiesWith(graph, given),
    unasked: policiesWith(graph, { ...given, inferred: { traffic: promises } }),
    allowed: policiesWith(graph, { ...given, inferred: { traffic: promises }, allow }),
    turned: policiesWith(graph, { ...given, inferred: { traffic: promises.toReversed() }, allow }),
  };
}

const PODS = ALL.flatMap(([key, labels], at) => {
  const [namespace = "", name = ""] = key.split("/");
  return [{ key, namespace, name, labels, ips: [`10.9.0.${at + 1}`], hostNetwork: false, ports: [], node: "m" }];
});
const NODES = [{ name: "n", ips: ["10.0.0.9"] }];
const CLIENTS = [...PODS, ...["10.0.0.9", "203.0.113.7", "203.0.113.8", "2001:db8::1"].map((ip) => ({ ip }))];
const PORTS = [
  { protocol: "TCP", port: 80 },
  { protocol: "TCP", port: 81 },
  { protocol: "UDP", port: 53 },
] as const;

function manifestsOf(set: PolicySet) {
  return generate(set, "network-policy").map(({ manifest }) => manifest);
}

/** What the policies say to every connection there can be, and whom they isolate. */
function verdictsOf(set: PolicySet) {
  const compiled = compileNetworkWorld(
    { namespaces: [], pods: PODS, policies: manifestsOf(set), nodes: NODES },
    "cilium",
  );
  const verdicts = CLIENTS.flatMap((from) =>
    PODS.filter((to) => to !== from).flatMap((to) =>
      PORTS.map((what) => ({ from, to, what, found: evaluateConnection(compiled, { from, to, ...what }) })),
    ),
  );
  const isolated = [...compiled.pods.values()].map(({ id, isolatedBy }) =>
    [id, isolatedBy.ingress.length > 0, isolatedBy.egress.length > 0].join(),
  );
  return { verdicts, isolated };
}

it("objects change no policy as long as nothing is allowed by its kind", () => {
  fc.assert(
    fc.property(world, (given) => {
      const { without, unasked } = build(given);
      expect(generate(unasked, "network-policy")).toEqual(generate(without, "network-policy"));
    }),
  );
});

it("what is allowed by its kind opens what is promised, and changes nothing else", () => {
  let opened = 0;
  fc.assert(
    fc.property(world, (given) => {
      const { without, allowed } = build(given);
      const [before, after] = [verdictsOf(without), verdictsOf(allowed)];
      expect(after.isolated).toEqual(before.isolated);
      const made = allowed.inferred.filter(({ outcome }) => outcome === "allowed");
      for (const [at, { from, to, what, found }] of after.verdicts.entries()) {
        const old = before.verdicts[at]?.found;
        if (old?.verdict === found.verdict) continue;
        opened += 1;
        expect([old?.verdict, found.verdict]).toEqual(["denied", "allowed"]);
        const because = made.filter(({ traffic }) => traffic.port === what.port && traffic.protocol === what.protocol);
        expect(because.length, `${JSON.stringify(from)} -> ${to.key} ${what.port}`).toBeGreaterThan(0);
      }
    }),
    { numRuns: 300 },
  );
  expect(opened).toBeGreaterThan(100);
});

it("the proof asks about all that is allowed, and nothing of it is refused", () => {
  let checked = 0;
  fc.assert(
    fc.property(world, (given) => {
      const { graph, allowed, without } = build(given);
      const proof = prove(graph, manifestsOf(allowed), { inferred: allowed.inferred, known: KNOWN });
      expect(proof.promised.refused).toEqual([]);
      expect(proof.cut).toEqual(prove(graph, manifestsOf(without)).cut);
      checked += proof.promised.checked;
      const cut = allowed.inferred.filter(({ outcome }) => outcome === "cut");
      const wanted = cut.filter(({ traffic }) => given.allow.includes(traffic.kind));
      // Only what has no label, or what no selector names alone, is left out.
      for (const { server, client: from } of wanted)
        expect([server, from].some(isHard), `${from} -> ${server}`).toBe(true);
    }),
    { numRuns: 300 },
  );
  expect(checked).toBeGreaterThan(100);
});

function isHard(key: string | undefined): boolean {
  return key === "b/bare" || key?.startsWith("a/cart") === true;
}

it("the order of promises changes nothing but theirs", () => {
  fc.assert(
    fc.property(world, (given) => {
      const { allowed, turned } = build(given);
      expect(generate(turned, "network-policy")).toEqual(generate(allowed, "network-policy"));
      expect(turned.policies).toEqual(allowed.policies);
      expect(turned.inferred.toReversed()).toEqual(allowed.inferred);
    }),
  );
});
