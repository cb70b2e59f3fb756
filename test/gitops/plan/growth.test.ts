import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Authorizer } from "../../../src/evaluator/access/authorizer.ts";
import { compileNetworkWorld } from "../../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../../src/evaluator/network/evaluate.ts";
import { withPeerExpressions } from "../../../src/gitops/place/peers.ts";
import { growthOf } from "../../../src/gitops/plan/growth.ts";
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from "../../../src/model/manifest.ts";
import type { ProposedManifest } from "../../../src/model/placement.ts";
import type { BindingManifest, PolicyRule, RoleManifest } from "../../../src/model/rbac.ts";

const NAMES = ["a", "b", "c"];
const PORTS = [80, 81, 443];

const peer = fc.constantFrom<NetworkPolicyPeer>(
  { podSelector: { matchLabels: { app: "a" } } },
  { podSelector: { matchLabels: { app: "b" } } },
  { podSelector: {} },
  { ipBlock: { cidr: "203.0.113.0/24" } },
);
const port = fc.constantFrom<NetworkPolicyPort>(
  ...PORTS.map((each) => ({ port: each })),
  { protocol: "TCP", port: 80, endPort: 443 },
  { protocol: "UDP", port: 80 },
);
const ports = fc.uniqueArray(port, { maxLength: 2 });
const ingress = fc.array(fc.record({ from: fc.uniqueArray(peer, { maxLength: 2 }), ports }), { maxLength: 2 });
const egress = fc.array(fc.record({ to: fc.uniqueArray(peer, { maxLength: 2 }), ports }), { maxLength: 2 });
const policyTypes = fc.constantFrom<("Ingress" | "Egress")[]>(["Ingress"], ["Egress"], ["Ingress", "Egress"]);
const policy = fc.record({ policyTypes, ingress, egress, subject: fc.constantFrom("c", "c", "c", "a") }).map(
  ({ policyTypes: types, subject, ...rules }): NetworkPolicy => ({
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "netlearn-c", namespace: "shop", labels: { "app.kubernetes.io/managed-by": "netlearn" } },
    spec: {
      podSelector: { matchLabels: { app: subject } },
      policyTypes: types,
      ...(types.includes("Ingress") ? { ingress: rules.ingress } : {}),
      ...(types.includes("Egress") ? { egress: rules.egress } : {}),
    },
  }),
);

/** Every connection between pods, and with an address outside, that these policies let through. */
function allowed(policies: readonly ProposedManifest[]): Set<string> {
  const pods = NAMES.map((name, index) => ({
    namespace: "shop",
    name,
    labels: { app: name },
    ips: [`10.0.0.${index + 1}`],
    hostNetwork: false,
    ports: [],
  }));
  const written = policies.filter((each): each is NetworkPolicy => each.kind === "NetworkPolicy");
  const world = compileNetworkWorld({ namespaces: [], pods, policies: written });
  const ends = [
    ...pods.map(({ namespace, name }) => ({ namespace, name })),
    { ip: "203.0.113.7" },
    { ip: "198.51.100.1" },
  ];
  const found = ends.flatMap((from) =>
    ends.flatMap((to) =>
      [...PORTS, 100].flatMap((each) =>
        (["TCP", "UDP"] as const).flatMap((protocol) =>
          evaluateConnection(world, { from, to, protocol, port: each }).verdict === "allowed"
            ? [JSON.stringify([from, to, protocol, each])]
            : [],
        ),
      ),
    ),
  );
  return new Set(found);
}

function without(some: ReadonlySet<string>, others: ReadonlySet<string>): readonly string[] {
  return [...some].filter((each) => !others.has(each));
}

