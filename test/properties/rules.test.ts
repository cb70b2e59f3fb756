import { describe, expect, it } from "vitest";
import { compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import { prove } from "../../src/evaluator/proof.ts";
import { TCP_SYN } from "../../src/model/flow.ts";
import type { InferredKind } from "../../src/model/inferred.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { DEFAULT_SYNTHESIS } from "../../src/synthesizer/network/options.ts";
import { synthesize } from "../../src/synthesizer/network/synthesize.ts";
import { deployment, service } from "../inventory/directory/objects.ts";
import { infer, object } from "../inventory/inferred/infer.ts";
import {
  CART,
  COREDNS,
  COREDNS_IP,
  FRONTEND,
  graphOf,
  HOUR,
  MONDAY,
  manifestsOf,
  PAYMENTS_IP,
  pod,
  policiesOf,
  record,
} from "../support/flow-record.ts";

/** What a policy's rules say, as text. */
function textOf(manifests: readonly NetworkPolicy[]): string {
  return JSON.stringify(manifests.map(({ spec }) => spec));
}

// Rules 17 to 26 that a policy alone can keep or break are in test/evaluator/network/rules.test.ts, rule 29 is in
// test/evaluator/review/plugin-limits.test.ts.
describe("the traps between a flow that was seen and the rule that is written", () => {
  it("rule 20: what webhooks, APIServices and scrapes call is flagged although nobody was seen calling it", () => {
    const graph = graphOf([record()]);
    const cart = deployment("cart", { labels: { app: "cart" }, ports: [{ name: "http", containerPort: 7070 }] });
    const behind = service("cart", { selector: { app: "cart" }, ports: [{ port: 443, targetPort: 8443 }] });
    const reference = { service: { namespace: "shop", name: "cart" } };
    const objects = [
      cart,
      behind,
      object("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "v", {
        webhooks: [{ name: "v.shop.example", clientConfig: reference }],
      }),
      object("apiregistration.k8s.io/v1", "APIService", "v1.shop.example", { spec: reference }),
      object("monitoring.coreos.com/v1", "PodMonitor", "cart", {
        spec: { selector: { matchLabels: { app: "cart" } }, podMetricsEndpoints: [{ portNumber: 7070 }] },
      }),
    ];
    const inferred = infer(...objects);
    const set = synthesize(graph, DEFAULT_SYNTHESIS, new Map(), { inferred, allow: [] });
    const flagged = set.findings.filter(({ code }) => code === "promised-traffic");
    expect(flagged.map(({ choice }) => choice?.split(" ").slice(0, 2).join(" "))).toEqual([
      "--allow webhooks",
      "--allow apiservices",
      "--allow scrapes",
    ]);
    const reaches = (allow: readonly InferredKind[]) => {
      const policies = manifestsOf(synthesize(graph, DEFAULT_SYNTHESIS, new Map(), { inferred, allow }));
      const pods = [{ ...where("shop/cart"), labels: { app: "cart" } }];
      const world = compileNetworkWorld({ namespaces: [], pods, policies }, "cilium");
      const from = { ip: "203.0.113.1" };
      return evaluateConnection(world, { from, to: where("shop/cart"), protocol: "TCP", port: 8443 }).verdict;
    };
    expect([reaches([]), reaches(["scrapes"]), reaches(["webhooks"])]).toEqual(["denied", "denied", "allowed"]);
  });

  it("rule 22: no label of a rollout, of one pod or of a Job's run is ever selected on", () => {
    const volatile = {
      "pod-template-hash": "5d69f8c7b4",
      "controller-revision-hash": "7c9d8b6f5d",
      "statefulset.kubernetes.io/pod-name": "cart-0",
      "apps.kubernetes.io/pod-index": "0",
      "batch.kubernetes.io/job-name": "cart-29000000",
      "batch.kubernetes.io/controller-uid": "3f0c",
      "job-name": "cart-29000000",
      "controller-uid": "3f0c",
    };
    const labels = Object.entries(volatile).map(([key, value]) => `k8s:${key}=${value}`);
    const cart = { ...CART, labels: [...CART.labels, ...labels] };
    const manifests = manifestsOf(policiesOf(graphOf([record({ destination: cart })])));
    expect(manifests).toHaveLength(2);
    for (const key of Object.keys(volatile)) expect(textOf(manifests)).not.toContain(key);
  });

  it("rule 24: whoever's egress is closed may still ask DNS as it was seen to, over TCP as well", () => {
    const query = record({
      destination: COREDNS,
      destinationIp: COREDNS_IP,
      protocol: "UDP",
      destinationPort: 53,
      tcpFlags: undefined,
    });
    const graph = graphOf([record(), query]);
    const manifests = manifestsOf(policiesOf(graph));
    const pods = [
      { ...where("shop/frontend"), labels: { app: "frontend" } },
      { ...where("kube-system/coredns"), labels: { "k8s-app": "kube-dns" } },
    ];
    const world = compileNetworkWorld({ namespaces: [], pods, policies: manifests });
    const asks = (protocol: "TCP" | "UDP") =>
      evaluateConnection(world, { from: where("shop/frontend"), to: where("kube-system/coredns"), protocol, port: 53 });
    expect([asks("UDP").verdict, asks("TCP").verdict]).toEqual(["allowed", "allowed"]);
    expect(asks("UDP").egress.isolated).toBe("yes");
  });

  it("rule 27: an address is the pod's that held it then, and nobody's when that can't be told", () => {
    const early = MONDAY + HOUR;
    const late = MONDAY + 20 * HOUR;
    const holder = (who: string, time: number) =>
      record({ source: pod(who), sourceIp: PAYMENTS_IP, destination: FRONTEND, destinationPort: 9, time });
    const nameless = (time: number, destinationPort: number) =>
      record({
        source: { ...FRONTEND, podName: undefined, namespace: undefined, labels: [] },
        sourceIp: PAYMENTS_IP,
        time,
        destinationPort,
      });
    const graph = graphOf([
      holder("shop/old-5d69f8c7b4-q2w4z", early),
      holder("shop/new-7c9d8b6f5d-mmx5t", late),
      nameless(early, 1001),
      nameless(late, 1002),
    ]);
    const clients = graph.edges.filter(({ port }) => port === 1001 || port === 1002);
    expect(clients.map(({ client, port }) => ({ client, port }))).toEqual([
      { client: { kind: "workload", workload: "shop/new" }, port: 1002 },
      { client: { kind: "workload", workload: "shop/old" }, port: 1001 },
    ]);
    const always = [nameless(early, 1003), nameless(late, 1003)];
    const unclear = graphOf([
      holder("shop/old-5d69f8c7b4-q2w4z", early),
      holder("shop/new-7c9d8b6f5d-mmx5t", late),
      ...always,
    ]);
    expect(unclear.edges.filter(({ port }) => port === 1003)).toEqual([]);
    expect(unclear.quarantine.map(({ reason }) => reason)).toContain("ambiguous-address");
  });

  it("rule 28: what was dropped makes no edge and no rule", () => {
    const dropped = record({
      verdict: "DROPPED",
      event: "drop",
      dropReason: "POLICY_DENIED",
      destinationPort: 5432,
      tcpFlags: TCP_SYN,
    });
    const graph = graphOf([record(), dropped]);
    expect(graph.denied).toHaveLength(1);
    expect(textOf(manifestsOf(policiesOf(graph)))).not.toContain("5432");
  });
});

