import { by } from "../lib/sort.ts";
import type { Directory, KnownWorkload, KnownWorkloads } from "../model/directory.ts";
import type { Labels, Workload } from "../model/graph.ts";
import { isReleaseLabel } from "../model/labels.ts";
import type { WorkloadKey } from "../model/peer.ts";
import { kindOfShape } from "../model/pod-name.ts";
import type { SightingId } from "./observations.ts";
import { type LabelSighting, type Owner, type PodSighting, type Sighting, sightingKey } from "./sighting.ts";
import {
  commonLabels,
  keysOf,
  labelText,
  type Numbered,
  shortHash,
  type WorkloadDraft,
  workloadOf,
} from "./workload-draft.ts";

/** Which workload a pod or label sighting is: it may fit several, or be out of a policy's reach. */
export type Membership =
  | { readonly kind: "workload"; readonly key: WorkloadKey }
  /** Its pods are in their nodes' network: no selector matches them, and their addresses are the nodes'. */
  | { readonly kind: "host-network" }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "other-cluster" };

/** Every workload that a source or the cluster's objects speak of. */
export interface WorkloadIndex {
  /** Sorted by key. */
  readonly workloads: readonly Workload[];
  readonly members: ReadonlyMap<SightingId, Membership>;
  /** What is behind a known workload, sighted or not. */
  readonly membershipOf: (known: KnownWorkload) => Membership | undefined;
  readonly known: KnownWorkloads;
}

/** What {@link indexWorkloads} works on. */
interface Indexing {
  readonly drafts: Map<string, WorkloadDraft>;
  readonly members: Map<SightingId, Membership>;
  readonly directory: Directory | undefined;
}

/**
 * Brings sightings together into workloads: those that the cluster's objects describe first, else by the controller a
 * source named, by what the pods' names have in common, and pods without a name by their labels. Depends on the set of
 * sightings only.
 */
export function indexWorkloads(
  sightings: readonly Sighting[],
  homeCluster: string | undefined,
  directory: Directory | undefined,
): WorkloadIndex {
  const indexing: Indexing = { drafts: new Map(), members: new Map(), directory };
  for (const known of directory?.workloads ?? []) draft(indexing, known, "", known);
  const unknown = [...sightings.entries()].flatMap(([id, sighting]) => {
    if (sighting.kind === "address") return [];
    const isHome = sighting.cluster === undefined || homeCluster === undefined || sighting.cluster === homeCluster;
    if (!isHome) indexing.members.set(id, { kind: "other-cluster" });
    return !isHome || placeKnown({ id, sighting }, indexing) ? [] : [{ id, sighting }];
  });
  for (const group of Map.groupBy(unknown.filter(isPod), stemKey).values()) draftGroup(group, indexing);
  const labelled = unknown.filter(isLabelled).toSorted(by(({ sighting }) => sightingKey(sighting)));
  for (const one of labelled) placeLabelled(one, indexing);
  return finish(indexing);
}

type NumberedPod = Numbered<PodSighting | LabelSighting>;

function isPod(one: NumberedPod): one is Numbered<PodSighting> {
  return one.sighting.kind === "pod";
}

function isLabelled(one: NumberedPod): one is Numbered<LabelSighting> {
  return one.sighting.kind === "labels";
}

/** @returns false when the cluster's objects know nothing of it */
function placeKnown(one: NumberedPod, indexing: Indexing): boolean {
  const { sighting } = one;
  const { namespace, labels, serviceAccount } = sighting;
  const [pod, owner] = sighting.kind === "pod" ? [sighting.pod, sighting.owner] : [];
  const known = indexing.directory?.workloadOf({ namespace, pod, owner, labels, serviceAccount });
  if (known === undefined) return false;
  if (known === "ambiguous") indexing.members.set(one.id, { kind: "ambiguous" });
  else draft(indexing, known, "", known).members.push(one);
  return true;
}

function stemKey({ sighting }: Numbered<PodSighting>): string {
  return JSON.stringify([sighting.namespace, sighting.pod.stem, sighting.pod.shape]);
}

/** Pods of one name stem: one workload, unless sources named several controllers for them. */
function draftGroup(group: readonly Numbered<PodSighting>[], indexing: Indexing): void {
  const owners = new Map<string, Owner>();
  for (const { sighting } of group)
    if (sighting.owner !== undefined) owners.set(JSON.stringify(sighting.owner), sighting.owner);
  const [only] = owners.values();
  for (const one of group) {
    const { pod, namespace, owner } = one.sighting;
    const known = owner ?? (owners.size > 1 ? ownerByLabels(one.sighting, group) : only);
    if (known === undefined && owners.size > 1) indexing.members.set(one.id, { kind: "ambiguous" });
    else {
      const identity = known ?? { kind: kindOfShape(pod.shape), name: pod.stem };
      draft(indexing, { namespace, name: identity.name, kind: identity.kind }, pod.shape).members.push(one);
    }
  }
}

