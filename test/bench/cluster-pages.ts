import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** How large a cluster is. */
export interface ClusterSize {
  readonly pods: number;
  readonly workloads: number;
  readonly services: number;
}

/** As many as netlearn asks the API server for. */
const PAGE = 500;
const NAMESPACE_SIZE = 60;
const HASHES = ["5d69f8c7b4", "7c9d8b6f5d"] as const;
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/**
 * Writes the lists of a cluster to a folder as the API server answers them: a page a file, items without a kind, and
 * around each item everything that nobody reads (managed fields, environment, volumes, conditions: 5 KB a pod).
 */
export function writeClusterPages(folder: string, size: ClusterSize): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { pods, workloads, services } = size;
  writePages(folder, { apiVersion: "v1", kind: "PodList" }, pods, (at) => podOf(at, size));
  writePages(folder, { apiVersion: "apps/v1", kind: "DeploymentList" }, workloads, deploymentOf);
  writePages(folder, { apiVersion: "apps/v1", kind: "ReplicaSetList" }, workloads * 4, replicaSetOf);
  writePages(folder, { apiVersion: "v1", kind: "ServiceList" }, services, serviceOf);
  writePages(folder, { apiVersion: "v1", kind: "NodeList" }, 500, nodeOf);
  const slices = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSliceList" };
  writePages(folder, slices, services, (at) => sliceOf(at, size));
}

interface ListType {
  readonly apiVersion: string;
  readonly kind: string;
}

function writePages(folder: string, type: ListType, count: number, itemOf: (at: number) => object): void {
  for (let first = 0; first < count; first += PAGE) {
    const items = Array.from({ length: Math.min(PAGE, count - first) }, (_, at) => itemOf(first + at));
    const page = JSON.stringify({ ...type, metadata: { resourceVersion: "123456" }, items });
    writeFileSync(path.join(folder, `${type.kind}-${String(first).padStart(6, "0")}.json`), page);
  }
}

function namespaceOf(workload: number): string {
  return `ns-${Math.floor(workload / NAMESPACE_SIZE)}`;
}

function uid(number: number): string {
  return `${(number * 2_654_435_761 + 1).toString(16).padStart(12, "0").slice(-8)}-1234-4abc-9def-${String(number).padStart(12, "0")}`;
}

function suffix(number: number): string {
  return Array.from({ length: 5 }, (_, at) => SAFE[Math.floor(number / 27 ** at) % 27]).join("");
}

/** The pod's address, of a range of its node. */
export function podAddress(pod: number): string {
  return `10.${(pod >> 16) & 255}.${(pod >> 8) & 255}.${pod & 255}`;
}

function labelsOf(workload: number): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/component": "server",
    "app.kubernetes.io/instance": `release-${workload}`,
    "app.kubernetes.io/name": `workload-${workload}`,
    "app.kubernetes.io/version": "1.2.3",
    team: `team-${workload % 17}`,
  };
}

/** Who wrote which field, as the API server keeps it for server-side apply: most of an object, by size. */
const MANAGED_FIELDS = [
  {
    manager: "kube-controller-manager",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-01-05T09:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `f:field${at}`,
        { ".": {}, [`k:{"name":"SETTING_${at}"}`]: { ".": {}, "f:value": {} } },
      ]),
    ),
  },
];

const CONTAINER = {
  name: "main",
  image: "registry.example/team/workload:1.2.3",
  imagePullPolicy: "IfNotPresent",
  env: Array.from({ length: 12 }, (_, at) => ({ name: `SETTING_${at}`, value: `value of setting ${at}` })),
  ports: [
    { name: "http", containerPort: 8080, protocol: "TCP" },
    { name: "metrics", containerPort: 9090, protocol: "TCP" },
  ],
  readinessProbe: { httpGet: { path: "/ready", port: "http", scheme: "HTTP" }, periodSeconds: 10, timeoutSeconds: 1 },
  resources: { limits: { cpu: "1", memory: "512Mi" }, requests: { cpu: "100m", memory: "256Mi" } },
  terminationMessagePath: "/dev/termination-log",
  volumeMounts: [
    { name: "kube-api-access", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true },
  ],
};

function specOf(workload: number): Readonly<Record<string, unknown>> {
  return {
    volumes: [{ name: "kube-api-access", projected: { sources: [{ serviceAccountToken: { path: "token" } }] } }],
    containers: [CONTAINER],
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    serviceAccountName: `workload-${workload}`,
    schedulerName: "default-scheduler",
    tolerations: [
      { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 },
    ],
  };
}

const CONDITIONS = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"].map(
  (type) => ({
    type,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: "2026-01-05T09:00:01Z",
  }),
);