describe("the proof notices a mistake", () => {
  const graph = graphOf([record()]);
  const set = policiesOf(graph);
  const cuts = (manifests: readonly NetworkPolicy[]) => prove(graph, manifests).cut.map(({ direction }) => direction);

  it("and there is none to begin with", () => {
    expect(cuts(manifestsOf(set))).toEqual([]);
  });

  it("of the synthesizer: a rule forgotten, a peer or a port mistaken", () => {
    const spoilt = (spoil: (rules: readonly unknown[]) => readonly unknown[]) => {
      const policies = set.policies.map((policy) =>
        policy.ingress.mode === "isolated"
          ? {
              ...policy,
              ingress: { ...policy.ingress, rules: spoil(policy.ingress.rules) as typeof policy.ingress.rules },
            }
          : policy,
      );
      return cuts(manifestsOf({ ...set, policies }));
    };
    expect(spoilt(() => [])).toEqual(["ingress"]);
    const [rule] = set.policies.flatMap(({ ingress }) => (ingress.mode === "isolated" ? ingress.rules : []));
    expect(rule).toBeDefined();
    expect(spoilt(() => [{ ...rule, ports: [{ protocol: "TCP", port: 7071 }] }])).toEqual(["ingress"]);
    expect(
      spoilt(() => [{ ...rule, peers: [{ kind: "pods", namespace: "bank", labels: { app: "frontend" } }] }]),
    ).toEqual(["ingress"]);
  });

  it("of the generator: a field written wrongly", () => {
    const spoilt = (from: string, to: string): (() => unknown) => {
      const manifests: NetworkPolicy[] = JSON.parse(JSON.stringify(manifestsOf(set)).replaceAll(from, to));
      return () => cuts(manifests);
    };
    expect(spoilt('"protocol":"TCP"', '"protocol":"UDP"')()).toEqual(["egress", "ingress"]);
    expect(spoilt('"port":7070', '"port":7007')()).toEqual(["egress", "ingress"]);
    expect(spoilt('"kubernetes.io/metadata.name":"shop"', '"kubernetes.io/metadata.name":"Shop"')()).toEqual([
      "egress",
      "ingress",
    ]);
    expect(spoilt('"from":', '"_from":')).toThrow(expect.objectContaining({ code: "NETLEARN_PROOF_BROKEN" }));
  });
});

function where(id: string): { namespace: string; name: string; ips: string[]; hostNetwork: boolean; ports: never[] } {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name, ips: [], hostNetwork: false, ports: [] };
}
