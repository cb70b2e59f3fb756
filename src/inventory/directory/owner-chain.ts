import { MS_PER_DAY } from "../../lib/days.ts";
import type { ControllerObject } from "../objects/controller.ts";
import { isRecord, textOf } from "../objects/fields.ts";
import type { OwnerReference } from "../objects/owner.ts";

type OwnerName = Pick<OwnerReference, "group" | "kind" | "name">;

/** What keeps pods in the end, and what stands between. */
export interface Lineage {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** Owners on the way that come anew with each rollout or tick, nearest first. */
  readonly passed: readonly OwnerReference[];
}

/** What a pod tells when an owner between it and its controller is not among the objects. */
export interface Dependent {
  readonly namespace: string;
  readonly labels: unknown;
  readonly annotations: unknown;
  readonly created: number | undefined;
}

/**
 * Kinds that come anew with each rollout, tick or run, so that what owns them is asked for instead. Deployments and
 * other controllers stand for themselves, whoever made them.
 */
const COMES_ANEW: ReadonlySet<string> = new Set([
  "/Pod",
  "/ReplicationController",
  "apps/ReplicaSet",
  "apps.kruise.io/BroadcastJob",
  "argoproj.io/Workflow",
  "batch/Job",
  "serving.knative.dev/Configuration",
  "serving.knative.dev/Revision",
  "sparkoperator.k8s.io/SparkApplication",
  "tekton.dev/TaskRun",
]);

// Longer chains are circles.
const LONGEST_CHAIN = 12;
/** The objects that owners are looked up in. */
export class OwnerIndex {
  readonly #byUid = new Map<string, ControllerObject>();
  readonly #byName = new Map<string, ControllerObject>();

  constructor(controllers: Iterable<ControllerObject>) {
    for (const one of controllers) {
      if (one.uid !== undefined) this.#byUid.set(one.uid, one);
      this.#byName.set(nameKey(one.namespace, one), one);
    }
  }

  /** The object behind a reference: by uid, else by what it is called. */
  find(namespace: string, reference: OwnerName & { readonly uid?: string | undefined }): ControllerObject | undefined {
    const byUid = reference.uid === undefined ? undefined : this.#byUid.get(reference.uid);
    return byUid ?? this.#byName.get(nameKey(namespace, reference));
  }

  /** Who keeps what this reference owns, as far up as owners come anew. */
  climb(reference: OwnerReference, dependent: Dependent): Lineage {
    const passed: OwnerReference[] = [];
    let at = reference;
    while (passed.length < LONGEST_CHAIN) {
      const known = this.find(dependent.namespace, at);
      const owner = known === undefined ? this.#guess(at, dependent) : ownerAbove(known);
      if (owner === undefined || (owner.kind === at.kind && owner.name === at.name)) break;
      passed.push(at);
      at = owner;
    }
    return { group: at.group, kind: at.kind, name: at.name, passed };
  }

  /** The owner of an object that is not there, where its name and its pods' labels tell. */
  #guess({ group, kind, name }: OwnerReference, dependent: Dependent): OwnerReference | undefined {
    switch (`${group}/${kind}`) {
      case "apps/ReplicaSet":
        return this.#ofReplicaSet(name, dependent);
      case "batch/Job":
        return this.#ofJob(name, dependent);
      case "/ReplicationController":
        return this.#ofReplicationController(name, dependent);
      case "argoproj.io/Workflow":
        return this.#existing(dependent, "argoproj.io", "CronWorkflow", /^(.+)-\d{10}$/u.exec(name)?.[1]);
      case "serving.knative.dev/Configuration":
      case "serving.knative.dev/Revision":
        return referenceTo("serving.knative.dev", "Service", textOf(dependent.labels, "serving.knative.dev/service"));
      default:
        return undefined;
    }
  }

  /** A ReplicaSet is called after its Deployment and the hash that its pods carry, or after its Rollout and another. */
  #ofReplicaSet(name: string, dependent: Dependent): OwnerReference | undefined {
    const ofRollout = withoutEnd(name, textOf(dependent.labels, "rollouts-pod-template-hash"));
    if (ofRollout !== undefined) return referenceTo("argoproj.io", "Rollout", ofRollout);
    const stem = withoutEnd(name, textOf(dependent.labels, "pod-template-hash"));
    return (
      this.#existing(dependent, "apps", "Deployment", stem) ??
      this.#existing(dependent, "argoproj.io", "Rollout", stem) ??
      referenceTo("apps", "Deployment", stem)
    );
  }

  /** A CronJob's Job is called after it and the minute of the tick, which is not long before its pods. */
  #ofJob(name: string, dependent: Dependent): OwnerReference | undefined {
    const [, stem, digits = ""] = /^(.+)-([1-3]\d{7,9})$/u.exec(name) ?? [];
    const existing = this.#existing(dependent, "batch", "CronJob", stem);
    if (existing !== undefined || dependent.created === undefined) return existing;
    const tick = Number(digits) * (digits.length === 8 ? 60_000 : 1000);
    const isTick = Math.abs(dependent.created - tick) < MS_PER_DAY;
    return isTick ? referenceTo("batch", "CronJob", stem) : undefined;
  }

  #ofReplicationController(name: string, dependent: Dependent): OwnerReference | undefined {
    const annotated = textOf(dependent.annotations, "openshift.io/deployment-config.name");
    if (annotated !== undefined) return referenceTo("apps.openshift.io", "DeploymentConfig", annotated);
    return this.#existing(dependent, "apps.openshift.io", "DeploymentConfig", /^(.+)-\d+$/u.exec(name)?.[1]);
  }

  #existing(
    { namespace }: Dependent,
    group: string,
    kind: string,
    name: string | undefined,
  ): OwnerReference | undefined {
    if (name === undefined || this.find(namespace, { group, kind, name }) === undefined) return undefined;
    return referenceTo(group, kind, name);
  }
}

/** The owner to go on to; undefined where an object stands for itself. */
function ownerAbove({ group, kind, owner }: ControllerObject): OwnerReference | undefined {
  if (owner === undefined) return undefined;
  // Knative makes a Deployment for each of its revisions.
  const isOfRevision = kind === "Deployment" && owner.kind === "Revision" && owner.group === "serving.knative.dev";
  return COMES_ANEW.has(`${group}/${kind}`) || isOfRevision ? owner : undefined;
}

/**
 * A pod's or template's labels without those that name an owner that comes anew: `deployment: cart-3` of a
 * DeploymentConfig, `app: hello-00002` of a Knative revision.
 */
export function withoutPassed(labels: unknown, { name, passed }: Lineage): unknown {
  if (!isRecord(labels) || passed.length === 0) return labels;
  const values = new Set<unknown>(passed.flatMap((one) => [one.name, one.uid]));
  values.delete(name);
  const entries = Object.entries(labels);
  return entries.some(([, value]) => values.has(value))
    ? Object.fromEntries(entries.filter(([, value]) => !values.has(value)))
    : labels;
}

function withoutEnd(name: string, hash: string | undefined): string | undefined {
  return hash !== undefined && name.endsWith(`-${hash}`) ? name.slice(0, -hash.length - 1) : undefined;
}

function referenceTo(group: string, kind: string, name: string | undefined): OwnerReference | undefined {
  return name === undefined || name === "" ? undefined : { group, kind, name, uid: undefined };
}

function nameKey(namespace: string, { group, kind, name }: OwnerName): string {
  return `${namespace}\0${group}/${kind}\0${name}`;
}
