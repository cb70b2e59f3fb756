import fc from "fast-check";
import { PROFILES, type ProfileName } from "../../../src/evaluator/network/profile.ts";
import type {
  Connection,
  ConnectionEnd,
  ContainerPort,
  NetworkWorld,
  WorldPod,
} from "../../../src/evaluator/network/world.ts";
import type { Labels } from "../../../src/model/graph.ts";
import type {
  LabelSelector,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "../../../src/model/manifest.ts";
import { policy } from "../world.ts";

/** Small vocabularies, so that everything meets everything. */
const KEYS = ["app", "env"] as const;
const VALUES = ["a", "b", ""] as const;
const NAMESPACES = ["x", "y", "default"] as const;
const POD_ADDRESSES = ["10.1.0.1", "10.1.0.2", "10.1.0.3", "10.2.0.1", "10.2.0.2", "2001:db8::1", "2001:db8::2"];
const NODE_ADDRESSES = ["192.168.0.1", "192.168.0.2", "2001:db8:1::1"];
const OUTSIDE = ["203.0.113.5", "203.0.113.200", "10.1.0.77", "2001:db8::77", "::ffff:203.0.113.5", "8.8.8.8"];
const BLOCKS = [
  { cidr: "0.0.0.0/0" },
  { cidr: "::/0" },
  { cidr: "0.0.0.0/0", except: ["10.0.0.0/8"] },
  { cidr: "10.1.0.0/16", except: ["10.1.0.2/32", "10.1.0.64/26"] },
  { cidr: "10.1.0.2/31" },
  { cidr: "203.0.113.7/24", except: ["203.0.113.128/25"] },
  { cidr: "192.168.0.0/16" },
  { cidr: "2001:db8::/32", except: ["2001:db8::/127"] },
  { cidr: "::ffff:203.0.113.0/120" },
];

export const profileName: fc.Arbitrary<ProfileName> = fc.constantFrom(...(Object.keys(PROFILES) as ProfileName[]));

const labels: fc.Arbitrary<Labels> = fc
  .record({ app: fc.constantFrom(undefined, ...VALUES, "z"), env: fc.constantFrom(undefined, ...VALUES) })
  .map((found) =>
    Object.fromEntries(Object.entries(found).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
  );

const requirement = fc.oneof(
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom("In" as const, "NotIn" as const),
    values: fc.subarray([...VALUES], { minLength: 1 }),
  }),
  fc.record({
    key: fc.constantFrom(...KEYS),
    operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
  }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  fc.constant({}),
  fc.record({ app: fc.constantFrom(...VALUES) }).map((matchLabels) => ({ matchLabels })),
  fc
    .record({ app: fc.constantFrom(...VALUES), env: fc.constantFrom(...VALUES) })
    .map((matchLabels) => ({ matchLabels })),
  requirement.map((found) => ({ matchExpressions: [found] })),
  fc.record({ found: requirement, env: fc.constantFrom(...VALUES) }).map(({ found, env }) => ({
    matchLabels: { env },
    matchExpressions: [found],
  })),
);
const namespaceSelector = fc.oneof(
  selector,
  fc.constantFrom(...NAMESPACES).map((name) => ({ matchLabels: { "kubernetes.io/metadata.name": name } })),
);
const peer: fc.Arbitrary<NetworkPolicyPeer> = fc.oneof(
  selector.map((podSelector) => ({ podSelector })),
  namespaceSelector.map((found) => ({ namespaceSelector: found })),
  fc.record({ podSelector: selector, namespaceSelector }),
  fc.constantFrom(...BLOCKS).map((ipBlock) => ({ ipBlock })),
);
const port: fc.Arbitrary<NetworkPolicyPort> = fc.constantFrom<NetworkPolicyPort>(
  {},
  { port: 80 },
  { port: 80, endPort: 82 },
  { port: 82, endPort: 65_535 },
  { port: "web" },
  { protocol: "UDP", port: "web" },
  { protocol: "UDP", port: 1, endPort: 53 },
  { protocol: "SCTP" },
  { protocol: "SCTP", port: 81 },
);
const rule = fc.record({ peers: fc.array(peer, { maxLength: 3 }), ports: fc.array(port, { maxLength: 3 }) });
const rules = fc.array(rule, { maxLength: 2 });

const policies: fc.Arbitrary<readonly NetworkPolicy[]> = fc
  .array(
    fc.record({
      // p0 comes up again and again: of two policies with one name the later counts.
      id: fc.constantFrom("x/p0", "x/p1", "x/p2", "y/p0", "y/p1", "default/p0"),
      podSelector: fc.option(selector, { nil: undefined }),
      types: fc.constantFrom<NetworkPolicy["spec"]["policyTypes"]>(
        undefined,
        [],
        ["Ingress"],
        ["Egress"],
        ["Ingress", "Egress"],
      ),
      ingress: rules,
      egress: rules,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    list.map(({ id, podSelector, types, ingress, egress }) =>
      policy(id, {
        ...(podSelector === undefined ? {} : { podSelector }),
        ...(types === undefined ? {} : { policyTypes: types }),
        ingress: ingress.map(({ peers, ports }) => ({ from: peers, ports })),
        egress: egress.map(({ peers, ports }) => ({ to: peers, ports })),
      }),
    ),
  );

const containerPort: fc.Arbitrary<ContainerPort> = fc.record({
  name: fc.constantFrom("web", "other"),
  port: fc.constantFrom(80, 81, 90),
  protocol: fc.constantFrom("TCP" as const, "UDP" as const),
});
const pods: fc.Arbitrary<readonly WorldPod[]> = fc
  .array(
    fc.record({
      namespace: fc.constantFrom(...NAMESPACES),
      labels,
      ips: fc.array(fc.constantFrom(...POD_ADDRESSES, "not an address"), { maxLength: 2 }),
      host: fc.constantFrom(undefined, undefined, undefined, ...NODE_ADDRESSES),
      node: fc.constantFrom(undefined, "n1", "n2"),
      ports: fc.array(containerPort, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((list) =>
    list.map(({ namespace, labels: own, ips, host, node, ports }, index) => ({
      namespace,
      name: `p${index}`,
      labels: own,
      ips: host === undefined ? ips : [host],
      hostNetwork: host !== undefined,
      ...(node === undefined ? {} : { node }),
      ports,
    })),
  );
const nodes = fc.subarray([
  { name: "n1", ips: ["192.168.0.1", "2001:db8:1::1"] },
  { name: "n2", ips: ["192.168.0.2"] },
]);
const namespaces = fc.record({ x: labels, y: labels }).map(({ x, y }) => [
  { name: "x", labels: x },
  { name: "y", labels: y },
]);

export const world: fc.Arbitrary<NetworkWorld> = fc.record({ namespaces, pods, policies, nodes });

/** What a change may touch: policies, labels of namespaces, and pods' own properties. */
export const change: fc.Arbitrary<(base: NetworkWorld) => NetworkWorld> = fc.oneof(
  policies.map((changed) => (base: NetworkWorld) => ({ ...base, policies: changed })),
  fc.record({ changed: policies, drop: fc.nat() }).map(({ changed, drop }) => (base: NetworkWorld) => ({
    ...base,
    policies: [
      ...base.policies.filter((_, index) => index !== drop % (base.policies.length + 1)),
      ...changed.slice(0, 1),
    ],
  })),
  namespaces.map((changed) => (base: NetworkWorld) => ({ ...base, namespaces: changed })),
  fc.record({ at: fc.nat(), own: labels }).map(({ at, own }) => (base: NetworkWorld) => ({
    ...base,
    pods: base.pods.map((found, index) => (index === at % base.pods.length ? { ...found, labels: own } : found)),
  })),
  fc.record({ pods, policies }).map((changed) => (base: NetworkWorld) => ({ ...base, ...changed })),
);

/**
 * Adds `count` pods that policies tell from each other, and copies of the policies that select one of them each: then
 * selectors hold large sets, and many pods are isolated alike by policies of their own.
 */
export function crowded(found: NetworkWorld, count: number): NetworkWorld {
  const crowd = Array.from(
    { length: count },
    (_, at): WorldPod => ({
      namespace: NAMESPACES[at % 3] ?? "x",
      name: `c${at}`,
      labels: { app: `c${at}`, env: at % 4 === 0 ? "a" : "b" },
      ips: [`10.9.0.${at}`],
      hostNetwork: at % 25 === 24,
      ...(at % 5 === 0 ? {} : { node: at % 2 === 0 ? "n1" : "n2" }),
      ports: at % 7 === 0 ? [{ name: "web", port: 80, protocol: "TCP" }] : [],
    }),
  );
  const values = crowd.map(({ name }) => name);
  const tell = { matchExpressions: [{ key: "app", operator: "In" as const, values: ["c", ...values] }] };
  const copies = found.policies.map((one, at) => ({
    ...one,
    metadata: { ...one.metadata, name: `copy-${at}` },
    spec: { ...one.spec, podSelector: { matchLabels: { app: `c${at * 3}` } } },
  }));
  return {
    ...found,
    pods: [...found.pods, ...crowd],
    policies: [...found.policies, ...copies, policy("nowhere/tell", { podSelector: tell })],
  };
}

/** Every end worth asking about: pods by name and by address, nodes, and addresses in and out of the blocks. */
export function endsOf({ pods: all }: Pick<NetworkWorld, "pods">): readonly ConnectionEnd[] {
  return [...all, ...[...POD_ADDRESSES, ...NODE_ADDRESSES, ...OUTSIDE].map((ip) => ({ ip }))];
}

const ASKED = [
  { protocol: "TCP", port: 80 },
  { protocol: "TCP", port: 81 },
  { protocol: "TCP", port: 83 },
  { protocol: "TCP", port: 90 },
  { protocol: "TCP", port: 65_535 },
  { protocol: "UDP", port: 53 },
  { protocol: "UDP", port: 80 },
  { protocol: "SCTP", port: 81 },
  { protocol: "ICMPv4", port: undefined },
] as const;

/** All pairs of {@link endsOf} on a few ports. */
export function connectionsOf(found: Pick<NetworkWorld, "pods">): readonly Connection[] {
  const ends = endsOf(found);
  return ends.flatMap((from) => ends.flatMap((to) => ASKED.map((asked) => ({ from, to, ...asked }))));
}
