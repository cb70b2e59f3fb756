import { directoryOf } from "../../../src/inventory/directory/directory.ts";
import type { Directory, Holder, KnownWorkload, PodClue, Span } from "../../../src/model/directory.ts";
import type { ManifestObject } from "../../../src/model/manifest-object.ts";
import { readPodName } from "../../../src/model/pod-name.ts";

/** Builders of the few objects that the tests of the directory are about, as the API server shows them. */

export type Value = Readonly<Record<string, unknown>>;

/** An object as a reader hands it on. */
export function manifest(value: Value, file = "dump.json"): ManifestObject {
  const { apiVersion, kind, metadata } = value as {
    apiVersion: string;
    kind: string;
    metadata?: { name?: unknown; namespace?: unknown };
  };
  const name = typeof metadata?.name === "string" ? metadata.name : undefined;
  const namespace = typeof metadata?.namespace === "string" ? metadata.namespace : "default";
  return {
    apiVersion,
    kind,
    name,
    namespace,
    value,
    file,
    document: 0,
    lineOf: () => 1,
    misreadAt: () => ({ key: undefined, value: undefined }),
  };
}

export function directory(...values: readonly Value[]): Directory {
  return directoryOf(values.map((value) => manifest(value)));
}

export type Owner = Readonly<{ apiVersion: string; kind: string; name: string; uid?: string }>;

export function owner(apiVersion: string, kind: string, name: string, uid?: string): Owner {
  return { apiVersion, kind, name, ...(uid === undefined ? {} : { uid }) };
}

interface Extra {
  readonly namespace?: string;
  readonly uid?: string;
  readonly owner?: Owner;
  readonly labels?: Value;
  readonly annotations?: Value;
  readonly created?: string;
  readonly deleted?: string;
}

function metaOf(name: string, { namespace = "shop", uid, owner: by, labels, annotations, created, deleted }: Extra) {
  return {
    name,
    namespace,
    ...(uid === undefined ? {} : { uid }),
    ...(by === undefined ? {} : { ownerReferences: [{ ...by, controller: true }] }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(created === undefined ? {} : { creationTimestamp: created }),
    ...(deleted === undefined ? {} : { deletionTimestamp: deleted }),
  };
}

export interface PodOptions extends Extra {
  readonly ips?: readonly string[];
  readonly node?: string;
  readonly hostIP?: string;
  readonly hostNetwork?: boolean;
  readonly ports?: readonly Value[];
  readonly account?: string;
  readonly started?: string;
  readonly phase?: string;
  readonly finished?: string;
}

export function pod(name: string, options: PodOptions = {}): Value {
  const { ips = [], node, hostIP, hostNetwork, ports = [], account, started, phase = "Running", finished } = options;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: metaOf(name, options),
    spec: {
      containers: [{ name: "main", ports }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
      ...(account === undefined ? {} : { serviceAccountName: account }),
    },
    status: {
      phase,
      ...(hostIP === undefined ? {} : { hostIP }),
      ...(ips.length === 0 ? {} : { podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) }),
      ...(started === undefined ? {} : { startTime: started }),
      ...(finished === undefined
        ? {}
        : { containerStatuses: [{ name: "main", state: { terminated: { finishedAt: finished } } }] }),
    },
  };
}

export interface ControllerOptions extends Extra {
  readonly selector?: unknown;
  /** Of its template. */
  readonly labels?: Value;
  readonly ports?: readonly Value[];
  readonly account?: string;
  readonly hostNetwork?: boolean;
  readonly replicas?: number;
  readonly spec?: Value;
}

export function template({ labels, ports = [], account, hostNetwork }: ControllerOptions): Value {
  return {
    metadata: labels === undefined ? {} : { labels },
    spec: {
      containers: [{ name: "main", ports }],
      ...(account === undefined ? {} : { serviceAccountName: account }),
      ...(hostNetwork === undefined ? {} : { hostNetwork }),
    },
  };
}

