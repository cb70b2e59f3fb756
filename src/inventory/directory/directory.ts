import { by, byText } from "../../lib/sort.ts";
import type { Directory, KnownService, KnownServicePort, PodClue } from "../../model/directory.ts";
import type { Finding } from "../../model/finding.ts";
import type { ManifestObject } from "../../model/manifest-object.ts";
import { readPodName } from "../../model/pod-name.ts";
import { type EndpointsObject, readEndpointSlice, readEndpoints } from "../objects/endpoints.ts";
import { readNamespace } from "../objects/namespace.ts";
import { type NodeObject, readCiliumNode, readNode } from "../objects/node.ts";
import { readService, type ServiceObject } from "../objects/service.ts";
import { WorkloadFinder } from "./find-workload.ts";
import { objectFindings, referenceFindings } from "./findings.ts";
import { addEndpoints, Holders } from "./holders.ts";
import { LabelIndex } from "./label-index.ts";
import { NodeTable } from "./node-table.ts";
import { inOrder, newest, typeOf } from "./object-order.ts";
import { readWorkloads } from "./read-workloads.ts";
import { lastingSelector, type ResolvedService, resolveServices } from "./service-table.ts";
import type { TableRow } from "./workload-table.ts";

/** Kinds that keep no pods and own nothing that does. */
const NO_CONTROLLERS: ReadonlySet<string> = new Set([
  "/Endpoints",
  "/Namespace",
  "/Node",
  "/Pod",
  "/Service",
  "cilium.io/CiliumNode",
  "discovery.k8s.io/EndpointSlice",
]);

/** What exists, and what about the objects a person should know. */
export interface DirectoryReading {
  readonly directory: Directory;
  /** Sorted by code. */
  readonly findings: readonly Finding[];
}

/**
 * Reads what exists from the cluster's own objects: manifests, dumps of one or several days, or a live list, in any
 * order and of any completeness. What can't be read is left out and a finding, and the rest still counts.
 */
export function readDirectory(objects: readonly ManifestObject[]): DirectoryReading {
  const sorted = inOrder(objects);
  const reading = readCluster(Map.groupBy(sorted, typeOf));
  const { rows, resolved, labels, namespaces } = reading;
  const known = new Set(namespaces.map(({ name }) => name));
  const findings = [...objectFindings(sorted), ...referenceFindings(rows, resolved, { labels, namespaces: known })];
  return { directory: lookupsIn(reading), findings: findings.toSorted(by(({ code }) => code)) };
}

/** As {@link readDirectory}, for who asks about the cluster only. */
export function directoryOf(objects: readonly ManifestObject[]): Directory {
  return lookupsIn(readCluster(Map.groupBy(inOrder(objects), typeOf)));
}

/** What is left of the objects once all is read. */
interface ClusterReading extends Pick<Directory, "apiServers" | "namespaces" | "nodeLocalAddresses"> {
  readonly rows: readonly TableRow[];
  readonly labels: LabelIndex;
  readonly finder: WorkloadFinder;
  readonly holders: Holders;
  readonly resolved: readonly ResolvedService[];
}

type ObjectsByType = ReadonlyMap<string, readonly ManifestObject[]>;

/** @param kinds objects by type, in order */
function readCluster(kinds: ObjectsByType): ClusterReading {
  const all = (type: string): readonly ManifestObject[] => kinds.get(type) ?? [];
  const others = [...kinds].flatMap(([type, some]) => (NO_CONTROLLERS.has(type) ? [] : newest(some)));
  const { rows, names, tenancies, hostAddresses, localAddresses } = readWorkloads(others, all("/Pod"));
  const finder = new WorkloadFinder(rows, names);
  const services = read(newest(all("/Service")), readService);
  const nodes = nodesIn(kinds);
  const rowOfPod = podFinder(finder, services);
  const slices = all("discovery.k8s.io/EndpointSlice");
  const hosts = new Set([...hostAddresses.keys(), ...nodes.flatMap(({ addresses }) => addresses)]);
  const everSeen = [...slices.flatMap(readEndpointSlice), ...all("/Endpoints").flatMap(readEndpoints)];
  addEndpoints(everSeen, { tenancies, hosts, hostAddresses }, rowOfPod);
  tenancies.close();
  const holders = new Holders(tenancies, new NodeTable(nodes, hostAddresses), localAddresses);
  const endpoints = endpointsByService(newest(slices), newest(all("/Endpoints")));
  const labels = new LabelIndex(rows);
  const resolved = resolveServices(services, {
    labels,
    endpoints,
    rowOfPod: (namespace, pod) => rowOfPod(namespace, pod, undefined),
    workloadAt: (address) => holders.onlyWorkload(address),
  });
  const namespaces = read(newest(all("/Namespace")), readNamespace);
  const apiServers = apiServersOf(endpoints.get("default/kubernetes") ?? []);
  const nodeLocalAddresses = [...localAddresses].toSorted(byText);
  return { rows, labels, finder, holders, resolved, namespaces, apiServers, nodeLocalAddresses };
}

