import { containerPortsOf } from "../services.ts";
import type { Labels, Workload, World } from "../world.ts";

/** A name that may be a container's: no dots, at most 63 characters. */
function containerName(name: string): string {
  return name.replaceAll(".", "-").slice(0, 63);
}

function probesOf(world: World, workload: Workload): object {
  if (workload.probe === undefined) return {};
  const { port } = workload.probe;
  const named = containerPortsOf(world, workload).find((one) => one.port === port && one.protocol === "TCP")?.name;
  const timing = { periodSeconds: 10, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 3 };
  return {
    livenessProbe: { tcpSocket: { port }, ...timing },
    readinessProbe: { httpGet: { path: "/healthz", port: named ?? port, scheme: "HTTP" }, ...timing },
  };
}

function portsOf(world: World, workload: Workload): object {
  const ports = containerPortsOf(world, workload).map(({ name, port, protocol }) => ({
    name,
    containerPort: port,
    hostPort: workload.hostNetwork === true ? port : undefined,
    protocol,
  }));
  return ports.length === 0 ? {} : { ports };
}

/** The spec of a workload's pods; `release` counts its templates from 1. */
export function podSpecOf(world: World, workload: Workload, release: number): Readonly<Record<string, unknown>> {
  const batch = workload.kind === "CronJob" || workload.kind === "Job";
  return {
    containers: [
      {
        name: containerName(workload.name),
        image: `registry.example/${workload.namespace}/${workload.name}:1.${release}`,
        imagePullPolicy: "IfNotPresent",
        ...portsOf(world, workload),
        ...probesOf(world, workload),
        resources: {},
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
      },
    ],
    dnsPolicy: workload.hostNetwork === true ? "ClusterFirstWithHostNet" : "ClusterFirst",
    hostNetwork: workload.hostNetwork,
    restartPolicy: batch ? "OnFailure" : "Always",
    schedulerName: "default-scheduler",
    securityContext: {},
    serviceAccount: workload.serviceAccount,
    serviceAccountName: workload.serviceAccount,
    terminationGracePeriodSeconds: 30,
  };
}

/** A pod template; `added` are the labels that a controller puts in (pod-template-hash in a ReplicaSet's). */
export function templateOf(
  world: World,
  workload: Workload,
  release: number,
  added: Labels = {},
): { readonly metadata: object; readonly spec: object } {
  return {
    metadata: { labels: { ...workload.labels, ...added }, annotations: workload.annotations },
    spec: podSpecOf(world, workload, release),
  };
}
