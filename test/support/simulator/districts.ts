import { edge, entity, external, pod, service, workload } from "./build-world.ts";
import type { Extensions, Peer, Service, Workload, WorldEdge } from "./world.ts";

/** A part of a world that lives in namespaces of its own. */
export interface District {
  readonly namespaces: readonly string[];
  readonly workloads: readonly Workload[];
  readonly services?: readonly Service[];
  readonly edges: readonly WorldEdge[];
  readonly outside?: readonly { readonly address: string; readonly names: readonly string[] }[];
  readonly extensions?: Partial<Extensions>;
  readonly resolving?: readonly Peer[];
}

const EVERY_TWENTY = Array.from({ length: 72 }, (_, index) => index * 20 + 5);

/** One Service port that two Deployments answer on different numbers, and a third on none it could name. */
export const namedPorts: District = {
  namespaces: ["colours"],
  workloads: [
    workload("colours/web-blue", {
      replicas: 2,
      labels: { app: "web", colour: "blue" },
      ports: [{ name: "http", protocol: "TCP", port: 8080 }],
    }),
    workload("colours/web-green", {
      replicas: 2,
      labels: { app: "web", colour: "green" },
      ports: [{ name: "http", protocol: "TCP", port: 9000 }],
      probe: { port: 9000, perHour: 2 },
    }),
    workload("colours/web-grey", { labels: { app: "web", colour: "grey" }, ports: [{ protocol: "TCP", port: 8080 }] }),
    workload("colours/painter", { labels: { app: "painter" } }),
  ],
  services: [
    {
      ...service("colours/web", "10.96.40.1", []),
      workload: "web-blue",
      selector: { app: "web" },
      ports: [{ name: "web", protocol: "TCP", port: 80, targetPort: 8080, targetName: "http" }],
    },
  ],
  edges: [
    edge(pod("colours/painter"), pod("colours/web-blue"), 8080, { perHour: 6 }),
    edge(pod("colours/painter"), pod("colours/web-green"), 9000, { perHour: 6 }),
  ],
  resolving: [pod("colours/painter")],
};

/** Every way in from outside the pods: a NodePort that somebody outside and a pod dial, a load balancer, no selector, a name. */
export const doors: District = {
  namespaces: ["doors"],
  workloads: [
    workload("doors/gate", { replicas: 2, labels: { app: "gate" }, isolated: { ingress: true, egress: false } }),
    workload("doors/porch", { replicas: 2, labels: { app: "porch" } }),
    workload("doors/guest", { labels: { app: "guest" } }),
  ],
  services: [
    {
      ...service("doors/gate", "10.96.41.1", []),
      type: "NodePort",
      ports: [{ name: "http", protocol: "TCP", port: 80, targetPort: 8080, nodePort: 30_080 }],
    },
    { ...service("doors/porch", "10.96.41.2", [[443, 8443]]), type: "LoadBalancer", loadBalancerIp: "192.0.2.44" },
    { ...service("doors/ledger", "10.96.41.3", [[5432, 5433]]), endpoints: ["203.0.113.40", "203.0.113.41"] },
    { ...service("doors/post", "None", [[25, 25]]), type: "ExternalName", externalName: "post.outside.example" },
  ],
  edges: [
    edge(external("198.51.100.40"), pod("doors/gate"), 8080, { perHour: 4 }),
    edge(pod("doors/guest"), pod("doors/gate"), 8080, { perHour: 8, via: "node-port" }),
    edge(external("198.51.100.41"), pod("doors/porch"), 8443, { perHour: 4 }),
    edge(pod("doors/porch"), external("203.0.113.40"), 5433, { perHour: 4 }),
    edge(pod("doors/porch"), external("203.0.113.41"), 5433, { perHour: 4 }),
    edge(pod("doors/guest"), external("203.0.113.42"), 25, { perHour: 2 }),
  ],
  outside: [{ address: "203.0.113.42", names: ["post.outside.example"] }],
};

