import { backendsOf, nodePortOf, serviceSelectorOf, targetPortOf } from "../services.ts";
import type { Service, ServicePort } from "../world.ts";
import { type Moment, metaOf, type StandingPod, standingPods } from "./moment.ts";
import { type KubeObject, ownedBy, suffixOf } from "./object.ts";

/** Names are needed as soon as there are two ports. */
export function portName(service: Service, port: ServicePort): string | undefined {
  if (port.name !== undefined) return port.name;
  return service.ports.length === 1 ? undefined : `${port.protocol.toLowerCase()}-${port.port}`;
}

function familyOf(address: string): "IPv4" | "IPv6" {
  return address.includes(":") ? "IPv6" : "IPv4";
}

function addressing(service: Service): object {
  const { clusterIp, type = "ClusterIP" } = service;
  if (type === "ExternalName") return { externalName: service.externalName };
  const ipFamilies = [familyOf(clusterIp)];
  const outer = type === "ClusterIP" ? {} : { externalTrafficPolicy: "Cluster" };
  return { clusterIP: clusterIp, clusterIPs: [clusterIp], ipFamilies, ipFamilyPolicy: "SingleStack", ...outer };
}

function serviceObject(moment: Moment, service: Service): KubeObject {
  const { type = "ClusterIP", loadBalancerIp } = service;
  const ingress = loadBalancerIp === undefined ? undefined : [{ ip: loadBalancerIp, ipMode: "VIP" }];
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metaOf(moment, "Service", { ...service, labels: { "app.kubernetes.io/name": service.name } }),
    spec: {
      type,
      ...addressing(service),
      internalTrafficPolicy: type === "ExternalName" ? undefined : "Cluster",
      allocateLoadBalancerNodePorts: type === "LoadBalancer" ? true : undefined,
      ports: service.ports.map((port) => ({
        name: portName(service, port),
        protocol: port.protocol,
        port: port.port,
        targetPort: port.targetName ?? port.targetPort,
        nodePort: nodePortOf(moment.world, service, port),
      })),
      selector: serviceSelectorOf(moment.world, service),
      sessionAffinity: "None",
    },
    status: { loadBalancer: ingress === undefined ? {} : { ingress } },
  };
}

interface Slice {
  /** What the slice is called by beside its Service. */
  readonly key: string;
  readonly addressType: "IPv4" | "IPv6";
  readonly ports: readonly object[];
  readonly endpoints: readonly object[];
}

function endpointOf({ pod, uid, state }: StandingPod): object {
  const { namespace } = pod.workload;
  const ready = state === "running";
  return {
    addresses: [pod.ip],
    conditions: { ready, serving: true, terminating: state === "terminating" },
    nodeName: pod.node.name,
    targetRef: { kind: "Pod", namespace, name: pod.name, uid },
    zone: "zone-a",
  };
}

/** One slice for each set of numbers that the pods' ports come to, as the EndpointSlice controller does. */
function slicesOf(moment: Moment, service: Service): Slice[] {
  const pods = backendsOf(moment.world, service)
    .flatMap((workload) => standingPods(moment, workload))
    .filter(({ state }) => state === "running" || state === "terminating");
  const portsOf = ({ pod }: StandingPod): object[] =>
    service.ports.flatMap((port) => {
      const number = targetPortOf(port, pod.workload);
      const name = portName(service, port) ?? "";
      return number === undefined ? [] : [{ name, protocol: port.protocol, port: number }];
    });
  const grouped = Map.groupBy(pods, (one) => JSON.stringify([familyOf(one.pod.ip), portsOf(one)]));
  return [...grouped].flatMap(([key, [first, ...rest]]) => {
    if (first === undefined) return [];
    const endpoints = [first, ...rest].map(endpointOf);
    return { key, addressType: familyOf(first.pod.ip), ports: portsOf(first), endpoints };
  });
}

/** Written by hand for a Service without a selector. */
function writtenSlices(service: Service, endpoints: readonly string[]): Slice[] {
  const ports = service.ports.map((port) => ({
    name: portName(service, port) ?? "",
    protocol: port.protocol,
    port: port.targetPort,
  }));
  return [...Map.groupBy(endpoints, familyOf)].map(([addressType, addresses]) => ({
    key: addressType,
    addressType,
    ports,
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
  }));
}

/** A Service and its EndpointSlices. */
export function serviceObjects(moment: Moment, service: Service): KubeObject[] {
  const { namespace, name, endpoints } = service;
  const own = serviceObject(moment, service);
  if (service.type === "ExternalName") return [own];
  const slices = endpoints === undefined ? slicesOf(moment, service) : writtenSlices(service, endpoints);
  const manager = endpoints === undefined ? "endpointslice-controller.k8s.io" : "staff";
  return [
    own,
    ...slices.map(({ key, ...slice }) => ({
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        ...metaOf(moment, "EndpointSlice", {
          namespace,
          name: `${name}-${suffixOf(`${namespace}/${name} ${key}`)}`,
          labels: { "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": manager },
        }),
        generateName: `${name}-`,
        ownerReferences: endpoints === undefined ? ownedBy(own) : undefined,
      },
      ...slice,
    })),
  ];
}
