import type { Directory, KnownWorkload } from "../../model/directory.ts";
import type { Labels } from "../../model/graph.ts";
import type { InferredClient } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, isRecord } from "../objects/fields.ts";
import { matchesSelector, readSelector } from "../objects/label-selector.ts";
import { lastingLabels } from "../objects/object-labels.ts";
import { distinctClients, workloadsWith } from "./front-ends.ts";
import { clientOf } from "./gathering.ts";
import { UNKNOWN_CLIENT } from "./ingresses.ts";
import type { ObjectsByType } from "./objects-by-type.ts";

/** Kinds of monitors, and what a Prometheus object calls its selectors of them. */
export const MONITORS = { PodMonitor: "podMonitor", Probe: "probe", ServiceMonitor: "serviceMonitor" } as const;
export type MonitorKind = keyof typeof MONITORS;

export const MONITORING = "monitoring.coreos.com";

/** Labels of workloads that scrape: Prometheus, and what reads its configuration. */
const SCRAPERS: readonly Labels[] = [
  { "app.kubernetes.io/name": "prometheus" },
  { "app.kubernetes.io/name": "prometheus-agent" },
  { "app.kubernetes.io/name": "vmagent" },
  { "app.kubernetes.io/name": "victoria-metrics-agent" },
  { "app.kubernetes.io/name": "alloy" },
  { "app.kubernetes.io/name": "grafana-agent" },
  { app: "prometheus", component: "server" },
  { "operator.prometheus.io/name": "" },
];

/** A label selector as Kubernetes reads it: the empty one selects everything; undefined where there is none to be read. */
export function selectorOf(value: unknown): ((labels: Labels) => boolean) | undefined {
  if (!isRecord(value)) return undefined;
  const parts = ["matchLabels", "matchExpressions"].map((key) => fieldOf(value, key));
  const isEmpty = parts.every((part) => part === undefined || part === null || Object.keys(Object(part)).length === 0);
  if (isEmpty) return () => true;
  const selector = readSelector(value);
  return selector && ((labels) => matchesSelector(selector, labels));
}

/** Knows who scrapes. */
export class Scrapers {
  readonly #directory: Directory;
  readonly #operated: readonly ManifestObject[];
  readonly #known: readonly InferredClient[];

  constructor(objects: ObjectsByType, directory: Directory) {
    this.#directory = directory;
    this.#operated = ["Prometheus", "PrometheusAgent"].flatMap((kind) => objects.of(MONITORING, kind));
    this.#known = distinctClients(SCRAPERS.flatMap((labels) => workloadsWith(directory, labels)).map(clientOf));
  }

  /** All that are known by their labels; where there are none, somebody unknown. */
  all(): readonly InferredClient[] {
    return this.#known.length > 0 ? this.#known : UNKNOWN_CLIENT;
  }

  /**
   * Those whose Prometheus object selects a monitor; where no such object is known, all.
   *
   * @returns nobody when Prometheus objects are known and none selects it
   */
  of(monitor: ManifestObject, kind: MonitorKind): readonly InferredClient[] {
    if (this.#operated.length === 0) return this.all();
    const selecting = this.#operated.filter((prometheus) => this.#selects(prometheus, monitor, kind));
    return distinctClients(
      selecting.flatMap((prometheus) => {
        const workloads = this.#workloadsOf(prometheus);
        return workloads.length > 0 ? workloads.map(clientOf) : UNKNOWN_CLIENT;
      }),
    );
  }

  /** Without a selector of namespaces a Prometheus looks in its own (prometheus-operator, API reference). */
  #selects(prometheus: ManifestObject, monitor: ManifestObject, kind: MonitorKind): boolean {
    const spec = fieldOf(prometheus.value, "spec");
    const isSelected = selectorOf(fieldOf(spec, `${MONITORS[kind]}Selector`));
    const labels = lastingLabels(fieldAt(monitor.value, "metadata", "labels"));
    if (isSelected === undefined || !isSelected(labels)) return false;
    const namespaces = selectorOf(fieldOf(spec, `${MONITORS[kind]}NamespaceSelector`));
    if (namespaces === undefined) return monitor.namespace === prometheus.namespace;
    return namespaces(this.#labelsOf(monitor.namespace));
  }

  #labelsOf(namespace: string): Labels {
    const known = this.#directory.namespaces.find(({ name }) => name === namespace);
    return known?.labels ?? { "kubernetes.io/metadata.name": namespace };
  }

  /** What the operator makes of a Prometheus: a StatefulSet or DaemonSet, one a shard. */
  #workloadsOf({ namespace, name, kind }: ManifestObject): readonly KnownWorkload[] {
    const own = `${kind === "PrometheusAgent" ? "prom-agent" : "prometheus"}-${name ?? ""}`;
    return this.#directory.workloads.filter(
      (workload) =>
        workload.namespace === namespace &&
        (workload.name === own ||
          workload.name.startsWith(`${own}-shard-`) ||
          (workload.name === name && workload.kind === kind)),
    );
  }
}