/** Where two controllers name their pods alike, a pod without a named controller goes by its labels. */
function ownerByLabels(sighting: PodSighting, group: readonly Numbered<PodSighting>[]): Owner | undefined {
  const text = labelText(sighting.labels);
  const twins = group.filter(
    (other) => other.sighting.owner !== undefined && labelText(other.sighting.labels) === text,
  );
  return twins.toSorted(by((twin) => JSON.stringify(twin.sighting.owner)))[0]?.sighting.owner;
}

function draft(
  { drafts }: Indexing,
  { namespace, name, kind }: Pick<WorkloadDraft, "namespace" | "name" | "kind">,
  discriminator: string,
  known?: KnownWorkload,
): WorkloadDraft {
  const key = JSON.stringify([namespace, name, kind ?? `?${discriminator}`]);
  let found = drafts.get(key);
  if (found === undefined) drafts.set(key, (found = { namespace, name, kind, known, members: [] }));
  return found;
}

/** A pod without a name joins the workload with its labels; failing that, the one whose lasting labels it has. */
function placeLabelled(one: Numbered<LabelSighting>, indexing: Indexing): void {
  const { drafts, members } = indexing;
  const inNamespace = [...drafts.values()].filter((draftOf) => draftOf.namespace === one.sighting.namespace);
  const exact = inNamespace.filter((other) => other.members.some(({ sighting }) => looksSame(sighting, one.sighting)));
  const first = exact.toSorted(by(({ name, kind }) => `${name} ${kind ?? ""}`))[0];
  if (first !== undefined) return void first.members.push(one);
  const wider = inNamespace.filter((other) => hasAll(one.sighting.labels, lastingLabels(other)));
  if (wider.length > 1) return void members.set(one.id, { kind: "ambiguous" });
  const only = wider[0];
  if (only !== undefined) return void only.members.push(one);
  const lasting = Object.entries(one.sighting.labels).filter(([key]) => !isReleaseLabel(key));
  const identity = { namespace: one.sighting.namespace, name: nameByLabels(one.sighting), kind: undefined };
  draft(indexing, identity, JSON.stringify(lasting)).members.push(one);
}

function looksSame(a: PodSighting | LabelSighting, b: LabelSighting): boolean {
  if (a.serviceAccount !== undefined && b.serviceAccount !== undefined && a.serviceAccount !== b.serviceAccount)
    return false;
  if (Object.keys(b.labels).length === 0) return a.serviceAccount === b.serviceAccount;
  return labelText(a.labels) === labelText(b.labels);
}

function lastingLabels(draftOf: WorkloadDraft): Labels {
  return Object.fromEntries(Object.entries(commonLabels(draftOf)).filter(([key]) => !isReleaseLabel(key)));
}

function hasAll(labels: Labels, wanted: Labels): boolean {
  const entries = Object.entries(wanted);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}

const NAME_LABELS: readonly string[] = [
  "app.kubernetes.io/name",
  "app",
  "k8s-app",
  "name",
  "app.kubernetes.io/component",
  "component",
];

function nameByLabels(sighting: LabelSighting): string {
  const key = NAME_LABELS.find((name) => sighting.labels[name] !== undefined && sighting.labels[name] !== "");
  return (
    (key === undefined ? undefined : sighting.labels[key]) ??
    sighting.serviceAccount ??
    shortHash(labelText(sighting.labels))
  );
}

function finish({ drafts, members }: Indexing): WorkloadIndex {
  const workloads: Workload[] = [];
  const memberships = new Map<KnownWorkload, Membership>();
  const knownByKey = new Map<WorkloadKey, KnownWorkload>();
  for (const [drafted, key] of keysOf([...drafts.values()])) {
    const { known } = drafted;
    const membership: Membership = known?.hostNetwork === true ? { kind: "host-network" } : { kind: "workload", key };
    for (const { id } of drafted.members) members.set(id, membership);
    if (known !== undefined) {
      memberships.set(known, membership);
      knownByKey.set(key, known);
    }
    workloads.push(workloadOf(drafted, key));
  }
  return {
    workloads: workloads.toSorted(by(({ key }) => key)),
    members,
    membershipOf: (known) => memberships.get(known),
    known: knownByKey,
  };
}