function nodesIn(kinds: ObjectsByType): readonly NodeObject[] {
  const [nodes, ofCilium] = ["/Node", "cilium.io/CiliumNode"].map((type) => newest(kinds.get(type) ?? []));
  return [...read(nodes ?? [], readNode), ...read(ofCilium ?? [], readCiliumNode)];
}

/** Apart from the reading: what a function closes over stays in memory as long as the function does. */
function lookupsIn({ rows, finder, holders, resolved, ...known }: ClusterReading): Directory {
  return {
    workloads: rows.map(({ workload }) => workload),
    namespaces: known.namespaces,
    apiServers: known.apiServers,
    nodeLocalAddresses: known.nodeLocalAddresses,
    workloadOf: (clue) => {
      const found = finder.find(clue);
      return found === "ambiguous" ? found : found?.workload;
    },
    holderOf: (address, seen) => holders.at(address, seen),
    ...serviceLookups(resolved.map(({ service }) => service)),
  };
}

function read<Read>(
  objects: readonly ManifestObject[],
  reader: (object: ManifestObject) => Read | undefined,
): readonly Read[] {
  return objects.map(reader).filter((one) => one !== undefined);
}

/** Finds the workload of a pod that only its name is known of, and the Service it is behind. */
function podFinder(
  finder: WorkloadFinder,
  services: readonly ServiceObject[],
): (namespace: string, pod: string, service: string | undefined) => TableRow | undefined {
  const selectors = new Map(services.map(({ namespace, name, selector }) => [`${namespace}/${name}`, selector]));
  return (namespace, pod, service) => {
    const selector = service === undefined ? undefined : selectors.get(service);
    const labels = lastingSelector(selector ?? {});
    const clue: PodClue = { namespace, pod: readPodName(pod), owner: undefined, labels, serviceAccount: undefined };
    const found = finder.find(clue);
    return found === "ambiguous" ? undefined : found;
  };
}

/** EndpointSlices took the place of Endpoints, which the API server still writes beside them. */
function endpointsByService(
  slices: readonly ManifestObject[],
  endpoints: readonly ManifestObject[],
): ReadonlyMap<string, readonly EndpointsObject[]> {
  const found = Map.groupBy(slices.flatMap(readEndpointSlice), serviceName);
  const old = Map.groupBy(endpoints.flatMap(readEndpoints), serviceName);
  return new Map([...old, ...found]);
}

function serviceName({ namespace, service }: EndpointsObject): string {
  return `${namespace}/${service ?? ""}`;
}

function apiServersOf(slices: readonly EndpointsObject[]): Directory["apiServers"] {
  const found = slices.flatMap(({ ports, endpoints }) =>
    endpoints.flatMap(({ addresses }) => addresses.flatMap((address) => ports.map(({ port }) => ({ address, port })))),
  );
  const distinct = new Map(found.map((one) => [`${one.address} ${one.port}`, one]));
  return [...distinct.values()].toSorted((a, b) => by<typeof a>(({ address }) => address)(a, b) || a.port - b.port);
}

type ServiceLookups = Pick<
  Directory,
  "services" | "isServiceAddress" | "serviceAt" | "servicePortAt" | "serviceNamed" | "nodePort"
>;

function serviceLookups(services: readonly KnownService[]): ServiceLookups {
  const named = new Map(services.map((service) => [`${service.namespace}/${service.name}`, service]));
  const byAddress = new OnlyOnes<KnownService>();
  const byPort = new OnlyOnes<KnownServicePort>();
  const byNodePort = new OnlyOnes<KnownServicePort>();
  for (const service of services) {
    for (const address of service.addresses) byAddress.add(address, service);
    for (const port of service.ports) {
      for (const address of service.addresses) byPort.add(`${address} ${port.protocol} ${port.port}`, port);
      if (port.nodePort !== undefined) byNodePort.add(`${port.protocol} ${port.nodePort}`, port);
    }
  }
  return {
    services,
    serviceNamed: (name) => named.get(name),
    isServiceAddress: (address) => byAddress.has(address),
    serviceAt: (address) => byAddress.get(address),
    servicePortAt: (address, protocol, port) => byPort.get(`${address} ${protocol} ${port}`),
    nodePort: (protocol, port) => byNodePort.get(`${protocol} ${port}`),
  };
}

/** Values by key, as long as there is one only. */
class OnlyOnes<Value> {
  readonly #values = new Map<string, Value | undefined>();

  add(key: string, value: Value): void {
    this.#values.set(key, this.#values.has(key) && this.#values.get(key) !== value ? undefined : value);
  }

  /** True where there is one or more. */
  has(key: string): boolean {
    return this.#values.has(key);
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }
}
