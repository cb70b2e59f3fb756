import { createRandom, type Random } from "../support/simulator/index.ts";
import { at, changed, type Json, type JsonObject, own, pathsOf } from "./json.ts";
import { BLOCKS, isIdentity, ODD, PORTS, type PolicyCase, policyOf, TEXTS } from "./policy-cases.ts";

/** Policies with one to three things changed at random: mostly wrong, some still right. Equal seeds give equal cases. */
export function randomCases(seed: string, count: number): readonly PolicyCase[] {
  return Array.from({ length: count }, (_, index) => {
    const random = createRandom(`${seed}/${index}`);
    const changes = random.pick([0, 1, 1, 2, 3]);
    let policy = randomPolicy(random);
    for (let change = 0; change < changes; change++) policy = randomlyChanged(policy, random);
    return { what: `random ${seed}/${index}`, policy };
  });
}

function randomlyChanged(policy: Json, random: Random): Json {
  const paths = pathsOf(policy).filter((path) => !isIdentity(path));
  if (paths.length === 0) return policy;
  const path = random.pick(paths);
  if (random.chance(0.1)) return changed(policy, path, undefined);
  // A value from elsewhere in the policy is right in its kind more often than one from a list of odd ones.
  const odd = random.pick([...ODD, ...PORTS, random.pick(TEXTS), random.pick(BLOCKS)]);
  return changed(policy, path, random.chance(0.4) ? at(policy, random.pick(paths)) : odd);
}

function randomPolicy(random: Random): Json {
  const list = (make: () => Json, most: number): Json => Array.from({ length: random.integer(0, most) }, make);
  const maybe = (name: string, make: () => Json): JsonObject => (random.chance(0.6) ? own(name, make()) : {});
  const selector = (): Json => ({
    ...maybe("matchLabels", () =>
      Object.fromEntries(
        ["app", "tier", "a.b/c"].slice(0, random.integer(0, 3)).map((key) => [key, random.pick(["web", "", "v1.2"])]),
      ),
    ),
    ...maybe("matchExpressions", () => list(expression, 2)),
  });
  const expression = (): Json => {
    const operator = random.pick(["In", "NotIn", "Exists", "DoesNotExist"]);
    return { key: random.pick(["app", "x.y/z"]), operator, ...(operator.endsWith("In") ? { values: ["a", "b"] } : {}) };
  };
  const peer = (): Json =>
    random.pick([
      () => ({
        ipBlock: {
          cidr: "10.0.0.0/8",
          ...maybe("except", () => list(() => random.pick(["10.1.0.0/16", "10.9.9.9/32"]), 2)),
        },
      }),
      () => ({ ipBlock: { cidr: random.pick(["0.0.0.0/0", "2001:db8::/32", "192.0.2.7/32"]) } }),
      () => ({ podSelector: selector() }),
      () => ({ namespaceSelector: selector(), ...maybe("podSelector", selector) }),
    ])();
  const portEntry = (): Json => ({
    ...maybe("protocol", () => random.pick(["TCP", "UDP", "SCTP"])),
    ...random.pick<JsonObject>([{}, { port: 80 }, { port: 8000, endPort: 8010 }, { port: "http" }]),
  });
  const rule = (peers: string) => (): Json => ({
    ...maybe(peers, () => list(peer, 2)),
    ...maybe("ports", () => list(portEntry, 2)),
  });
  return policyOf({
    ...maybe("podSelector", selector),
    ...maybe("policyTypes", () => random.pick([[], ["Ingress"], ["Egress"], ["Ingress", "Egress"]])),
    ...maybe("ingress", () => list(rule("from"), 2)),
    ...maybe("egress", () => list(rule("to"), 2)),
  });
}
