import type { ManifestObject } from "../../model/manifest-object.ts";
import { readPodName } from "../../model/pod-name.ts";
import { type ControllerObject, readController } from "../objects/controller.ts";
import { textOf } from "../objects/fields.ts";
import type { PodObject } from "../objects/pod.ts";
import { type KnownNames, ownerKey } from "./find-workload.ts";
import { podNameKey } from "./generated-names.ts";
import { type Lineage, OwnerIndex, withoutPassed } from "./owner-chain.ts";
import { podLives } from "./pod-lives.ts";
import { type PodShape, PodShapes } from "./pod-shape.ts";
import { Tenancies } from "./tenancies.ts";
import { type TableRow, type WorkloadDraft, WorkloadDrafts } from "./workload-table.ts";

/** A pod that holds an address, as far as anybody asks: whose it is and where it runs. */
export interface Tenant {
  /** Its row is undefined where no workload is known of a pod. */
  readonly keeper: Pick<WorkloadDraft, "row">;
  readonly node: string | undefined;
}

/** Everything that pods and their controllers tell. */
export interface WorkloadReading {
  readonly rows: readonly TableRow[];
  readonly names: KnownNames;
  /** Of listed pods with an address of their own; not closed. */
  readonly tenancies: Tenancies<Tenant>;
  /** Addresses of nodes that pods name, with the nodes. */
  readonly hostAddresses: Map<string, Set<string>>;
  /** Addresses that every node answers on by itself. */
  readonly localAddresses: ReadonlySet<string>;
}

/** What the reading fills while it goes on. */
interface Filling {
  readonly owners: OwnerIndex;
  readonly drafts: WorkloadDrafts;
  readonly shapes: PodShapes;
  readonly passed: Map<string, WorkloadDraft>;
  readonly podNames: Map<string, Set<WorkloadDraft>>;
  readonly tenancies: Tenancies<Tenant>;
  readonly hostAddresses: Map<string, Set<string>>;
  readonly localAddresses: Set<string>;
}

/**
 * Reads workloads from their controllers and from the pods that these keep.
 *
 * @param others every object that is no pod, in order, of each name the newest
 * @param pods all pods, in order
 */
export function readWorkloads(others: readonly ManifestObject[], pods: readonly ManifestObject[]): WorkloadReading {
  const controllers = others.map(readController).filter((one) => one !== undefined);
  const filling: Filling = {
    owners: new OwnerIndex(controllers),
    drafts: new WorkloadDrafts(),
    shapes: new PodShapes(),
    passed: new Map(),
    podNames: new Map(),
    tenancies: new Tenancies(),
    hostAddresses: new Map(),
    localAddresses: new Set(),
  };
  const borrowed = borrowedTemplates(controllers);
  for (const controller of controllers) addController(controller, borrowed, filling);
  for (const { pod, start, end } of podLives(pods)) {
    addPod(pod, { start: start ?? Number.NEGATIVE_INFINITY, end: end ?? Number.POSITIVE_INFINITY }, filling);
  }
  const { drafts, passed, podNames, tenancies, hostAddresses, localAddresses } = filling;
  const rows = drafts.finish();
  const names: KnownNames = { ofOwner: (key) => passed.get(key)?.row, ofPods: podNames };
  return { rows, names, tenancies, hostAddresses, localAddresses };
}

/** Deployments that keep no pods of their own because a Rollout uses their template, by `namespace/name`. */
function borrowedTemplates(controllers: readonly ControllerObject[]): ReadonlyMap<string, ControllerObject> {
  const borrowed = controllers.flatMap(({ namespace, templateOf }) =>
    templateOf === undefined ? [] : [`${namespace}/${templateOf}`],
  );
  const names = new Set(borrowed);
  return new Map(
    controllers
      .filter(({ group, kind }) => group === "apps" && kind === "Deployment")
      .map((one) => [`${one.namespace}/${one.name}`, one] as const)
      .filter(([name]) => names.has(name)),
  );
}

