import type { NetworkWorld } from "../../src/evaluator/network/world.ts";

/** A world whose answers can't depend on an order: each policy once, and no pods that share a node's address. */
export function withoutTies(world: NetworkWorld): NetworkWorld {
  return {
    ...world,
    policies: [...new Map(world.policies.map((policy) => [JSON.stringify(policy.metadata), policy])).values()],
    // Which of two hostNetwork pods names a node is decided by their order.
    pods: world.pods.filter(({ hostNetwork }) => !hostNetwork),
  };
}

/** The same world, told from its end. */
export function toldBackwards(world: NetworkWorld): NetworkWorld {
  return { ...world, policies: world.policies.toReversed(), pods: world.pods.toReversed() };
}