describe("git rule 26: growing and shrinking are taken apart", () => {
  it("law: what a first step writes lets through all that either does, and nothing that neither does without isolation", () => {
    fc.assert(
      fc.property(policy, policy, (current, desired) => {
        const growth = growthOf([current], [desired]);
        const [before, between, after] = [[current], growth.widened, [desired]].map(allowed);
        if (before === undefined || between === undefined || after === undefined) throw new Error("no worlds");
        // Nothing is cut by the first step.
        expect(without(before, between).length).toBe(0);
        if (!growth.isNarrower) expect(without(after, before).length > 0 ? growth.isWider : true).toBe(true);
        // Without a second step the first is all there is.
        if (!growth.isNarrower) expect([...between]).toEqual([...after]);
        // Nothing is added by the second one, where there was a first.
        if (growth.isWider) expect(without(after, between).length).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("law: nothing is done about what says the same, in whatever words", () => {
    fc.assert(
      fc.property(policy, (one) => {
        for (const same of [one, withPeerExpressions(one)]) {
          expect(growthOf([one], [same])).toMatchObject({ isWider: false, isNarrower: false });
        }
      }),
    );
  });

  it.each([{}, { policyTypes: [] }, { egress: [] }, { policyTypes: [], egress: [] }])(
    "reads %j without directions as the API server does: it isolates ingress",
    (spec) => {
      const one: NetworkPolicy = {
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "a" },
        spec,
      };
      const said = { ...one, spec: { policyTypes: ["Ingress"] as const } };
      expect(growthOf([one], [said])).toMatchObject({ isWider: false, isNarrower: false });
    },
  );

  it("law: is stable: the first step done, what is left does not grow", () => {
    fc.assert(
      fc.property(policy, policy, (current, desired) => {
        expect(growthOf(growthOf([current], [desired]).widened, [desired]).isWider).toBe(false);
      }),
    );
  });

  it("a policy that is new isolates, a role that is new cuts nobody", () => {
    const [one] = fc.sample(policy, 1);
    if (one === undefined) throw new Error("no policy");
    expect(growthOf([], [one])).toEqual({ isWider: false, isNarrower: true, widened: [] });
    expect(growthOf([], [roleOf([]), BINDING])).toMatchObject({ isWider: true, isNarrower: false });
  });
});

const BINDING: BindingManifest = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "RoleBinding",
  metadata: { name: "r", namespace: "shop" },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
  subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "jane" }],
};

function roleOf(rules: readonly PolicyRule[]): RoleManifest {
  return {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "r", namespace: "shop" },
    rules,
  };
}

const VERBS = ["get", "list", "*"];
const RESOURCES = ["pods", "secrets", "*"];
const OBJECTS = ["x", "y"];
const rule = fc.record({
  apiGroups: fc.constant([""]),
  resources: fc.subarray(RESOURCES, { minLength: 1 }),
  resourceNames: fc.subarray(OBJECTS),
  verbs: fc.subarray(VERBS, { minLength: 1 }),
});

function permitted(rules: readonly PolicyRule[]): Set<string> {
  const authorizer = new Authorizer([roleOf(rules), BINDING]);
  const requests = ["get", "list", "watch"].flatMap((verb) =>
    ["pods", "secrets", "services"].flatMap((resource) =>
      [...OBJECTS, "z", ""].map((name) => ({ verb, resource, name })),
    ),
  );
  const found = requests.filter(
    (each) =>
      authorizer.decide(
        { username: "jane", groups: [] },
        { kind: "resource", apiGroup: "", subresource: "", namespace: "shop", ...each },
      ).isAllowed,
  );
  return new Set(found.map((each) => JSON.stringify(each)));
}

it("law: roles grow and shrink as the authorizer has it", () => {
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 3 }), fc.array(rule, { maxLength: 3 }), (current, desired) => {
      const growth = growthOf([roleOf(current)], [roleOf(desired)]);
      const [widened] = growth.widened;
      if (widened === undefined || !("rules" in widened)) throw new Error("no role");
      const [before, between, after] = [current, widened.rules, desired].map(permitted);
      if (before === undefined || between === undefined || after === undefined) throw new Error("no rules");
      expect([...new Set([...before, ...(growth.isWider ? after : [])])].toSorted()).toEqual([...between].toSorted());
      if (without(after, before).length > 0) expect(growth.isWider).toBe(true);
      if (without(before, after).length > 0) expect(growth.isNarrower).toBe(true);
    }),
  );
});
