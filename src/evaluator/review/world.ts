import { byText } from "../../lib/sort.ts";
import type { KnownService } from "../../model/directory.ts";
import type { CommunicationGraph, Labels, Workload } from "../../model/graph.ts";
import type { InferredTraffic } from "../../model/inferred.ts";
import type { InventoryNamespace, InventoryWorkload } from "../../model/inventory.ts";
import type { NetworkPolicy } from "../../model/manifest.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { compileNetworkWorld } from "../network/compile.ts";
import { policyId } from "../network/policy.ts";
import { presentParts } from "../network/present.ts";
import { newerProblemsOf, problemsOf } from "../network/problems.ts";
import type { ProfileName } from "../network/profile.ts";
import type { NetworkWorld, PodReference, WorldPod } from "../network/world.ts";
import type { ReplayWorld } from "../proof/replay.ts";
import { type AddressBook, observedAddresses } from "./addresses.ts";

/** A policy the API server would take, without `null`s, and where it stands. */
export interface ReviewPolicy {
  /** `namespace/name`. */
  readonly id: string;
  readonly policy: NetworkPolicy;
  readonly object: ManifestObject;
}

/** Why an API server would not take a policy. */
export interface ReviewRefusal {
  readonly object: ManifestObject;
  readonly problems: readonly string[];
}

/** Pods with equal labels: those of a workload's template, a single pod, or a workload known from flows alone. */
export interface Subject {
  /** `namespace/name`, or `namespace/Kind/name` as flows tell workloads of one name apart. */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly hostNetwork: boolean;
  /** Undefined when it is known from flows alone: its named ports are not known. */
  readonly manifest: InventoryWorkload | undefined;
  /** Stand-ins for its pods, two for a template so that replicas can talk; never empty. */
  readonly pods: readonly PodReference[];
}

/** What objects beside the policies tell about traffic. */
export interface ReviewPromises {
  readonly traffic: readonly InferredTraffic[];
  readonly services: readonly KnownService[];
  /** The objects that promise it, by the names that the traffic has for them. */
  readonly objects: ReadonlyMap<string, ManifestObject>;
}

const NO_PROMISES: ReviewPromises = { traffic: [], services: [], objects: new Map() };

/** Policies and the pods they are about, ready for questions. */
export interface ReviewWorld extends ReplayWorld {
  readonly network: NetworkWorld;
  /** Those the API server would take, sorted by id. */
  readonly policies: readonly ReviewPolicy[];
  /** Policies every API server would refuse, with its reasons. */
  readonly refused: readonly ReviewRefusal[];
  /** Reasons of newer API servers against `policies`: a cluster may have these all the same. */
  readonly outdated: readonly ReviewRefusal[];
  readonly subjects: readonly Subject[];
  /** Key of a subject by the `namespace/name` of each of its pods. */
  readonly keyOfPod: ReadonlyMap<string, string>;
  readonly namespaces: readonly InventoryNamespace[];
  readonly promises: ReviewPromises;
}

/** What a world is made of. */
export interface WorldSources {
  readonly policies: readonly ManifestObject[];
  readonly workloads: readonly InventoryWorkload[];
  readonly namespaces: readonly InventoryNamespace[];
  readonly graph: Pick<CommunicationGraph, "workloads" | "edges"> | undefined;
  /** Absent: nothing is known of Services and what else there is. */
  readonly promises?: ReviewPromises;
}

/**
 * Builds the world of some manifests and, where there is one, of a learned graph. A workload that both know has the
 * labels of its manifest: that is what will run once it is applied.
 *
 * @param addresses shared by worlds that are compared, so that a pod has the same address in both
 */
export function buildReviewWorld(sources: WorldSources, profile: ProfileName, addresses: AddressBook): ReviewWorld {
  const { policies, refused, outdated } = sortPolicies(sources.policies);
  const subjects = subjectsOf(sources);
  const observed = observedAddresses(sources.graph);
  const pods = subjects.flatMap((subject) => podsOf(subject, observed.get(subject.key) ?? [], addresses));
  const network: NetworkWorld = {
    namespaces: sources.namespaces.map(({ name, labels }) => ({ name, labels })),
    pods,
    policies: policies.map(({ policy }) => policy),
  };
  const byKey = Map.groupBy(subjects, ({ key }) => key);
  const references = [...byKey].map(([key, own]) => [key, own.flatMap((subject) => subject.pods)] as const);
  return {
    network,
    compiled: compileNetworkWorld(network, profile),
    podOf: new Map(references.flatMap(([key, own]) => (own[0] === undefined ? [] : [[key, own[0]] as const]))),
    secondPodOf: new Map(
      references.flatMap(([key, own]) => {
        const second = own[1] ?? own[0];
        return second === undefined ? [] : [[key, second] as const];
      }),
    ),
    policies,
    refused,
    outdated,
    subjects,
    keyOfPod: new Map(subjects.flatMap(({ key, pods: own }) => own.map((pod) => [podId(pod), key] as const))),
    namespaces: sources.namespaces,
    promises: sources.promises ?? NO_PROMISES,
  };
}

