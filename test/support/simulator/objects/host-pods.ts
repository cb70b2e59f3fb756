import type { ClusterNode, ContainerPort } from "../world.ts";
import type { Moment } from "./moment.ts";
import { timeText } from "./object.ts";

/** A container in the host's network. */
export interface HostContainer {
  readonly name: string;
  readonly args?: readonly string[];
  readonly ports: readonly ContainerPort[];
  readonly probe: { readonly host: string; readonly port: number };
  /** Static pods may not name one. */
  readonly serviceAccount: string | undefined;
}

/** The spec of a system pod in the host's network. */
export function hostSpec({
  name,
  args,
  ports,
  probe,
  serviceAccount,
}: HostContainer): Readonly<Record<string, unknown>> {
  return {
    containers: [
      {
        name,
        image: `registry.k8s.io/${name}:v1.34.1`,
        args,
        ports: ports.map(({ name: called, port, protocol }) => ({
          name: called,
          containerPort: port,
          hostPort: port,
          protocol,
        })),
        livenessProbe: { httpGet: { path: "/livez", scheme: "HTTP", ...probe } },
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

/** The status of one that has run since the cluster was set up. */
export function hostStatus(moment: Moment, node: ClusterNode): object {
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
