import type { ContainerPort, Labels, Service, ServicePort, SimProtocol, Workload, World } from "./world.ts";

/** Labels that a release changes: nobody who knows a controller's selector cannot be changed selects by them. */
const RELEASE = ["helm.sh/chart", "version", "app.kubernetes.io/version"];

/** The same function, which works an answer out once for each world and thing in it. */
function remembered<Thing extends object, Answer extends object>(
  work: (world: World, thing: Thing) => Answer,
): (world: World, thing: Thing) => Answer {
  const worlds = new WeakMap<World, Map<Thing, Answer>>();
  return (world, thing) => {
    const answers = worlds.get(world) ?? new Map<Thing, Answer>();
    worlds.set(world, answers);
    const answer = answers.get(thing) ?? work(world, thing);
    answers.set(thing, answer);
    return answer;
  };
}

/** True when every label of the selector is there. */
export function matches(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/**
 * What a workload's controller selects its pods by: what the world says, else its labels without those that a release
 * changes, as long as no other workload of its namespace has these as well.
 */
export const selectorOf: (world: World, workload: Workload) => Labels = remembered(findSelector);

function findSelector(world: World, workload: Workload): Labels {
  if (workload.selector !== undefined) return workload.selector;
  const stable = Object.fromEntries(Object.entries(workload.labels).filter(([key]) => !RELEASE.includes(key)));
  const matched = world.workloads.filter((one) => one.namespace === workload.namespace && matches(stable, one.labels));
  return matched.length === 1 && Object.keys(stable).length > 0 ? stable : workload.labels;
}

/** What a Service sends to; undefined when somebody else writes its endpoints. */
export function serviceSelectorOf(world: World, service: Service): Labels | undefined {
  if (service.endpoints !== undefined || service.type === "ExternalName") return undefined;
  if (service.selector !== undefined) return service.selector;
  const workload = world.workloads.find((one) => one.namespace === service.namespace && one.name === service.workload);
  if (workload === undefined) throw new RangeError(`Service ${service.namespace}/${service.name} has no workload`);
  return selectorOf(world, workload);
}

/** The workloads whose pods a Service sends to. */
export const backendsOf: (world: World, service: Service) => readonly Workload[] = remembered(findBackends);

function findBackends(world: World, service: Service): Workload[] {
  const selector = serviceSelectorOf(world, service);
  if (selector === undefined) return [];
  return world.workloads.filter((one) => one.namespace === service.namespace && matches(selector, one.labels));
}

/** The port of that workload's pods behind a Service's port; undefined when they do not declare the one it names. */
export function targetPortOf(port: ServicePort, workload: Workload): number | undefined {
  if (port.targetName === undefined) return port.targetPort;
  return workload.ports?.find((one) => one.name === port.targetName && one.protocol === port.protocol)?.port;
}

/** A port's number on every node: what the world says, else what the API server gives out, none twice. */
export function nodePortOf(world: World, service: Service, port: ServicePort): number | undefined {
  const open = world.services.filter(({ type }) => type === "NodePort" || type === "LoadBalancer");
  if (!open.includes(service)) return undefined;
  const taken = new Set(open.flatMap(({ ports }) => ports.map((one) => one.nodePort)));
  const given = open.flatMap(({ ports }) => ports).filter((one) => one.nodePort === undefined);
  let next = 30_000;
  for (const one of given) {
    while (taken.has(next)) next += 1;
    if (one === port) return next;
    next += 1;
  }
  return port.nodePort;
}

/** A Service as somebody dials it: its address and its own port. */
export interface Dialled {
  readonly service: Pick<Service, "namespace" | "name" | "clusterIp">;
  readonly port: number;
}

/** The first Service with an address of its own that leads to that port of a workload. */
export function serviceOf(
  world: World,
  workload: Workload,
  to: { readonly protocol: SimProtocol; readonly port: number },
): Dialled | undefined {
  for (const service of world.services) {
    if (service.clusterIp === "None" || !backendsOf(world, service).includes(workload)) continue;
    const port = service.ports.find((one) => one.protocol === to.protocol && targetPortOf(one, workload) === to.port);
    if (port !== undefined) return { service, port: port.port };
  }
  return undefined;
}

/** The Service without a selector whose endpoints have that address outside the cluster. */
export function serviceOfAddress(
  world: World,
  address: string,
  to: { readonly protocol: SimProtocol; readonly port: number },
): Dialled | undefined {
  for (const service of world.services) {
    if (service.endpoints?.includes(address) !== true) continue;
    const port = service.ports.find((one) => one.protocol === to.protocol && one.targetPort === to.port);
    if (port !== undefined) return { service, port: port.port };
  }
  return undefined;
}

/** The API server's own Service, which no world has to name. */
export const KUBERNETES: Dialled = {
  service: { namespace: "default", name: "kubernetes", clusterIp: "10.96.0.1" },
  port: 443,
};

/** What a workload's container declares, sorted: what the world says, else wherever the world meets it. */
export const containerPortsOf: (world: World, workload: Workload) => readonly ContainerPort[] =
  remembered(findContainerPorts);

function findContainerPorts(world: World, workload: Workload): readonly ContainerPort[] {
  if (workload.ports !== undefined) return workload.ports;
  const met = new Map<string, ContainerPort>();
  const meet = (protocol: SimProtocol, port: number): unknown => met.set(`${protocol} ${port}`, { protocol, port });
  for (const { server, protocol, port } of world.edges) {
    if (server.kind === "workload" && server.namespace === workload.namespace && server.name === workload.name)
      meet(protocol, port);
  }
  for (const service of world.services) {
    if (!backendsOf(world, service).includes(workload)) continue;
    for (const port of service.ports) meet(port.protocol, targetPortOf(port, workload) ?? port.targetPort);
  }
  if (workload.probe !== undefined) meet("TCP", workload.probe.port);
  return [...met.values()].toSorted((a, b) => a.port - b.port || (a.protocol < b.protocol ? -1 : 1));
}
