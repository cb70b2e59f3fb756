import { describe, expect, it } from "vitest";
import { generate } from "../../generators/index.ts";
import { judgeInForce } from "../../src/evaluator/proof/in-force.ts";
import { inForceFindings } from "../../src/evaluator/proof/in-force-findings.ts";
import { promisesInForce } from "../../src/evaluator/proof/promises-in-force.ts";
import { prove } from "../../src/evaluator/proof.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { graphWith } from "../synthesizer/build-graph.ts";
import { known, knownOf, outcomesOf, policiesWith, promised } from "../synthesizer/promised-traffic.ts";

it("a policy in force that refuses what --allow lets through is said: a rule at one end is not enough", () => {
  const graph = graphWith(["shop/front -> shop/cart 8080/TCP"]);
  const all = knownOf(graph, known("mon/prom"));
  const traffic = [promised("scrapes", "mon/prom -> shop/cart 9102/TCP", "ServiceMonitor/shop/cart")];
  const set = policiesWith(graph, { inferred: { traffic }, allow: ["scrapes"], known: all });
  const generated = generate(set, "network-policy").map(({ manifest }) => manifest);
  const closed: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "closed", namespace: "mon" },
    spec: { podSelector: {}, policyTypes: ["Egress"] },
  };
  const judge = (...inForce: readonly NetworkPolicy[]) =>
    inForceFindings(judgeInForce(graph, generated, inForce, { inferred: set.inferred, known: all })).map(
      ({ code }) => code,
    );
  expect(judge()).toEqual([]);
  expect(judge(closed)).toContain("promise-refused-in-force");
});

describe("promised traffic that a policy in force lets through", () => {
  const graph = graphWith(["shop/front -> shop/cart 8080/TCP", "mon/prom -> shop/front 80/TCP"]);
  const all = knownOf(graph);
  const webhook = promised("webhooks", "api-server -> shop/cart 8443/TCP");
  const scrape = promised("scrapes", "mon/prom -> shop/cart 9102/TCP");
  const policy = (namespace: string, spec: NetworkPolicy["spec"], labels: Readonly<Record<string, string>> = {}) => ({
    apiVersion: "networking.k8s.io/v1" as const,
    kind: "NetworkPolicy" as const,
    metadata: { name: "own", namespace, labels },
    spec,
  });
  const found = (...policies: readonly NetworkPolicy[]) => {
    const inForce = promisesInForce([webhook, scrape], policies, all, {});
    const set = policiesWith(graph, { inferred: { traffic: [webhook, scrape] }, inForce, known: all });
    return [inForce.get(webhook) ?? [], inForce.get(scrape) ?? [], outcomesOf(set)];
  };
  const toPort = (port: number, from?: NetworkPolicy["spec"]["ingress"]) => ({
    podSelector: {},
    ingress: [{ ...from?.[0], ports: [{ port }] }],
  });

  it("is no finding, in the directions in which it does", () => {
    expect(found()).toEqual([[], [], ["cut ingress", "cut egress+ingress"]]);
    expect(found(policy("shop", toPort(8443)))).toEqual([["ingress"], [], ["in-force", "cut egress+ingress"]]);
    expect(found(policy("shop", toPort(9102)))).toEqual([[], ["ingress"], ["cut ingress", "cut egress"]]);
    const egress = { podSelector: {}, policyTypes: ["Egress" as const], egress: [{}] };
    expect(found(policy("shop", toPort(9102)), policy("mon", egress))).toEqual([
      [],
      ["ingress", "egress"],
      ["cut ingress", "in-force"],
    ]);
  });

  it("may be let in by a block, which can hold an API server's address, and not by pods", () => {
    const block = [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }];
    expect(found(policy("shop", toPort(8443, block)))[0]).toEqual(["ingress"]);
    expect(found(policy("shop", toPort(8443, [{ from: [{ podSelector: {} }] }])))[0]).toEqual([]);
  });

  it("is not what netlearn wrote itself: that is replaced", () => {
    const own = { "app.kubernetes.io/managed-by": "netlearn" };
    expect(found(policy("shop", toPort(8443), own))[0]).toEqual([]);
  });

  it("needs no rule, and the proof does not ask for one", () => {
    const egress = policy("mon", { podSelector: {}, policyTypes: ["Egress"], egress: [{}] });
    const inForce = promisesInForce([scrape], [egress], all, {});
    const set = policiesWith(graph, { inferred: { traffic: [scrape] }, inForce, known: all, allow: ["scrapes"] });
    expect(outcomesOf(set)).toEqual(["allowed ingress"]);
    const generated = generate(set, "network-policy").map(({ manifest }) => manifest);
    const options = { inferred: set.inferred, known: all };
    expect(prove(graph, generated, options).promised).toEqual({ checked: 1, refused: [] });
    expect(judgeInForce(graph, generated, [egress], options).promised).toEqual([]);
  });
});
