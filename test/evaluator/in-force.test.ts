import { expect, it } from "vitest";
import { generate } from "../../generators/index.ts";
import { judgeInForce } from "../../src/evaluator/proof/in-force.ts";
import { inForceFindings } from "../../src/evaluator/proof/in-force-findings.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { graphWith } from "../synthesizer/build-graph.ts";
import { known, knownOf, policiesWith, promised } from "../synthesizer/promised-traffic.ts";

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