/** `namespace/name` of a pod. */
export function podId({ namespace, name }: PodReference): string {
  return `${namespace}/${name}`;
}

function sortPolicies(objects: readonly ManifestObject[]): Pick<ReviewWorld, "policies" | "refused" | "outdated"> {
  const policies: ReviewPolicy[] = [];
  const refused: ReviewRefusal[] = [];
  const outdated: ReviewRefusal[] = [];
  for (const object of objects) {
    // The boundary: what a file holds is a NetworkPolicy if nothing is wrong with it.
    const written = object.value as unknown as NetworkPolicy;
    const problems = problemsOf(written);
    if (problems.length > 0) {
      refused.push({ object, problems });
      continue;
    }
    const policy = presentParts(written);
    policies.push({ id: policyId(policy), policy, object });
    const newer = newerProblemsOf(written);
    if (newer.length > 0) outdated.push({ object, problems: newer });
  }
  return { policies: policies.toSorted((a, b) => byText(a.id, b.id)), refused, outdated };
}

function subjectsOf({ workloads, graph }: WorldSources): readonly Subject[] {
  const graphKeys = keysInGraph(workloads, graph?.workloads ?? []);
  const names = new Set<string>();
  const described = workloads.map((manifest): Subject => {
    const { namespace, name, kind, labels, hostNetwork, owner } = manifest;
    const key = graphKeys.get(manifest) ?? owner;
    const isPod = kind === "Pod";
    const shown = names.has(`${namespace}/${name}`) ? `${kind}/${name}` : name;
    names.add(`${namespace}/${shown}`);
    return { key, namespace, labels, hostNetwork, manifest, pods: standIns(namespace, shown, isPod ? 1 : 2) };
  });
  const known = new Set(described.map(({ key }) => key));
  const observed = (graph?.workloads ?? [])
    .filter(({ key }) => !known.has(key))
    .map(({ key, namespace, labels }): Subject => {
      const name = key.slice(key.indexOf("/") + 1);
      return { key, namespace, labels, hostNetwork: false, manifest: undefined, pods: standIns(namespace, name, 2) };
    });
  return [...described, ...observed].toSorted((a, b) => byText(orderOf(a), orderOf(b)));
}

function orderOf({ key, pods }: Subject): string {
  return JSON.stringify([key, pods.map(podId)]);
}

function standIns(namespace: string, name: string, count: 1 | 2): readonly PodReference[] {
  const first = { namespace, name };
  return count === 1 ? [first] : [first, { namespace, name: `${name} (another pod)` }];
}

/** The key flows use for each workload of the manifests that they show: by name, and by kind where that is not enough. */
function keysInGraph(
  workloads: readonly InventoryWorkload[],
  observed: readonly Workload[],
): ReadonlyMap<InventoryWorkload, string> {
  const byName = Map.groupBy(observed, ({ namespace, name }) => `${namespace}/${name}`);
  return new Map(
    workloads.flatMap((workload) => {
      const sameName = byName.get(workload.owner) ?? [];
      const sameKind = sameName.find(({ kind }) => kind === workload.kind);
      const found = sameKind ?? (sameName.length === 1 ? sameName[0] : undefined);
      return found === undefined ? [] : [[workload, found.key] as const];
    }),
  );
}

function podsOf(subject: Subject, observed: readonly string[], addresses: AddressBook): readonly WorldPod[] {
  const { labels, hostNetwork, manifest } = subject;
  const ports = manifest?.ports ?? [];
  const own = manifest?.ips ?? [];
  const node = manifest?.node;
  return subject.pods.map(({ namespace, name }, index) => {
    const ips = own.length > 0 ? own : [observed[index] ?? addresses.of(`${namespace}/${name}`)];
    return { namespace, name, labels, ips, hostNetwork, ports, ...(node === undefined ? {} : { node }) };
  });
}