/** A workload of every kind of controller, most of them changing in the window. */
export const controllers: District = {
  namespaces: ["works"],
  workloads: [
    workload("works/canary", { kind: "Rollout", replicas: 3, rollouts: 1, rolling: 15, labels: { app: "canary" } }),
    workload("works/front", { replicas: 3, rollouts: 1, rolling: 10, labels: { app: "front", version: "v2" } }),
    workload("works/set", { kind: "ReplicaSet", replicas: 2, labels: { app: "set" } }),
    workload("works/store", {
      kind: "StatefulSet",
      replicas: 3,
      labels: { app: "store" },
      ports: [
        { name: "db", protocol: "TCP", port: 5432 },
        { name: "peer", protocol: "TCP", port: 7000 },
      ],
      isolated: { ingress: true, egress: true },
    }),
    workload("works/agent", { kind: "DaemonSet", labels: { app: "agent" } }),
    workload("works/tick", {
      kind: "CronJob",
      labels: { app: "tick" },
      schedule: { minutesOfDay: EVERY_TWENTY, weekday: undefined },
    }),
    // Sunday only: a window in the week never sees it.
    workload("works/weekly", {
      kind: "CronJob",
      labels: { app: "weekly" },
      schedule: { minutesOfDay: [185], weekday: 0 },
    }),
    workload("works/migrate", { kind: "Job", labels: { task: "migrate" } }),
    workload("works/shell", { kind: "Pod", labels: { run: "shell" }, serviceAccount: "default" }),
  ],
  services: [
    {
      ...service("works/store", "None", []),
      ports: [{ name: "db", protocol: "TCP", port: 5432, targetPort: 5432, targetName: "db" }],
    },
    service("works/canary", "10.96.42.1", [[80, 8080]]),
    service("works/front", "10.96.42.2", [[80, 3000]]),
    service("works/set", "10.96.42.3", [[80, 8081, "TCP"]]),
  ],
  edges: [
    edge(pod("works/front"), pod("works/canary"), 8080, { perHour: 20 }),
    edge(pod("works/canary"), pod("works/store"), 5432, { perHour: 20 }),
    edge(pod("works/store"), pod("works/store"), 7000, { perHour: 8 }),
    edge(pod("works/set"), pod("works/store"), 5432, { perHour: 4 }),
    edge(pod("works/agent"), pod("works/front"), 3000, { perHour: 8 }),
    edge(pod("works/tick"), pod("works/store"), 5432, { perHour: 2 }),
    edge(pod("works/weekly"), pod("works/store"), 5432, { perHour: 2 }),
    edge(pod("works/migrate"), pod("works/store"), 5432, { perHour: 2 }),
    edge(pod("works/shell"), pod("works/set"), 8081, { perHour: 4 }),
    edge(pod("works/canary"), entity("kube-apiserver"), 6443, { perHour: 4 }),
  ],
  resolving: [pod("works/front"), pod("works/canary"), pod("works/tick")],
};

/**
 * Workloads that are hard to tell apart: `reader` and `writer` have one selector and differ by one label of their templates;
 * `left` and `right` have one selector and nothing by which anybody could tell their pods apart.
 */
export const twins: District = {
  namespaces: ["twins", "mirrors"],
  workloads: [
    workload("twins/reader", {
      replicas: 2,
      labels: { app: "ledger", role: "reader" },
      selector: { app: "ledger" },
      serviceAccount: "ledger",
    }),
    workload("twins/writer", {
      replicas: 2,
      labels: { app: "ledger", role: "writer" },
      selector: { app: "ledger" },
      serviceAccount: "ledger",
    }),
    workload("mirrors/left", { labels: { app: "mirror" }, selector: { app: "mirror" }, serviceAccount: "mirror" }),
    workload("mirrors/right", { labels: { app: "mirror" }, selector: { app: "mirror" }, serviceAccount: "mirror" }),
    workload("twins/books", { kind: "StatefulSet", labels: { app: "books" } }),
  ],
  services: [service("twins/books", "10.96.43.1", [[5432, 5432]])],
  edges: [
    edge(pod("twins/reader"), pod("twins/books"), 5432, { perHour: 6 }),
    edge(pod("twins/writer"), pod("twins/books"), 5433, { perHour: 6 }),
    edge(pod("mirrors/left"), pod("twins/books"), 5432, { perHour: 6 }),
    edge(pod("mirrors/right"), pod("twins/reader"), 8080, { perHour: 6 }),
  ],
};

