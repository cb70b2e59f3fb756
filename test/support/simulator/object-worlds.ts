import { buildWorld, nodes, service, workload } from "./build-world.ts";
import { callers, controllers, type District, doors, namedPorts, twins } from "./districts.ts";
import type { Extensions, Namespace, Service, Workload, World } from "./world.ts";

/** What a world's names are resolved by. */
interface Names {
  readonly workload: Workload;
  readonly service: Service;
  readonly port: number;
}

/** Port 53 of the pods, which they call by its number. */
const PLAIN_DNS: Names = {
  workload: workload("kube-system/coredns", { replicas: 2, labels: { "k8s-app": "kube-dns" } }),
  service: {
    ...service("kube-system/kube-dns", "10.96.0.10", [
      [53, 53, "UDP"],
      [53, 53],
    ]),
    workload: "coredns",
  },
  port: 53,
};

/** As OpenShift has it: a DaemonSet on 5353, behind names that its Service's port 53 points to. */
const OPENSHIFT_DNS: Names = {
  workload: workload("openshift-dns/dns-default", {
    kind: "DaemonSet",
    labels: { "dns.operator.openshift.io/daemonset-dns": "default" },
    serviceAccount: "dns",
    ports: [
      { name: "dns", protocol: "UDP", port: 5353 },
      { name: "dns-tcp", protocol: "TCP", port: 5353 },
      { name: "metrics", protocol: "TCP", port: 9154 },
    ],
  }),
  service: {
    ...service("openshift-dns/dns-default", "10.96.0.10", []),
    ports: [
      { name: "dns", protocol: "UDP", port: 53, targetPort: 5353, targetName: "dns" },
      { name: "dns-tcp", protocol: "TCP", port: 53, targetPort: 5353, targetName: "dns-tcp" },
    ],
  },
  port: 5353,
};

const NO_EXTENSIONS: Extensions = { webhooks: [], apiServices: [], ingresses: [], routes: [], monitors: [] };

function worldOf(districts: readonly District[], names: Names): World {
  const all = <T>(pick: (district: District) => readonly T[] | undefined): T[] =>
    districts.flatMap((district) => pick(district) ?? []);
  const spaces = [...new Set([names.workload.namespace, "kube-system", ...all((one) => one.namespaces)])];
  const extensions = districts.reduce<Extensions>(
    (sum, { extensions: more = {} }) => ({ ...sum, ...more }),
    NO_EXTENSIONS,
  );
  const namespaces = spaces.map((name): Namespace => ({ name, labels: {} }));
  return buildWorld({
    cluster: "objects",
    nodes: nodes(4),
    namespaces,
    workloads: [...all((one) => one.workloads), names.workload],
    services: [...all((one) => one.services), names.service],
    externals: all((one) => one.outside),
    edges: all((one) => one.edges),
    denied: [],
    dns: {
      namespace: names.workload.namespace,
      workload: names.workload.name,
      service: names.service.name,
      port: names.port,
      nodeLocal: "none",
    },
    resolvers: all((one) => one.resolving).map((peer) => ({ peer, perHour: 3 })),
    extensions,
  });
}

/** Small worlds, each with something that flows alone do not tell and the cluster's objects do. */
export const OBJECT_WORLDS = {
  "named ports": worldOf([namedPorts], PLAIN_DNS),
  doors: worldOf([doors], PLAIN_DNS),
  controllers: worldOf([controllers], PLAIN_DNS),
  twins: worldOf([twins], PLAIN_DNS),
  callers: worldOf([callers], PLAIN_DNS),
  openshift: worldOf([namedPorts, controllers], OPENSHIFT_DNS),
  everything: worldOf([namedPorts, doors, controllers, twins, callers], PLAIN_DNS),
} as const;
