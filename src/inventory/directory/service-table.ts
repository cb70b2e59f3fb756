import { by, byText, sortedBy } from "../../lib/sort.ts";
import type { Backend, KnownService, KnownServicePort, KnownWorkload } from "../../model/directory.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { Labels } from "../../model/graph.ts";
import { isRunTimeLabel } from "../../model/labels.ts";
import type { Endpoint, EndpointsObject } from "../objects/endpoints.ts";
import { hasLabels } from "../objects/object-labels.ts";
import type { ServiceObject, ServicePort } from "../objects/service.ts";
import type { LabelIndex } from "./label-index.ts";
import type { PodShape } from "./pod-shape.ts";
import type { TableRow } from "./workload-table.ts";

/** What Services are resolved with. */
export interface ServiceSources {
  readonly labels: LabelIndex;
  /** By `namespace/name` of the Service. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointsObject[]>;
  readonly rowOfPod: (namespace: string, pod: string) => TableRow | undefined;
  /** The workload that ever held an address, when there is one only. */
  readonly workloadAt: (address: string) => KnownWorkload | undefined;
}

/** A workload that a Service selects, and the shapes of its pods that it does. */
interface Selected {
  readonly workload: KnownWorkload;
  readonly shapes: readonly PodShape[];
}

/** A Service with what it selects. */
export interface ResolvedService {
  readonly service: KnownService;
  /** How many known workloads it selects; undefined when it has no selector to be judged by. */
  readonly selected: number | undefined;
}

/** Finds out what is behind each Service. Sorted by namespace and name. */
export function resolveServices(
  services: readonly ServiceObject[],
  sources: ServiceSources,
): readonly ResolvedService[] {
  const sorted = sortedBy(services, ({ namespace, name }) => `${namespace}\0${name}`);
  return sorted.map((object) => resolve(object, sources));
}

function resolve(object: ServiceObject, sources: ServiceSources): ResolvedService {
  const { namespace, name, type, addresses, ports } = object;
  const selected = object.selector === undefined ? [] : selectedBy(object, object.selector, sources);
  const endpoints = sources.endpoints.get(`${namespace}/${name}`) ?? [];
  const known = ports.map((port): KnownServicePort => {
    const found = selected.length > 0 ? ofSelected(port, selected) : ofEndpoints(port, endpoints, sources);
    const { protocol, nodePort } = port;
    return { protocol, port: port.port, name: port.name, nodePort, ...found };
  });
  const isJudged = object.selector !== undefined && Object.keys(lastingSelector(object.selector)).length > 0;
  return {
    service: { namespace, name, type, addresses, ports: known },
    selected: isJudged ? selected.length : undefined,
  };
}

/** Run-time labels in a selector pick pods of a workload (one of a StatefulSet, those of a canary): the workload stays. */
function selectedBy(
  { namespace }: ServiceObject,
  selector: Labels,
  { labels: index, rowOfPod }: ServiceSources,
): readonly Selected[] {
  const wanted = lastingSelector(selector);
  if (Object.keys(wanted).length > 0) {
    return index.candidates(namespace, wanted).flatMap(({ workload, current }) => {
      const shapes = current.filter(({ shown }) => hasLabels(shown, wanted));
      return shapes.length > 0 ? [{ workload, shapes }] : [];
    });
  }
  const pod = selector["statefulset.kubernetes.io/pod-name"];
  const row = pod === undefined ? undefined : rowOfPod(namespace, pod);
  return row === undefined ? [] : [{ workload: row.workload, shapes: row.current }];
}

/** A selector without run-time labels. */
export function lastingSelector(selector: Labels): Labels {
  return Object.fromEntries(Object.entries(selector).filter(([key]) => !isRunTimeLabel(key)));
}

type Found = Pick<KnownServicePort, "backends" | "unresolved">;

function ofSelected({ target, protocol }: ServicePort, selected: readonly Selected[]): Found {
  const backends: Backend[] = [];
  const unresolved: KnownWorkload[] = [];
  for (const { workload, shapes } of selected) {
    const ports = typeof target === "number" ? [target] : namedPorts(shapes, target, protocol);
    if (ports.length === 0) unresolved.push(workload);
    for (const port of ports) backends.push({ kind: "workload", workload, port });
  }
  return { backends: sortedBackends(backends), unresolved: unresolved.toSorted(by(workloadText)) };
}

/** A name is looked up in each pod by itself, so that it may stand for several numbers. */
function namedPorts(shapes: readonly PodShape[], name: string, protocol: PolicyProtocol): readonly number[] {
  const found = shapes.flatMap(({ ports }) => ports.filter((one) => one.name === name && one.protocol === protocol));
  return [...new Set(found.map(({ port }) => port))];
}

/** Endpoints of one Service's port have its name, as the Service's ports do where there are several. */
function ofEndpoints(port: ServicePort, slices: readonly EndpointsObject[], sources: ServiceSources): Found {
  const backends = slices.flatMap(({ ports, endpoints }) => {
    const same = ports.filter((one) => one.name === port.name && one.protocol === port.protocol);
    return same.flatMap((one) => endpoints.flatMap((endpoint) => backendsOf(endpoint, one.port, sources)));
  });
  return { backends: sortedBackends(backends), unresolved: [] };
}

function backendsOf({ addresses, pod }: Endpoint, port: number, sources: ServiceSources): readonly Backend[] {
  const named = pod && sources.rowOfPod(pod.namespace, pod.name)?.workload;
  return addresses.map((address): Backend => {
    const workload = named ?? sources.workloadAt(address);
    return workload === undefined ? { kind: "address", address, port } : { kind: "workload", workload, port };
  });
}

function sortedBackends(backends: readonly Backend[]): readonly Backend[] {
  if (backends.length < 2) return backends;
  const distinct = new Map(backends.map((backend) => [backendText(backend), backend]));
  return [...distinct].toSorted(([a], [b]) => byText(a, b)).map(([, backend]) => backend);
}

function backendText(backend: Backend): string {
  const port = String(backend.port).padStart(5, "0");
  return backend.kind === "address"
    ? `1\0${backend.address}\0${port}`
    : `0\0${workloadText(backend.workload)}\0${port}`;
}

function workloadText({ namespace, name, kind }: KnownWorkload): string {
  return `${namespace}\0${name}\0${kind}`;
}