/** Who is called by what the objects say, some of them never in the window: webhooks, scrapes, ingresses, probes. */
export const callers: District = {
  namespaces: ["callers", "monitoring"],
  workloads: [
    workload("callers/guard", { labels: { app: "guard" }, isolated: { ingress: true, egress: false } }),
    workload("callers/sleeper", { labels: { app: "sleeper" } }),
    workload("callers/metrics", { labels: { app: "metrics" } }),
    workload("callers/site", {
      replicas: 2,
      labels: { app: "site" },
      ports: [
        { name: "http", protocol: "TCP", port: 8080 },
        { name: "metrics", protocol: "TCP", port: 9100 },
      ],
      annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9100", "prometheus.io/path": "/metrics" },
      probe: { port: 8080, perHour: 2 },
    }),
    workload("monitoring/prometheus", { kind: "StatefulSet", labels: { app: "prometheus" } }),
    workload("monitoring/node-exporter", {
      kind: "DaemonSet",
      labels: { app: "node-exporter" },
      hostNetwork: true,
      ports: [{ name: "metrics", protocol: "TCP", port: 9100 }],
    }),
  ],
  services: [
    service("callers/guard", "10.96.44.1", [[443, 9443]]),
    service("callers/sleeper", "10.96.44.2", [[443, 9443]]),
    service("callers/metrics", "10.96.44.3", [[443, 10_250]]),
    {
      ...service("callers/site", "10.96.44.4", []),
      ports: [
        { name: "http", protocol: "TCP", port: 80, targetPort: 8080, targetName: "http" },
        { name: "metrics", protocol: "TCP", port: 9100, targetPort: 9100, targetName: "metrics" },
      ],
    },
    {
      ...service("monitoring/node-exporter", "None", []),
      ports: [{ name: "metrics", protocol: "TCP", port: 9100, targetPort: 9100, targetName: "metrics" }],
    },
  ],
  edges: [
    edge(entity("kube-apiserver"), pod("callers/guard"), 9443, { perHour: 2 }),
    edge(entity("ingress"), pod("callers/site"), 8080, { perHour: 6 }),
    edge(pod("monitoring/prometheus"), pod("callers/site"), 9100, { perHour: 6 }),
    edge(pod("monitoring/prometheus"), pod("monitoring/node-exporter"), 9100, { perHour: 12 }),
    edge(pod("monitoring/node-exporter"), pod("callers/site"), 8080, { perHour: 4 }),
  ],
  extensions: {
    webhooks: [
      { kind: "Validating", service: { namespace: "callers", name: "guard", port: 443 } },
      { kind: "Mutating", service: { namespace: "callers", name: "sleeper", port: 443 } },
    ],
    apiServices: [
      {
        group: "metrics.k8s.io",
        version: "v1beta1",
        service: { namespace: "callers", name: "metrics", port: 443 },
      },
    ],
    ingresses: [
      { host: "site.example", className: "cilium", service: { namespace: "callers", name: "site", port: 80 } },
    ],
    routes: [{ host: "gate.example", service: { namespace: "callers", name: "site", port: 80 } }],
    monitors: [
      { service: { namespace: "callers", name: "site", port: 9100 }, path: "/metrics" },
      { service: { namespace: "monitoring", name: "node-exporter", port: 9100 }, path: "/metrics" },
    ],
  },
};
