import { describe, expect, it } from "vitest";
import { directoryOf } from "../../src/inventory/directory/directory.ts";
import { inferTraffic } from "../../src/inventory/inferred/infer.ts";
import type { InferredKind } from "../../src/model/inferred.ts";
import { manifest } from "../inventory/directory/objects.ts";
import {
  OBJECT_WORLDS,
  randomCluster,
  type ServiceReference,
  type Simulation,
  shop,
  type World,
} from "../support/simulator/index.ts";
import { backendsOf, targetPortOf } from "../support/simulator/services.ts";
import { dumpAt, restless } from "./read-objects.ts";

/** `webhooks shop/cart 8443/TCP` for all that a world's objects promise, by what the world itself says. */
function truthOf(world: World): ReadonlySet<string> {
  const { webhooks = [], apiServices = [], ingresses = [], routes = [], monitors = [] } = world.extensions ?? {};
  const behind = (
    kind: InferredKind,
    { namespace, name, port: wanted }: Omit<ServiceReference, "port"> & { port?: number },
  ) => {
    const service = world.services.find((one) => one.namespace === namespace && one.name === name);
    if (service === undefined) return [];
    const ports = service.ports.filter(({ port }) => wanted === undefined || port === wanted);
    return ports.flatMap((port) =>
      backendsOf(world, service).flatMap((workload) => {
        const target = targetPortOf(port, workload);
        const isAsked = port.protocol === "TCP" || kind === "loadbalancers" || kind === "nodeports";
        if (target === undefined || workload.hostNetwork === true || !isAsked) return [];
        return [`${kind} ${workload.namespace}/${workload.name} ${target}/${port.protocol}`];
      }),
    );
  };
  const exposed = world.services.flatMap((service) => {
    const { namespace, name } = service;
    if (service.type === "LoadBalancer") return behind("loadbalancers", { namespace, name });
    return service.type === "NodePort" ? behind("nodeports", { namespace, name }) : [];
  });
  const annotated = world.workloads.flatMap(({ namespace, name, annotations = {}, hostNetwork }) => {
    const isScraped = annotations["prometheus.io/scrape"] === "true" && hostNetwork !== true;
    return isScraped ? [`scrapes ${namespace}/${name} ${annotations["prometheus.io/port"]}/TCP`] : [];
  });
  return new Set([
    ...webhooks.flatMap(({ service }) => behind("webhooks", service)),
    ...apiServices.flatMap(({ service }) => behind("apiservices", service)),
    ...ingresses.flatMap(({ service }) => behind("ingress", service)),
    ...routes.flatMap(({ service }) => behind("gateways", service)),
    ...monitors.flatMap(({ service }) => behind("scrapes", service)),
    ...exposed,
    ...annotated,
  ]);
}

function inferredFrom(world: World, simulation: Simulation) {
  const at = simulation.connections[Math.floor(simulation.connections.length / 2)]?.time ?? 0;
  const objects = dumpAt(world, simulation, at).map((one) => manifest({ ...one }));
  return inferTraffic(objects, directoryOf(objects));
}

const WORLDS: readonly (readonly [string, World])[] = [
  ["shop", shop()],
  ...Object.entries(OBJECT_WORLDS),
  ...Array.from({ length: 8 }, (_, seed) => [`made-up ${seed}`, randomCluster(seed, 24)] as const),
];

describe("what the simulator's objects promise", () => {
  it.each(WORLDS)("is read as the world %s means it", (_name, world) => {
    const { traffic, unresolved } = inferredFrom(world, restless(world));
    const found = traffic.map(
      ({ kind, server, port, protocol }) => `${kind} ${server.namespace}/${server.name} ${port}/${protocol}`,
    );
    expect(new Set(found)).toEqual(truthOf(world));
    // What is not known of a promise is a port that some pods do not have, or not over TCP.
    for (const { problem } of unresolved)
      expect(problem).toMatch(/does not declare the port|no known workload behind|has no port \d+ over TCP/u);
  });

  it("is of all kinds", () => {
    const all = WORLDS.flatMap(([, world]) => [...truthOf(world)].map((text) => text.split(" ")[0]));
    expect(new Set(all).size).toBe(7);
  });
});