export function controller(apiVersion: string, kind: string, name: string, options: ControllerOptions = {}): Value {
  const { selector, replicas, spec, labels: _template, ...extra } = options;
  return {
    apiVersion,
    kind,
    metadata: metaOf(name, extra),
    spec: {
      ...(selector === undefined ? {} : { selector }),
      ...(replicas === undefined ? {} : { replicas }),
      template: template(options),
      ...spec,
    },
  };
}

/** A Deployment that selects by `app`, its own name unless said otherwise. */
export function deployment(name: string, options: ControllerOptions = {}): Value {
  return controller("apps/v1", "Deployment", name, {
    selector: { matchLabels: { app: name } },
    labels: { app: name },
    ...options,
  });
}

export function replicaSet(name: string, options: ControllerOptions = {}): Value {
  return controller("apps/v1", "ReplicaSet", name, options);
}

export function cronJob(name: string, options: ControllerOptions = {}): Value {
  const { labels: _template, ...extra } = options;
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metaOf(name, extra),
    spec: { schedule: "0 3 * * *", jobTemplate: { spec: { ...options.spec, template: template(options) } } },
  };
}

export function service(name: string, spec: Value, options: Extra & { readonly status?: Value } = {}): Value {
  return { apiVersion: "v1", kind: "Service", metadata: metaOf(name, options), spec, status: options.status ?? {} };
}

export function clusterNode(
  name: string,
  addresses: Value,
  options: Extra & { readonly podCIDRs?: readonly string[] } = {},
): Value {
  const { namespace: _none, ...own } = metaOf(name, options);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: own,
    spec: options.podCIDRs === undefined ? {} : { podCIDR: options.podCIDRs[0], podCIDRs: options.podCIDRs },
    status: { addresses: Object.entries(addresses).map(([type, address]) => ({ type, address })) },
  };
}

export interface SliceEndpoint {
  readonly ip: string;
  readonly pod?: string;
  readonly node?: string;
}

export function endpointSlice(
  serviceName: string,
  ports: readonly Value[],
  endpoints: readonly SliceEndpoint[],
  options: Extra = {},
): Value {
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: metaOf(`${serviceName}-x1y2z`, { ...options, labels: { "kubernetes.io/service-name": serviceName } }),
    addressType: "IPv4",
    ports,
    endpoints: endpoints.map(({ ip, pod: name, node: nodeName }) => ({
      addresses: [ip],
      ...(nodeName === undefined ? {} : { nodeName }),
      ...(name === undefined ? {} : { targetRef: { kind: "Pod", name, namespace: options.namespace ?? "shop" } }),
    })),
  };
}

/** A clue as the graph makes one of a pod's name and labels. */
export function clue(name: string | undefined, over: Partial<PodClue> = {}): PodClue {
  return {
    namespace: "shop",
    pod: name === undefined ? undefined : readPodName(name),
    owner: undefined,
    labels: {},
    serviceAccount: undefined,
    ...over,
  };
}

/** `Deployment cart`, `ambiguous` or undefined: all that most tests ask. */
export function called(found: KnownWorkload | "ambiguous" | undefined): string | undefined {
  return typeof found === "object" ? `${found.kind} ${found.name}` : found;
}

/** `Deployment cart`, `node n1`, `unknown-pod n1`, `ambiguous` or undefined. */
export function holder(found: Holder | undefined): string | undefined {
  if (found === undefined || found.kind === "ambiguous" || found.kind === "node-local") return found?.kind;
  return found.kind === "workload" ? called(found.workload) : `${found.kind} ${found.node ?? "?"}`;
}

export const EVER: Span = { first: undefined, last: undefined };

/** A time of 5 January 2026, or of a day after it, as `09:30`. */
export function moment(time: string, day = 5): string {
  return `2026-01-${String(day).padStart(2, "0")}T${time}:00Z`;
}

export function seen(from: string, to = from): Span {
  return { first: Date.parse(from), last: Date.parse(to) };
}

export function workloads({ workloads: found }: Directory): readonly string[] {
  return found.map(({ namespace, kind, name }) => `${namespace}/${kind}/${name}`);
}
