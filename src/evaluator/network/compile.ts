import { by } from "../../lib/sort.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import { type Address, addressKey, parseAddress } from "./address.ts";
import { type CompiledPolicy, compilePolicy, policyId } from "./policy.ts";
import { presentParts } from "./present.ts";
import { problemsOfPresent } from "./problems.ts";
import { PROFILES, type Profile, type ProfileName } from "./profile.ts";
import type { LabelMap } from "./selector.ts";
import type { Direction } from "./verdict.ts";
import type { ContainerPort, NetworkWorld } from "./world.ts";

/** Every namespace carries it, with its own name as the value; the API server keeps it so. */
const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Policies that isolate a pod, by direction, sorted by id. */
export type Isolation = Readonly<Record<Direction, readonly CompiledPolicy[]>>;

/** A pod, ready to match. */
export interface CompiledPod {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly namespaceLabels: LabelMap;
  readonly labels: LabelMap;
  readonly addresses: readonly Address[];
  readonly hostNetwork: boolean;
  readonly node: string | undefined;
  readonly ports: readonly ContainerPort[];
  /** By direction, the policies that select the pod: those of its own namespace (rule 3). */
  readonly isolatedBy: Isolation;
}

/** Something in the world that the API server would refuse or that does not fit; the rest of the world still counts. */
export interface WorldProblem {
  /** `refused` by the API server, `replaced` by a later object of the same name, an address `ignored`. */
  readonly kind: "refused" | "replaced" | "ignored";
  /** `NetworkPolicy shop/cart`, `Pod shop/cart-1`, `Node a`. */
  readonly about: string;
  readonly problem: string;
}

/** A world ready to be asked many times; made by {@link compileNetworkWorld}. */
export interface CompiledNetworkWorld {
  readonly profileName: ProfileName;
  readonly profile: Profile;
  readonly problems: readonly WorldProblem[];
  /** By namespace, sorted by id. Policies the API server would refuse are not here: they do not exist in a cluster. */
  readonly policies: ReadonlyMap<string, readonly CompiledPolicy[]>;
  /** By `namespace/name`. */
  readonly pods: ReadonlyMap<string, CompiledPod>;
  /** Pods of the pod network by {@link addressKey}; several when an address was reused. */
  readonly podsByAddress: ReadonlyMap<string, readonly CompiledPod[]>;
  /** Names of nodes by {@link addressKey}. */
  readonly nodesByAddress: ReadonlyMap<string, string>;
}

/** Checks, defaults and indexes a world. Never throws: what is wrong is listed in `problems` and left out. */
export function compileNetworkWorld(world: NetworkWorld, profileName: ProfileName = "upstream"): CompiledNetworkWorld {
  const problems: WorldProblem[] = [];
  const policies = compilePolicies(world.policies, problems);
  const pods = compilePods(world, policies, problems);
  return {
    profileName,
    profile: PROFILES[profileName],
    policies,
    pods,
    podsByAddress: podsByAddress(pods.values()),
    nodesByAddress: nodesByAddress(world, pods.values(), problems),
    problems,
  };
}

function compilePods(
  world: NetworkWorld,
  policies: ReadonlyMap<string, readonly CompiledPolicy[]>,
  problems: WorldProblem[],
): ReadonlyMap<string, CompiledPod> {
  const namespaces = new Map(world.namespaces.map(({ name, labels }) => [name, namespaceLabels(name, labels)]));
  const isolation = isolationOf(policies);
  const pods = new Map<string, CompiledPod>();
  for (const { namespace, name, labels: written, ips, hostNetwork, node, ports } of world.pods) {
    const id = `${namespace}/${name}`;
    const about = `Pod ${id}`;
    const labels = new Map(Object.entries(written));
    const labelsOfNamespace = namespaces.get(namespace) ?? namespaceLabels(namespace, {});
    namespaces.set(namespace, labelsOfNamespace);
    if (pods.has(id)) {
      problems.push({ kind: "replaced", about, problem: "given twice; the later one counts" });
    }
    const addresses = readAddresses(ips, about, problems);
    const isolatedBy = isolation(namespace, labels);
    const pod = { id, namespace, namespaceLabels: labelsOfNamespace, labels, addresses, hostNetwork, node, ports };
    pods.set(id, { ...pod, isolatedBy });
  }
  return pods;
}

