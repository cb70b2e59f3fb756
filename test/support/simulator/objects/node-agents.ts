import type { ContainerPort, Labels } from "../world.ts";
import { type HostContainer, hostSpec, hostStatus } from "./host-pods.ts";
import { type Moment, metaOf } from "./moment.ts";
import { type KubeObject, ownedBy, suffixOf } from "./object.ts";

/** A DaemonSet in the host's network of every node, control planes too, that no flow names. */
interface NodeAgent {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly selector: Labels;
  readonly container: HostContainer;
}

function tcp(name: string, port: number): ContainerPort {
  return { name, protocol: "TCP", port };
}

const CILIUM: NodeAgent = {
  namespace: "kube-system",
  name: "cilium",
  labels: { "app.kubernetes.io/name": "cilium-agent", "k8s-app": "cilium" },
  selector: { "k8s-app": "cilium" },
  container: {
    name: "cilium-agent",
    ports: [tcp("peer-service", 4244), tcp("prometheus", 9962), tcp("hubble-metrics", 9965)],
    probe: { host: "127.0.0.1", port: 9879 },
    serviceAccount: "cilium",
  },
};

/** The DNS cache on each node: it listens on a link-local address and on the DNS Service's own. */
function nodeLocalDns({ world }: Moment): NodeAgent {
  const { namespace, service } = world.dns;
  const address = world.services.find((one) => one.namespace === namespace && one.name === service)?.clusterIp;
  const labels = { "k8s-app": "node-local-dns" };
  return {
    namespace,
    name: "node-local-dns",
    labels,
    selector: labels,
    container: {
      name: "node-cache",
      args: ["-localip", `169.254.20.10,${address}`, "-conf", "/etc/Corefile"],
      ports: [{ name: "dns", protocol: "UDP", port: 53 }, tcp("dns-tcp", 53), tcp("metrics", 9253)],
      probe: { host: "169.254.20.10", port: 8080 },
      serviceAccount: "node-local-dns",
    },
  };
}

function nodeAgents(moment: Moment): NodeAgent[] {
  return moment.world.dns.nodeLocal === "host" ? [CILIUM, nodeLocalDns(moment)] : [CILIUM];
}

/** `namespace/name` of the ServiceAccounts that node agents have. */
export function agentAccounts(moment: Moment): string[] {
  return nodeAgents(moment).map(({ namespace, container }) => `${namespace}/${container.serviceAccount}`);
}

function objectsOf(moment: Moment, agent: NodeAgent): KubeObject[] {
  const { nodes, cluster } = moment.world;
  const { namespace, name, labels } = agent;
  const spec = hostSpec(agent.container);
  const count = nodes.length;
  const own: KubeObject = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { ...metaOf(moment, "DaemonSet", { namespace, name, labels }), generation: 1 },
    spec: { selector: { matchLabels: agent.selector }, template: { metadata: { labels }, spec } },
    status: { currentNumberScheduled: count, desiredNumberScheduled: count, numberMisscheduled: 0, numberReady: count },
  };
  const revision = suffixOf(`${cluster}/${name}`, 9);
  const pods = nodes.map((node) => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metaOf(moment, "Pod", {
        namespace,
        name: `${name}-${suffixOf(node.name)}`,
        labels: { ...labels, "controller-revision-hash": revision, "pod-template-generation": "1" },
      }),
      generateName: `${name}-`,
      ownerReferences: ownedBy(own),
    },
    spec: { ...spec, nodeName: node.name },
    status: hostStatus(moment, node),
  }));
  return [own, ...pods];
}

/** What runs in the host's network of every node: Cilium's agent, and the DNS cache where the world has one there. */
export function agentObjects(moment: Moment): KubeObject[] {
  return nodeAgents(moment).flatMap((agent) => objectsOf(moment, agent));
}
