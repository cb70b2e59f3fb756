import { by } from "../lib/sort.ts";
import type { Labels, Workload } from "../model/graph.ts";
import { isReleaseLabel } from "../model/labels.ts";
import type { WorkloadKey } from "../model/peer.ts";
import { kindOfShape } from "../model/pod-name.ts";
import { hashText } from "./hash.ts";
import type { SightingId } from "./observations.ts";
import { type LabelSighting, type Owner, type PodSighting, type Sighting, sightingKey } from "./sighting.ts";

/** Which workload a pod or label sighting is: it may fit several, or be out of a policy's reach. */
export type Membership =
  | { readonly kind: "workload"; readonly key: WorkloadKey }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "other-cluster" };

export interface WorkloadIndex {
  /** Sorted by key. */
  readonly workloads: readonly Workload[];
  readonly members: ReadonlyMap<SightingId, Membership>;
}

type Numbered<T extends Sighting> = { readonly id: SightingId; readonly sighting: T };

/** A workload in the making. */
interface Draft {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string | undefined;
  readonly members: Numbered<PodSighting | LabelSighting>[];
}

/**
 * Brings sightings together into workloads: by the controller a source named, else by what the pods' names have in
 * common, and pods without a name by their labels. Depends on the set of sightings only.
 */
export function indexWorkloads(sightings: readonly Sighting[], homeCluster: string | undefined): WorkloadIndex {
  const members = new Map<SightingId, Membership>();
  const pods: Numbered<PodSighting>[] = [];
  const labelled: Numbered<LabelSighting>[] = [];
  for (const [id, sighting] of sightings.entries()) {
    if (sighting.kind === "address") continue;
    if (sighting.cluster !== undefined && homeCluster !== undefined && sighting.cluster !== homeCluster)
      members.set(id, { kind: "other-cluster" });
    else if (sighting.kind === "pod") pods.push({ id, sighting });
    else labelled.push({ id, sighting });
  }
  const drafts = new Map<string, Draft>();
  for (const group of groupBy(pods, stemKey).values()) draftGroup(group, drafts, members);
  for (const one of labelled.toSorted(by(({ sighting }) => sightingKey(sighting)))) placeLabelled(one, drafts, members);
  return { workloads: finish([...drafts.values()], members), members };
}

function stemKey({ sighting }: Numbered<PodSighting>): string {
  return JSON.stringify([sighting.namespace, sighting.pod.stem, sighting.pod.shape]);
}

/** Pods of one name stem: one workload, unless sources named several controllers for them. */
function draftGroup(
  group: readonly Numbered<PodSighting>[],
  drafts: Map<string, Draft>,
  members: Map<SightingId, Membership>,
): void {
  const owners = new Map<string, Owner>();
  for (const { sighting } of group)
    if (sighting.owner !== undefined) owners.set(JSON.stringify(sighting.owner), sighting.owner);
  const [only] = owners.values();
  for (const one of group) {
    const { pod, namespace, owner } = one.sighting;
    const known = owner ?? (owners.size > 1 ? ownerByLabels(one.sighting, group) : only);
    if (known === undefined && owners.size > 1) members.set(one.id, { kind: "ambiguous" });
    else {
      const identity = known ?? { kind: kindOfShape(pod.shape), name: pod.stem };
      draft(drafts, { namespace, name: identity.name, kind: identity.kind }, pod.shape).members.push(one);
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
  drafts: Map<string, Draft>,
  identity: { readonly namespace: string; readonly name: string; readonly kind: string | undefined },
  discriminator: string,
): Draft {
  const key = JSON.stringify([identity.namespace, identity.name, identity.kind ?? `?${discriminator}`]);
  let found = drafts.get(key);
  if (found === undefined) drafts.set(key, (found = { ...identity, members: [] }));
  return found;
}

/** A pod without a name joins the workload with its labels; failing that, the one whose lasting labels it has. */
function placeLabelled(
  one: Numbered<LabelSighting>,
  drafts: Map<string, Draft>,
  members: Map<SightingId, Membership>,
): void {
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
  draft(drafts, identity, JSON.stringify(lasting)).members.push(one);
}

function looksSame(a: PodSighting | LabelSighting, b: LabelSighting): boolean {
  if (a.serviceAccount !== undefined && b.serviceAccount !== undefined && a.serviceAccount !== b.serviceAccount)
    return false;
  if (Object.keys(b.labels).length === 0) return a.serviceAccount === b.serviceAccount;
  return labelText(a.labels) === labelText(b.labels);
}

function lastingLabels(draftOf: Draft): Labels {
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

/** What all sightings that show labels agree on. */
function commonLabels(draftOf: Draft): Labels {
  const shown = draftOf.members
    .map(({ sighting }) => sighting.labels)
    .filter((labels) => Object.keys(labels).length > 0);
  const [first, ...rest] = shown;
  const common = Object.entries(first ?? {}).filter(([key, value]) => rest.every((labels) => labels[key] === value));
  return Object.fromEntries(common);
}

function finish(drafts: readonly Draft[], members: Map<SightingId, Membership>): Workload[] {
  const byName = groupBy(drafts, ({ namespace, name }) => `${keyPart(namespace)}/${keyPart(name)}`);
  const workloads: Workload[] = [];
  for (const [plain, sharing] of byName) {
    for (const draftOf of sharing) {
      const key = sharing.length === 1 ? plain : distinctKey(draftOf, sharing);
      for (const { id } of draftOf.members) members.set(id, { kind: "workload", key });
      workloads.push(workloadOf(draftOf, key));
    }
  }
  return workloads.toSorted(by(({ key }) => key));
}

function distinctKey(draftOf: Draft, sharing: readonly Draft[]): WorkloadKey {
  const alone =
    draftOf.kind !== undefined &&
    draftOf.kind === keyPart(draftOf.kind) &&
    sharing.filter(({ kind }) => kind === draftOf.kind).length === 1;
  const middle = alone
    ? draftOf.kind
    : `pods-${shortHash(draftOf.members.map(({ sighting }) => memberText(sighting)).toSorted()[0] ?? "")}`;
  return `${keyPart(draftOf.namespace)}/${middle}/${keyPart(draftOf.name)}`;
}

/** No name in a cluster has a slash, but one in a made-up record must not pass for another workload's key. */
function keyPart(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("/", "%2F");
}

function memberText(sighting: PodSighting | LabelSighting): string {
  return sighting.kind === "pod" ? `${sighting.pod.shape} ${sighting.pod.stem}` : labelText(sighting.labels);
}

function workloadOf(draftOf: Draft, key: WorkloadKey): Workload {
  const accounts = new Set(
    draftOf.members.map(({ sighting }) => sighting.serviceAccount).filter((name) => name !== undefined),
  );
  const clusters = draftOf.members.map(({ sighting }) => sighting.cluster).filter((name) => name !== undefined);
  return {
    key,
    cluster: clusters[0],
    namespace: draftOf.namespace,
    name: draftOf.name,
    kind: draftOf.kind,
    labels: commonLabels(draftOf),
    serviceAccount: accounts.size === 1 ? [...accounts][0] : undefined,
  };
}

function labelText(labels: Labels): string {
  return JSON.stringify(Object.entries(labels));
}

function shortHash(text: string): string {
  return hashText(text).toString(36).slice(0, 6);
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
