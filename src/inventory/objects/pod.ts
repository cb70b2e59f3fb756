import type { ManifestObject } from "../../model/manifest-object.ts";
import { canonicalAddresses } from "./address.ts";
import { fieldAt, fieldOf, listOf, textOf, timeOf } from "./fields.ts";
import { controllerOf, type OwnerReference } from "./owner.ts";
import { type PodSpec, readPodSpec } from "./pod-spec.ts";

/** A pod as it stood when somebody looked. */
export interface PodObject extends PodSpec {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string | undefined;
  readonly owner: OwnerReference | undefined;
  /** `metadata.labels` as they stand there. */
  readonly labels: unknown;
  readonly annotations: unknown;
  /** Canonical, of both families; of the node for a pod in the host's network. */
  readonly addresses: readonly string[];
  /** Of its node. */
  readonly hostAddresses: readonly string[];
  /** When it got its addresses, milliseconds since the epoch; undefined when not known. */
  readonly start: number | undefined;
  /** When it ended or was to end; undefined for one that ran on. */
  readonly end: number | undefined;
}

/** Reads a pod; undefined for one without a name. */
export function readPod({ name, namespace, value }: ManifestObject): PodObject | undefined {
  if (name === undefined) return undefined;
  const metadata = fieldOf(value, "metadata");
  const status = fieldOf(value, "status");
  return {
    ...readPodSpec(fieldOf(value, "spec")),
    namespace,
    name,
    uid: textOf(metadata, "uid"),
    owner: controllerOf(metadata),
    labels: fieldOf(metadata, "labels"),
    annotations: fieldOf(metadata, "annotations"),
    addresses: addressesOf(status, "podIP", "podIPs"),
    hostAddresses: addressesOf(status, "hostIP", "hostIPs"),
    start: timeOf(status, "startTime") ?? timeOf(metadata, "creationTimestamp"),
    end: endOf(metadata, status),
  };
}

/** The list has the single address in front, since there is the list. */
function addressesOf(status: unknown, single: string, list: string): readonly string[] {
  const listed = listOf(fieldOf(status, list)).map((entry) => fieldOf(entry, "ip"));
  return canonicalAddresses(listed.length > 0 ? listed : [fieldOf(status, single)]);
}

/** A finished pod keeps its address in its status although it gave it back when its last container ended. */
function endOf(metadata: unknown, status: unknown): number | undefined {
  const phase = textOf(status, "phase");
  if (phase === "Succeeded" || phase === "Failed") {
    const finished = [
      ...listOf(fieldOf(status, "containerStatuses")),
      ...listOf(fieldOf(status, "initContainerStatuses")),
    ]
      .map((container) => timeOf(fieldAt(container, "state", "terminated"), "finishedAt"))
      .filter((time) => time !== undefined);
    if (finished.length > 0) return Math.max(...finished);
  }
  return timeOf(metadata, "deletionTimestamp");
}
