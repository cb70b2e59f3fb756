import { hashText } from "../lib/hash.ts";
import type { KnownWorkload } from "../model/directory.ts";
import type { Labels, Workload } from "../model/graph.ts";
import type { WorkloadKey } from "../model/peer.ts";
import type { SightingId } from "./observations.ts";
import type { LabelSighting, PodSighting, Sighting } from "./sighting.ts";

/** A sighting with its number. */
export type Numbered<T extends Sighting> = { readonly id: SightingId; readonly sighting: T };

/** A workload in the making. */
export interface WorkloadDraft {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string | undefined;
  /** As the cluster's objects describe it; undefined for one that only sources speak of. */
  readonly known: KnownWorkload | undefined;
  readonly members: Numbered<PodSighting | LabelSighting>[];
}

/** What all members that show labels agree on. */
export function commonLabels({ members }: WorkloadDraft): Labels {
  return agreed(members.map(({ sighting }) => sighting.labels).filter((labels) => Object.keys(labels).length > 0));
}

/** A workload's key: its name, and its kind as well where another one of the namespace has that name. */
export function keysOf(drafts: readonly WorkloadDraft[]): ReadonlyMap<WorkloadDraft, WorkloadKey> {
  const keys = new Map<WorkloadDraft, WorkloadKey>();
  const byName = Map.groupBy(drafts, ({ namespace, name }) => `${keyPart(namespace)}/${keyPart(name)}`);
  for (const [plain, sharing] of byName) {
    for (const draft of sharing) keys.set(draft, sharing.length === 1 ? plain : distinctKey(draft, sharing));
  }
  return keys;
}

/** The finished workload. What the cluster's objects say of it beats what sources showed. */
export function workloadOf(draft: WorkloadDraft, key: WorkloadKey): Workload {
  const { namespace, name, kind, known, members } = draft;
  const accounts = new Set(members.map(({ sighting }) => sighting.serviceAccount).filter((one) => one !== undefined));
  const clusters = members.map(({ sighting }) => sighting.cluster).filter((one) => one !== undefined);
  return {
    key,
    cluster: clusters[0],
    namespace,
    name,
    kind,
    // Both the pods of the last rollout and those of the one under way have these.
    labels: known === undefined ? commonLabels(draft) : agreed([known.labels, ...known.variants]),
    serviceAccount: known?.serviceAccount ?? (accounts.size === 1 ? [...accounts][0] : undefined),
  };
}

function agreed([first, ...rest]: readonly Labels[]): Labels {
  const common = Object.entries(first ?? {}).filter(([key, value]) => rest.every((labels) => labels[key] === value));
  return Object.fromEntries(common);
}

function distinctKey(draft: WorkloadDraft, sharing: readonly WorkloadDraft[]): WorkloadKey {
  const alone =
    draft.kind !== undefined &&
    draft.kind === keyPart(draft.kind) &&
    sharing.filter(({ kind }) => kind === draft.kind).length === 1;
  const middle = alone
    ? draft.kind
    : `pods-${shortHash(draft.members.map(({ sighting }) => memberText(sighting)).toSorted()[0] ?? "")}`;
  return `${keyPart(draft.namespace)}/${middle}/${keyPart(draft.name)}`;
}

/** No name in a cluster has a slash, but one in a made-up record must not pass for another workload's key. */
function keyPart(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("/", "%2F");
}

function memberText(sighting: PodSighting | LabelSighting): string {
  return sighting.kind === "pod" ? `${sighting.pod.shape} ${sighting.pod.stem}` : labelText(sighting.labels);
}

/** Equal for equal labels. */
export function labelText(labels: Labels): string {
  return JSON.stringify(Object.entries(labels));
}

/** Six characters that stand for a text. */
export function shortHash(text: string): string {
  return hashText(text).toString(36).slice(0, 6);
}
