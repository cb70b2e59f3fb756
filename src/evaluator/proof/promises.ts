import { by } from "../../lib/sort.ts";
import type { InferredOutcome } from "../../model/policy-set.ts";
import type { Proof } from "../../model/proof.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import type { ConnectionEnd } from "../network/world.ts";
import type { ReplayWorld, StandIns } from "./replay.ts";
import type { RuleCount } from "./rules.ts";

/**
 * Asks about inferred traffic that rules were made for, in the directions that they were made for. Whoever may come from anywhere is asked about as a node and as
 * addresses outside: each must pass. What is said for it counts as what its rules are there for.
 */
export function provePromises(
  world: ReplayWorld & { readonly standIns: StandIns },
  outcomes: readonly InferredOutcome[],
  rules: RuleCount,
): Proof["promised"] {
  const allowed = outcomes.filter(({ outcome }) => outcome === "allowed");
  const refused: Proof["promised"]["refused"][number][] = [];
  for (const outcome of allowed) refused.push(...refusalsOf(world, outcome, rules));
  return { checked: allowed.length, refused: refused.toSorted(by((one) => JSON.stringify(one))) };
}

function refusalsOf(
  world: ReplayWorld & { readonly standIns: StandIns },
  outcome: InferredOutcome,
  rules: RuleCount,
): Proof["promised"]["refused"] {
  const { traffic, server, client, directions } = outcome;
  const { protocol, port } = traffic;
  const to = (client === server ? world.secondPodOf : world.podOf).get(server);
  const clients = clientsOf(world, outcome);
  if (to === undefined || clients.length === 0) {
    const missing = to === undefined ? server : (client ?? "the client");
    return [{ traffic, direction: "ingress", reason: `there is no pod of ${missing} to ask about` }];
  }
  const verdicts = clients.map((from) => evaluateConnection(world.compiled, { from, to, protocol, port }));
  return directions.flatMap((direction) => {
    for (const verdict of verdicts) rules.note(direction, verdict[direction]);
    const against = verdicts.find((verdict) => verdict[direction].verdict !== "allowed");
    return against === undefined ? [] : [{ traffic, direction, reason: against[direction].reason }];
  });
}

function clientsOf({ standIns, podOf }: ReplayWorld & { readonly standIns: StandIns }, outcome: InferredOutcome) {
  const outside = standIns.outside.map((ip): ConnectionEnd => ({ ip }));
  switch (outcome.traffic.client.kind) {
    case "workload": {
      const pod = outcome.client === undefined ? undefined : podOf.get(outcome.client);
      return pod === undefined ? [] : [pod];
    }
    case "outside":
      return outside;
    case "api-server":
    case "nodes":
    case "outside-or-nodes":
    case "unknown":
      return [{ ip: standIns.node }, ...outside];
  }
}