/** Labels of a namespace as policies see them: with the one every namespace has (rule 11). */
export function namespaceLabels(name: string, labels: Readonly<Record<string, string>>): LabelMap {
  return new Map([...Object.entries(labels), [NAMESPACE_NAME_LABEL, name]]);
}

/** Pods of one controller have equal labels, so the policies of a namespace are matched once for all of them. */
function isolationOf(
  policies: ReadonlyMap<string, readonly CompiledPolicy[]>,
): (namespace: string, labels: LabelMap) => Isolation {
  const known = new Map<string, Isolation>();
  return (namespace, labels) => {
    const key = JSON.stringify([namespace, [...labels]]);
    let found = known.get(key);
    if (found === undefined) {
      const selecting = (policies.get(namespace) ?? []).filter((policy) => policy.selects(labels));
      found = {
        ingress: selecting.filter(({ rules }) => rules.ingress !== undefined),
        egress: selecting.filter(({ rules }) => rules.egress !== undefined),
      };
      known.set(key, found);
    }
    return found;
  };
}

function readAddresses(ips: readonly string[], about: string, problems: WorldProblem[]): Address[] {
  return ips.flatMap((ip) => {
    const address = parseAddress(ip);
    if (address === undefined) {
      problems.push({ kind: "ignored", about, problem: `${JSON.stringify(ip)} is not an IP address; it is ignored` });
      return [];
    }
    return [address];
  });
}

function compilePolicies(
  policies: readonly NetworkPolicy[],
  problems: WorldProblem[],
): ReadonlyMap<string, readonly CompiledPolicy[]> {
  const standing = standingPolicies(policies, problems).toSorted(by(policyId));
  return Map.groupBy(standing.map(compilePolicy), ({ namespace }) => namespace);
}

/** A policy as it was written, read. */
export interface ReadPolicy {
  /** Free of `null`; what it holds is only sure where there are no problems. */
  readonly policy: NetworkPolicy;
  /** As `problemsOf` lists them. */
  readonly problems: readonly string[];
}

/** Reads a policy, which may be anything a YAML file holds. */
export function readPolicy(written: NetworkPolicy): ReadPolicy {
  const policy = presentParts(written);
  return { policy, problems: problemsOfPresent(policy) };
}

/**
 * The policies as a cluster would have them, free of `null` and in the order in which their names come up: without
 * those the API server would refuse, and of several with one name the last. What is left out is added to `problems`.
 */
export function standingPolicies(
  policies: readonly NetworkPolicy[],
  problems: WorldProblem[],
  read = readPolicy,
): readonly NetworkPolicy[] {
  const byId = new Map<string, NetworkPolicy>();
  for (const written of policies) {
    const { policy, problems: found } = read(written);
    if (found.length > 0) {
      const about = `NetworkPolicy ${nameOf(policy)}`;
      problems.push(...found.map((problem) => ({ kind: "refused" as const, about, problem })));
      continue;
    }
    const id = policyId(policy);
    if (byId.has(id)) {
      const problem = "written twice; the later one counts, as in a cluster";
      problems.push({ kind: "replaced", about: `NetworkPolicy ${id}`, problem });
    }
    byId.set(id, policy);
  }
  return [...byId.values()];
}

/** The name to report a policy under, whatever stands in its place. */
function nameOf(policy: NetworkPolicy | null | undefined): string {
  const metadata: unknown = policy?.metadata;
  const isNamed = typeof metadata === "object" && metadata !== null && "name" in metadata;
  return isNamed && policy ? policyId(policy) : "(without a name)";
}

function podsByAddress(pods: Iterable<CompiledPod>): ReadonlyMap<string, readonly CompiledPod[]> {
  const found = new Map<string, CompiledPod[]>();
  for (const pod of pods) {
    for (const address of pod.hostNetwork ? [] : pod.addresses) {
      const key = addressKey(address);
      found.set(key, [...(found.get(key) ?? []), pod]);
    }
  }
  return found;
}

function nodesByAddress(
  world: NetworkWorld,
  pods: Iterable<CompiledPod>,
  problems: WorldProblem[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const pod of pods) {
    for (const address of pod.hostNetwork && pod.node !== undefined ? pod.addresses : []) {
      found.set(addressKey(address), pod.node ?? "");
    }
  }
  for (const { name, ips } of world.nodes ?? []) {
    for (const address of readAddresses(ips, `Node ${name}`, problems)) {
      found.set(addressKey(address), name);
    }
  }
  return found;
}
