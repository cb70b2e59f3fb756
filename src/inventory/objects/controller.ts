import type { LabelSelector } from "../../model/manifest.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import type { Tracking } from "../../model/placement.ts";
import { fieldAt, fieldOf, isRecord, listOf, textOf } from "./fields.ts";
import { readSelector } from "./label-selector.ts";
import { readMarks } from "./marks.ts";
import { controllerOf, type OwnerReference, ownGroup } from "./owner.ts";
import { type PodSpec, readPodSpec } from "./pod-spec.ts";

/** An object that keeps pods, or keeps what keeps them. */
export interface ControllerObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly owner: OwnerReference | undefined;
  /** Without run-time labels; undefined for kinds whose selector is made up at run time, and where there is none. */
  readonly selector: LabelSelector | undefined;
  /** Undefined where the object has none, as most custom resources. */
  readonly template: TemplateObject | undefined;
  /** How many pods it is to keep; undefined when it does not say. */
  readonly replicas: number | undefined;
  /** True for a Job, or a CronJob's, whose pods carry an index in their names. */
  readonly isIndexed: boolean;
  /** A Deployment whose template an Argo Rollout uses in place of its own (`spec.workloadRef`). */
  readonly templateOf: string | undefined;
  /** By which the tools that apply manifests know it. */
  readonly marks: Tracking | undefined;
}

/** A pod template. */
export interface TemplateObject extends PodSpec {
  /** `metadata.labels` as they stand there. */
  readonly labels: unknown;
}

/** Where pod templates are: of every controller of Kubernetes, and of those that are built like one. */
const TEMPLATE_PATHS: readonly (readonly string[])[] = [
  ["spec", "template"],
  ["spec", "jobTemplate", "spec", "template"],
  // KEDA's ScaledJob.
  ["spec", "jobTargetRef", "template"],
];

/** Kinds without a template to be read that others are looked up by name in. */
const WITHOUT_TEMPLATE: ReadonlySet<string> = new Set(["argoproj.io/CronWorkflow"]);

/**
 * Reads an object with a pod template (anything with `spec.template.spec.containers`), or with an owner of its own, so
 * that chains of owners can be followed through it.
 *
 * @returns undefined for all others, pods included, and for objects without a name
 */
export function readController(object: ManifestObject): ControllerObject | undefined {
  const { kind, name, namespace, value } = object;
  if (name === undefined || (kind === "Pod" && !object.apiVersion.includes("/"))) return undefined;
  const group = ownGroup(object.apiVersion);
  const metadata = fieldOf(value, "metadata");
  const owner = controllerOf(metadata);
  const template = readTemplate(value);
  const templateOf = kind === "Rollout" ? referredDeployment(value) : undefined;
  const isOwner = template !== undefined || templateOf !== undefined || WITHOUT_TEMPLATE.has(`${group}/${kind}`);
  if (!isOwner && owner === undefined) return undefined;
  const replicas = fieldAt(value, "spec", "replicas");
  return {
    group,
    kind,
    namespace,
    name,
    uid: textOf(metadata, "uid"),
    owner,
    selector: readSelector(fieldAt(value, "spec", "selector")),
    template,
    replicas: typeof replicas === "number" ? replicas : undefined,
    isIndexed: completionMode(value) === "Indexed",
    templateOf,
    marks: readMarks(metadata),
  };
}

function readTemplate(value: unknown): TemplateObject | undefined {
  for (const path of TEMPLATE_PATHS) {
    const template = fieldAt(value, ...path);
    const spec = fieldOf(template, "spec");
    if (isRecord(spec) && listOf(fieldOf(spec, "containers")).length > 0) {
      return { ...readPodSpec(spec), labels: fieldAt(template, "metadata", "labels") };
    }
  }
  return undefined;
}

function completionMode(value: unknown): unknown {
  return fieldAt(value, "spec", "completionMode") ?? fieldAt(value, "spec", "jobTemplate", "spec", "completionMode");
}

function referredDeployment(value: unknown): string | undefined {
  const reference = fieldAt(value, "spec", "workloadRef");
  return fieldOf(reference, "kind") === "Deployment" ? textOf(reference, "name") : undefined;
}
