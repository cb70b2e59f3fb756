import type { Directory, KnownService, KnownWorkload } from "../../model/directory.ts";
import type { Labels } from "../../model/graph.ts";
import type { InferredClient } from "../../model/inferred.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { fieldAt, fieldOf, listOf, portNumber, textOf, textsOf } from "../objects/fields.ts";
import { lastingLabels } from "../objects/object-labels.ts";
import { type Gathering, promising, type Servers } from "./gathering.ts";
import type { ObjectsByType } from "./objects-by-type.ts";
import { MONITORING, type MonitorKind, type Scrapers, selectorOf } from "./scrapers.ts";
import { serversOf, serversOfPort, serviceOfHost } from "./service-servers.ts";

/** What monitors are read with. */
interface Monitoring {
  readonly directory: Directory;
  readonly scrapers: Scrapers;
  readonly gathering: Gathering;
  /** Every Service with its labels. */
  readonly services: readonly { readonly service: KnownService; readonly labels: Labels }[];
}

/** Reads ServiceMonitors, PodMonitors and Probes of the Prometheus operator. */
export function gatherMonitors(
  objects: ObjectsByType,
  directory: Directory,
  scrapers: Scrapers,
  gathering: Gathering,
): void {
  const services = objects.of("", "Service").flatMap(({ namespace, name, value }) => {
    const service = directory.serviceNamed(`${namespace}/${name}`);
    return service === undefined ? [] : [{ service, labels: lastingLabels(fieldAt(value, "metadata", "labels")) }];
  });
  const monitoring: Monitoring = { directory, scrapers, gathering, services };
  const gather = (kind: MonitorKind, serversIn: (object: ManifestObject, from: Monitoring) => readonly Servers[]) => {
    for (const object of objects.of(MONITORING, kind)) {
      const clients = scrapers.of(object, kind);
      if (clients.length === 0) unselected(object, gathering);
      else for (const servers of serversIn(object, monitoring)) promise(object, clients, servers, gathering);
    }
  };
  gather("ServiceMonitor", serversOfServiceMonitor);
  gather("PodMonitor", serversOfPodMonitor);
  gather("Probe", serversOfProbe);
}

function promise(
  object: ManifestObject,
  clients: readonly InferredClient[],
  servers: Servers,
  gathering: Gathering,
): void {
  gathering.promise(promising("scrapes", object), clients, servers);
}

function unselected(object: ManifestObject, gathering: Gathering): void {
  promise(object, [], { ends: [], problems: ["no Prometheus that was read selects it"] }, gathering);
}

/** The namespaces a monitor looks in: its own, named ones, or any. */
function isWatched({ namespace, value }: ManifestObject): (namespace: string) => boolean {
  const selector = fieldAt(value, "spec", "namespaceSelector");
  if (fieldOf(selector, "any") === true) return () => true;
  const named = textsOf(fieldOf(selector, "matchNames"));
  return (other) => (named.length === 0 ? other === namespace : named.includes(other));
}

function serversOfServiceMonitor(object: ManifestObject, { services }: Monitoring): readonly Servers[] {
  const isSelected = selectorOf(fieldAt(object.value, "spec", "selector"));
  const watched = isWatched(object);
  const selected = services.filter(
    ({ service, labels }) => isSelected?.(labels) === true && watched(service.namespace),
  );
  if (selected.length === 0) return [{ ends: [], problems: ["no known Service that it selects"] }];
  const endpoints = listOf(fieldAt(object.value, "spec", "endpoints"));
  return selected.flatMap(({ service }) => endpoints.map((endpoint) => serversOfEndpoint(service, endpoint)));
}

/** `port` is the name of the Service's port, `targetPort` the name or number of a container's. */
function serversOfEndpoint(service: KnownService, endpoint: unknown): Servers {
  const named = textOf(endpoint, "port");
  const target = textOf(endpoint, "targetPort") ?? portNumber(fieldOf(endpoint, "targetPort"));
  const ports = service.ports.filter(({ name }) => named === undefined || name === named);
  const found = ports.map((port) => serversOfPort(service, port));
  const problems = [...new Set(found.flatMap((servers) => servers.problems))];
  const ends = found.flatMap((servers) => servers.ends);
  if (named === undefined && target !== undefined) {
    const workloads = [...new Set(ends.map(({ workload }) => workload))];
    const listening = (workload: KnownWorkload) => [
      ...portsCalled(workload, target),
      ...ends.filter((end) => end.workload === workload && end.port === target).map(({ port }) => port),
    ];
    return { ends: workloads.flatMap((workload) => scraped(workload, listening(workload))), problems: [] };
  }
  return { ends: ends.filter(({ protocol }) => protocol === "TCP"), problems };
}

function serversOfPodMonitor(object: ManifestObject, { directory }: Monitoring): readonly Servers[] {
  const isSelected = selectorOf(fieldAt(object.value, "spec", "selector"));
  const watched = isWatched(object);
  const selected = directory.workloads.filter(
    ({ namespace, labels, variants }) => watched(namespace) && [labels, ...variants].some((set) => isSelected?.(set)),
  );
  if (selected.length === 0) return [{ ends: [], problems: ["no known pods that it selects"] }];
  const endpoints = listOf(fieldAt(object.value, "spec", "podMetricsEndpoints"));
  return selected.flatMap((workload) =>
    endpoints.map((endpoint): Servers => {
      const written = textOf(endpoint, "port") ?? textOf(endpoint, "targetPort");
      const number = portNumber(fieldOf(endpoint, "portNumber")) ?? portNumber(fieldOf(endpoint, "targetPort"));
      return { ends: scraped(workload, portsCalled(workload, written ?? number)), problems: [] };
    }),
  );
}

/** Declared ports by name or number; all of them where none is asked for. A scrape is over TCP. */
function portsCalled({ ports }: KnownWorkload, wanted: string | number | undefined): readonly number[] {
  return ports
    .filter(({ protocol }) => protocol === "TCP")
    .filter(({ name, port }) => wanted === undefined || name === wanted || port === wanted)
    .map(({ port }) => port);
}

function scraped(workload: KnownWorkload, ports: readonly number[]): Servers["ends"] {
  return [...new Set(ports)].map((port) => ({ workload, protocol: "TCP", port }));
}

/** A probe is asked of an exporter, which then tries what it is told to, in the cluster or anywhere. */
function serversOfProbe(object: ManifestObject, { directory }: Monitoring): readonly Servers[] {
  const [, host = "", port] =
    /^([^:/]+)(?::(\d+))?/u.exec(textOf(fieldAt(object.value, "spec", "prober"), "url") ?? "") ?? [];
  const service = serviceOfHost(host);
  return service === undefined ? [] : [serversOf(directory, { ...service, port: Number(port ?? 80), protocol: "TCP" })];
}