function podOf(pod: number, { workloads }: ClusterSize): object {
  const workload = pod % workloads;
  const hash = HASHES[0];
  const name = `workload-${workload}-${hash}`;
  const node = pod % 500;
  return {
    metadata: {
      name: `${name}-${suffix(pod)}`,
      generateName: `${name}-`,
      namespace: namespaceOf(workload),
      uid: uid(pod),
      resourceVersion: String(1_000_000 + pod),
      creationTimestamp: "2026-01-05T09:00:00Z",
      labels: { ...labelsOf(workload), "pod-template-hash": hash },
      annotations: { "prometheus.io/scrape": "true", "example.com/config-hash": "0123456789abcdef".repeat(4) },
      ownerReferences: [
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          name,
          uid: uid(100_000 + workload * 4),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
      managedFields: MANAGED_FIELDS,
    },
    spec: { ...specOf(workload), nodeName: `ip-192-168-${node >> 8}-${node & 255}.internal.example` },
    status: {
      phase: "Running",
      conditions: CONDITIONS,
      hostIP: `192.168.${node >> 8}.${node & 255}`,
      hostIPs: [{ ip: `192.168.${node >> 8}.${node & 255}` }],
      podIP: podAddress(pod),
      podIPs: [{ ip: podAddress(pod) }],
      startTime: "2026-01-05T09:00:00Z",
      containerStatuses: [
        { name: "main", ready: true, restartCount: 0, state: { running: { startedAt: "2026-01-05T09:00:02Z" } } },
      ],
      qosClass: "Burstable",
    },
  };
}

function controllerMeta(name: string, workload: number, number: number): Readonly<Record<string, unknown>> {
  return {
    name,
    namespace: namespaceOf(workload),
    uid: uid(number),
    creationTimestamp: "2026-01-01T00:00:00Z",
    labels: labelsOf(workload),
    managedFields: MANAGED_FIELDS,
  };
}

function selectorOf(workload: number): Readonly<Record<string, string>> {
  return { "app.kubernetes.io/instance": `release-${workload}`, "app.kubernetes.io/name": `workload-${workload}` };
}

function deploymentOf(workload: number): object {
  return {
    metadata: controllerMeta(`workload-${workload}`, workload, 200_000 + workload),
    spec: {
      replicas: 17,
      selector: { matchLabels: selectorOf(workload) },
      template: { metadata: { labels: labelsOf(workload) }, spec: specOf(workload) },
    },
    status: { replicas: 17 },
  };
}

/** Of four ReplicaSets of a Deployment three are kept for going back to them. */
function replicaSetOf(at: number): object {
  const workload = Math.floor(at / 4);
  const hash = HASHES[0].slice(0, 9) + (SAFE[at % 4 === 0 ? 20 : at % 4] ?? "");
  const own = at % 4 === 0 ? HASHES[0] : hash;
  const owner = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    name: `workload-${workload}`,
    uid: uid(200_000 + workload),
    controller: true,
  };
  return {
    metadata: { ...controllerMeta(`workload-${workload}-${own}`, workload, 100_000 + at), ownerReferences: [owner] },
    spec: {
      replicas: at % 4 === 0 ? 17 : 0,
      selector: { matchLabels: { ...selectorOf(workload), "pod-template-hash": own } },
      template: { metadata: { labels: { ...labelsOf(workload), "pod-template-hash": own } }, spec: specOf(workload) },
    },
  };
}

function serviceOf(at: number): object {
  return {
    metadata: controllerMeta(`service-${at}`, at, 300_000 + at),
    spec: {
      type: "ClusterIP",
      clusterIP: `172.20.${at >> 8}.${at & 255}`,
      clusterIPs: [`172.20.${at >> 8}.${at & 255}`],
      selector: selectorOf(at),
      ports: [
        { name: "http", port: 80, targetPort: "http", protocol: "TCP" },
        { name: "metrics", port: 9090, targetPort: 9090, protocol: "TCP" },
      ],
    },
    status: { loadBalancer: {} },
  };
}

function nodeOf(at: number): object {
  return {
    metadata: {
      name: `ip-192-168-${at >> 8}-${at & 255}.internal.example`,
      uid: uid(400_000 + at),
      managedFields: MANAGED_FIELDS,
    },
    spec: { podCIDR: `100.${64 + (at >> 8)}.${at & 255}.0/24`, podCIDRs: [`100.${64 + (at >> 8)}.${at & 255}.0/24`] },
    status: { addresses: [{ type: "InternalIP", address: `192.168.${at >> 8}.${at & 255}` }], conditions: CONDITIONS },
  };
}

function sliceOf(service: number, { pods, workloads }: ClusterSize): object {
  const own = Array.from({ length: Math.floor(pods / workloads) }, (_, at) => service + at * workloads);
  return {
    metadata: {
      ...controllerMeta(`service-${service}-x1y2z`, service, 500_000 + service),
      labels: { "kubernetes.io/service-name": `service-${service}` },
    },
    addressType: "IPv4",
    ports: [{ name: "http", port: 8080, protocol: "TCP" }],
    endpoints: own.map((pod) => ({
      addresses: [podAddress(pod)],
      conditions: { ready: true, serving: true, terminating: false },
      nodeName: `ip-192-168-${(pod % 500) >> 8}-${(pod % 500) & 255}.internal.example`,
      targetRef: {
        kind: "Pod",
        name: `workload-${service}-${HASHES[0]}-${suffix(pod)}`,
        namespace: namespaceOf(service),
        uid: uid(pod),
      },
    })),
  };
}
