import { KUBERNETES } from "../services.ts";
import type { ClusterNode } from "../world.ts";
import { hostSpec, hostStatus } from "./host-pods.ts";
import { type Moment, metaOf } from "./moment.ts";
import { type KubeObject, timeText, uidOf } from "./object.ts";

const NAMESPACE = "kube-system";

/** What runs on every control-plane node, from files of its kubelet. */
const COMPONENTS = [
  { name: "etcd", ports: [2379, 2380], probe: 2381 },
  { name: "kube-apiserver", ports: [6443], probe: 6443 },
  { name: "kube-controller-manager", ports: [], probe: 10257 },
  { name: "kube-scheduler", ports: [], probe: 10259 },
] as const;

/** Static pods of a control-plane node, mirrored into the API and owned by their Node. */
export function staticPods(moment: Moment, node: ClusterNode, owner: KubeObject): KubeObject[] {
  return COMPONENTS.map(({ name, ports, probe }) => {
    const hash = uidOf(`${moment.world.cluster}/static/${name}/${node.name}`).replaceAll("-", "");
    const labels = { component: name, tier: "control-plane" };
    const listening = ports.map((port) => ({ port, protocol: "TCP" as const }));
    const mirror = {
      "kubernetes.io/config.hash": hash,
      "kubernetes.io/config.mirror": hash,
      "kubernetes.io/config.seen": timeText(moment.born),
      "kubernetes.io/config.source": "file",
    };
    const spec = hostSpec({
      name,
      ports: listening,
      probe: { host: "127.0.0.1", port: probe },
      serviceAccount: undefined,
    });
    const { apiVersion, kind, metadata } = owner;
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        ...metaOf(moment, "Pod", { namespace: NAMESPACE, name: `${name}-${node.name}`, labels }),
        annotations: mirror,
        ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true as const }],
      },
      spec: { ...spec, nodeName: node.name },
      status: hostStatus(moment, node),
    };
  });
}

/** `default/kubernetes`: the API server itself, on every control-plane node. */
export function apiServerService(moment: Moment): KubeObject[] {
  const addresses = moment.world.nodes.filter((node) => node.controlPlane).map((node) => node.ip);
  const labels = { component: "apiserver", provider: "kubernetes" };
  const { namespace, name, clusterIp } = KUBERNETES.service;
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: metaOf(moment, "Service", { namespace, name, labels }),
      spec: {
        type: "ClusterIP",
        clusterIP: clusterIp,
        clusterIPs: [clusterIp],
        internalTrafficPolicy: "Cluster",
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
        ports: [{ name: "https", protocol: "TCP", port: KUBERNETES.port, targetPort: 6443 }],
        sessionAffinity: "None",
      },
      status: { loadBalancer: {} },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: metaOf(moment, "EndpointSlice", {
        namespace,
        name,
        labels: { "kubernetes.io/service-name": name },
      }),
      addressType: addresses.some((one) => one.includes(":")) ? "IPv6" : "IPv4",
      endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
      ports: [{ name: "https", protocol: "TCP", port: 6443 }],
    },
  ];
}
