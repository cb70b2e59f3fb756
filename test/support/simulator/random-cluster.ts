import { createRandom, type Random } from "./random.ts";
import { randomWorld } from "./random-world.ts";
import { containerPortsOf } from "./services.ts";
import type { Extensions, Peer, Service, ServiceReference, Workload, World } from "./world.ts";

function same(peer: Peer, { namespace, name }: Workload): boolean {
  return peer.kind === "workload" && peer.namespace === namespace && peer.name === name;
}

/** Other controllers than the usual ones, and rollouts that take their time. */
function variedKind(one: Workload, random: Random): Workload {
  if (one.kind !== "Deployment") return one;
  const roll = random.next();
  if (roll < 0.15) return { ...one, kind: "Rollout", rolling: random.integer(2, 12) };
  if (roll < 0.25) return { ...one, kind: "ReplicaSet", rollouts: 0 };
  return roll < 0.5 ? { ...one, rolling: random.integer(2, 12) } : one;
}

/** Names for all ports, or for none. */
function withNamedPorts(world: World, one: Workload, random: Random): Workload {
  if (random.chance(0.5)) return one;
  const ports = containerPortsOf(world, one).map((port) => ({
    ...port,
    name: `${port.protocol.toLowerCase()}-${port.port}`,
  }));
  return { ...one, ports };
}

/** Some DaemonSets live in the host's network; no policy isolates these or refuses them anything. */
function inHostNetwork(world: World, one: Workload, random: Random): Workload {
  const refused = world.denied.some(({ client, server }) => same(client, one) || same(server, one));
  if (one.kind !== "DaemonSet" || refused || one.name === "node-local-dns" || random.chance(0.5)) return one;
  return { ...one, hostNetwork: true, isolated: { ingress: false, egress: false }, proxied: false, probe: undefined };
}

function scraped(one: Workload, random: Random): Workload {
  const port = one.ports?.[0]?.port;
  if (port === undefined || !random.chance(0.3)) return one;
  return { ...one, annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": String(port) } };
}

/** A Service of another type, pointing to its pods' ports by name where they have names. */
function variedService(workloads: readonly Workload[], service: Service, random: Random): Service {
  const backend = workloads.find((one) => one.namespace === service.namespace && one.name === service.workload);
  const ports = service.ports.map((port) => {
    const named = backend?.ports?.find((one) => one.port === port.targetPort && one.protocol === port.protocol)?.name;
    return named === undefined ? port : { ...port, targetName: named };
  });
  const roll = random.next();
  const isDns = service.namespace === "kube-system";
  if (isDns || roll < 0.6) return { ...service, ports };
  if (roll < 0.75) return { ...service, ports, type: "NodePort" };
  if (roll < 0.85) return { ...service, ports, clusterIp: "None" };
  return { ...service, ports, type: "LoadBalancer", loadBalancerIp: `192.0.2.${random.integer(1, 254)}` };
}

/** Objects for what calls in from beside the workloads, and some for what never did. */
function extensionsOf(world: World, random: Random): Extensions {
  const reference = ({ namespace, name, ports }: Service): ServiceReference[] =>
    ports.slice(0, 1).map(({ port }) => ({ namespace, name, port }));
  const calledBy = (entity: string): ServiceReference[] =>
    world.edges
      .filter(({ client }) => client.kind === "entity" && client.entity === entity)
      .flatMap(({ server, port }) =>
        world.services.flatMap(({ namespace, name, workload, ports }) => {
          const isIts = server.kind === "workload" && server.namespace === namespace && server.name === workload;
          const found = ports.find((one) => one.targetPort === port);
          return isIts && found !== undefined ? [{ namespace, name, port: found.port }] : [];
        }),
      );
  const some = (share: number): ServiceReference[] =>
    world.services.flatMap((service) => (random.chance(share) ? reference(service) : []));
  const once = (list: readonly ServiceReference[]): ServiceReference[] => [
    ...new Map(list.map((one) => [`${one.namespace}/${one.name}`, one])).values(),
  ];
  return {
    webhooks: once([...calledBy("kube-apiserver"), ...some(0.05)]).map((service) => ({
      kind: random.pick(["Mutating", "Validating"] as const),
      service,
    })),
    apiServices: some(0.03).map((service, index) => ({ group: `g${index}.example`, version: "v1", service })),
    ingresses: once([...calledBy("ingress"), ...some(0.1)]).map((service, index) => ({
      host: `host${index}.example`,
      className: "cilium",
      service,
    })),
    routes: some(0.05).map((service, index) => ({ host: `route${index}.example`, service })),
    monitors: some(0.1).map((service) => ({ service, path: "/metrics" })),
  };
}

/** {@link randomWorld} with what only objects tell: other controllers, named ports, Services of every type, the host's network. */
export function randomCluster(seed: string | number, size: number): World {
  const world = randomWorld(seed, size);
  const random = createRandom(`${seed}/cluster`);
  const workloads = world.workloads
    .map((one) => variedKind(one, random))
    .map((one) => withNamedPorts(world, one, random))
    .map((one) => inHostNetwork(world, one, random))
    .map((one) => scraped(one, random));
  const services = world.services.map((service) => variedService(workloads, service, random));
  const varied: World = { ...world, workloads, services };
  return { ...varied, extensions: extensionsOf(varied, random) };
}
