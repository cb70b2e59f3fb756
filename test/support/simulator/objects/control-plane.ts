import { KUBERNETES } from "../services.ts";
import type { ClusterNode } from "../world.ts";
import { type Moment, metaOf } from "./moment.ts";
import { type KubeObject, ownedBy, suffixOf, timeText, uidOf } from "./object.ts";

const NAMESPACE = "kube-system";

/** What runs on every control-plane node, from files of its kubelet. */
const COMPONENTS = [
  { name: "etcd", ports: [2379, 2380], probe: 2381 },
  { name: "kube-apiserver", ports: [6443], probe: 6443 },
  { name: "kube-controller-manager", ports: [], probe: 10257 },
  { name: "kube-scheduler", ports: [], probe: 10259 },
] as const;

interface HostPod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
  readonly probe: number;
  /** Static pods may not name one. */
  readonly serviceAccount: string | undefined;
}

function hostSpec({ name, ports, probe, serviceAccount }: HostPod): Readonly<Record<string, unknown>> {
  return {
    containers: [
      {
        name,
        image: `registry.k8s.io/${name}:v1.34.1`,
        ports: ports.map((one) => ({ name: one.name, containerPort: one.port, hostPort: one.port, protocol: "TCP" })),
        livenessProbe: { httpGet: { host: "127.0.0.1", path: "/livez", port: probe, scheme: "HTTPS" } },
        resources: {},
      },
    ],
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    hostNetwork: true,
    priorityClassName: "system-node-critical",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    serviceAccountName: serviceAccount,
    terminationGracePeriodSeconds: 30,
    tolerations: [{ operator: "Exists" }],
  };
}

function hostStatus(moment: Moment, node: ClusterNode): object {
  const since = timeText(moment.born);
  return {
    phase: "Running",
    conditions: ["PodScheduled", "Initialized", "ContainersReady", "Ready"].map((type) => ({
      type,
      status: "True",
      lastTransitionTime: since,
    })),
    hostIP: node.ip,
    hostIPs: [{ ip: node.ip }],
    podIP: node.ip,
    podIPs: [{ ip: node.ip }],
    startTime: since,
    qosClass: "BestEffort",
  };
}

/** Static pods of a control-plane node, mirrored into the API and owned by their Node. */
export function staticPods(moment: Moment, node: ClusterNode, owner: KubeObject): KubeObject[] {
  return COMPONENTS.map(({ name, ports, probe }) => {
    const hash = uidOf(`${moment.world.cluster}/static/${name}/${node.name}`).replaceAll("-", "");
    const labels = { component: name, tier: "control-plane" };
    const listening = ports.map((port) => ({ port }));
    const mirror = {
      "kubernetes.io/config.hash": hash,
      "kubernetes.io/config.mirror": hash,
      "kubernetes.io/config.seen": timeText(moment.born),
      "kubernetes.io/config.source": "file",
    };
    const spec = hostSpec({ name, labels, ports: listening, probe, serviceAccount: undefined });
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

/** Cilium's agent: a DaemonSet in the host's network on every node, control planes too. */
export function agentObjects(moment: Moment): KubeObject[] {
  const { nodes } = moment.world;
  const labels = { "app.kubernetes.io/name": "cilium-agent", "k8s-app": "cilium" };
  const ports = [
    { name: "peer-service", port: 4244 },
    { name: "prometheus", port: 9962 },
    { name: "hubble-metrics", port: 9965 },
  ];
  const spec = hostSpec({ name: "cilium-agent", labels, ports, probe: 9879, serviceAccount: "cilium" });
  const count = nodes.length;
  const own: KubeObject = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { ...metaOf(moment, "DaemonSet", { namespace: NAMESPACE, name: "cilium", labels }), generation: 1 },
    spec: { selector: { matchLabels: { "k8s-app": "cilium" } }, template: { metadata: { labels }, spec } },
    status: {
      currentNumberScheduled: count,
      desiredNumberScheduled: count,
      numberMisscheduled: 0,
      numberReady: count,
    },
  };
  const revision = suffixOf(`${moment.world.cluster}/cilium`, 9);
  const pods = nodes.map((node) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metaOf(moment, "Pod", {
        namespace: NAMESPACE,
        name: `cilium-${suffixOf(node.name)}`,
        labels: { ...labels, "controller-revision-hash": revision, "pod-template-generation": "1" },
      }),
      generateName: "cilium-",
      ownerReferences: ownedBy(own),
    },
    spec: { ...spec, nodeName: node.name },
    status: hostStatus(moment, node),
  }));
  return [own, ...pods];
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