function addController(
  controller: ControllerObject,
  borrowed: ReadonlyMap<string, ControllerObject>,
  filling: Filling,
): void {
  const { namespace, templateOf } = controller;
  const source = templateOf === undefined ? controller : borrowed.get(`${namespace}/${templateOf}`);
  const template = source?.template;
  const lineage = lineageOf(controller, filling.owners);
  noteOwners(lineage, namespace, filling);
  if (template === undefined) return;
  for (const address of template.localAddresses) filling.localAddresses.add(address);
  const draft = filling.drafts.of({ namespace, ...lineage });
  const shape = filling.shapes.of(template, template.labels, withoutPassed(template.labels, lineage));
  if (lineage.passed.length > 0) return addBetween(controller, shape, draft);
  draft.selector = controller.selector ?? source?.selector;
  draft.marks = controller.marks;
  draft.template = shape;
  draft.isIndexed = controller.isIndexed;
  draft.isBorrowed = borrowed.get(`${namespace}/${controller.name}`) === controller;
}

/** The template of something between a workload and its pods. */
function addBetween({ group, kind, replicas }: ControllerObject, shape: PodShape, draft: WorkloadDraft): void {
  // Knative's own objects are templates of templates, which lack the labels that its pods get.
  if (group === "serving.knative.dev") return;
  draft.shapes.add(shape);
  // An old ReplicaSet is kept for going back to it, and keeps no pods; neither does a Job that has ended.
  if (kind !== "Job" && replicas !== 0) draft.current.add(shape);
}

function lineageOf(controller: ControllerObject, owners: OwnerIndex): Lineage {
  const { group, kind, name, namespace, uid, template } = controller;
  const dependent = { namespace, labels: template?.labels, annotations: undefined, created: undefined };
  return owners.climb({ group, kind, name, uid }, dependent);
}

function noteOwners(lineage: Lineage, namespace: string, { drafts, passed }: Filling): void {
  if (lineage.passed.length === 0) return;
  const draft = drafts.of({ namespace, ...lineage });
  for (const { kind, name } of lineage.passed) passed.set(ownerKey(namespace, kind, name), draft);
}

function addPod(pod: PodObject, life: { readonly start: number; readonly end: number }, filling: Filling): void {
  const { namespace, name, node, addresses, hostAddresses, hostNetwork } = pod;
  const lineage = lineageOfPod(pod, filling.owners);
  const draft = filling.drafts.of({ namespace, ...lineage });
  noteOwners(lineage, namespace, filling);
  const shape = filling.shapes.of(pod, pod.labels, withoutPassed(pod.labels, lineage));
  draft.shapes.add(shape);
  if (life.end === Number.POSITIVE_INFINITY) draft.current.add(shape);
  addTo(filling.podNames, podNameKey(namespace, readPodName(name)), draft);
  if (node !== undefined) {
    for (const address of hostAddresses) addTo(filling.hostAddresses, address, node);
    if (hostNetwork) for (const address of addresses) addTo(filling.hostAddresses, address, node);
  }
  for (const address of pod.localAddresses) filling.localAddresses.add(address);
  if (hostNetwork) return;
  for (const address of addresses) filling.tenancies.add(address, { tenant: { keeper: draft, node }, ...life });
}

/** A kubelet shows its static pods under a name with its own behind it, as owned by the node (or by nobody). */
function lineageOfPod(pod: PodObject, owners: OwnerIndex): Lineage {
  const { namespace, name, owner, labels, annotations, start } = pod;
  const isStatic = owner?.kind === "Node" || textOf(annotations, "kubernetes.io/config.mirror") !== undefined;
  if (isStatic) {
    const node = pod.node ?? owner?.name;
    const end = `-${node ?? ""}`;
    const ownName = node !== undefined && name.endsWith(end) ? name.slice(0, -end.length) : name;
    return { group: "", kind: "Pod", name: ownName, passed: [] };
  }
  if (owner === undefined) return { group: "", kind: "Pod", name, passed: [] };
  return owners.climb(owner, { namespace, labels, annotations, created: start });
}

/** Adds to the values of a key. */
export function addTo<Value>(map: Map<string, Set<Value>>, key: string, value: Value): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, new Set([value]));
  else found.add(value);
}
