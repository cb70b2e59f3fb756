import { type CompiledNetworkWorld, compileNetworkWorld } from "../../src/evaluator/network/compile.ts";
import { evaluateConnection } from "../../src/evaluator/network/evaluate.ts";
import type { DirectionVerdict, NetworkVerdict } from "../../src/evaluator/network/verdict.ts";
import type { Connection as Attempt, WorldPod } from "../../src/evaluator/network/world.ts";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import type { Connection, End, Simulation } from "./simulator/index.ts";

/** A connection that was attempted in a simulation, and what policies say to it. */
export interface PodVerdict {
  readonly connection: Connection;
  readonly verdict: NetworkVerdict;
}

/**
 * What policies say to each wanted connection between pods and with outside that was attempted in a simulation. Pods are
 * judged one by one and by the labels their controllers gave them: nothing that was learned from records has a part in
 * it. Of connections between the same two pods and to the same port one is judged; those with an entity are left out.
 */
export function podVerdicts(
  simulation: Simulation,
  policies: readonly NetworkPolicy[],
  wanted: (connection: Connection) => boolean,
): PodVerdict[] {
  const world = worldOf(simulation, policies);
  const judged = new Map<string, PodVerdict>();
  for (const connection of simulation.connections.filter(wanted)) {
    const { protocol, port } = connection;
    const [from, to] = [endOf(connection.client), endOf(connection.server)];
    const key = JSON.stringify([from, to, protocol, port]);
    if (from === undefined || to === undefined || judged.has(key)) continue;
    judged.set(key, { connection, verdict: evaluateConnection(world, { from, to, protocol, port }) });
  }
  return [...judged.values()];
}

/** A pair of workloads and a port, and what policies say to it. */
export interface PairVerdict {
  /** As edgeName has it: `shop/cart -> shop/redis TCP 6379`. */
  readonly name: string;
  readonly verdict: NetworkVerdict;
}

/** What policies say to each pair of workloads on each port that somebody uses, tried with the first pod of each. */
export function pairVerdicts(simulation: Simulation, policies: readonly NetworkPolicy[]): PairVerdict[] {
  const world = worldOf(simulation, policies);
  const ends = [...simulation.population].flatMap(([key, pods]) =>
    pods.slice(0, 1).map((one) => ({ key, end: { namespace: one.workload.namespace, name: one.name } })),
  );
  const ports = new Map(
    simulation.connections.map(({ protocol, port }) => [`${protocol} ${port}`, { protocol, port }] as const),
  );
  return ends.flatMap(({ key: client, end: from }) =>
    ends
      .filter(({ key }) => key !== client)
      .flatMap(({ key: server, end: to }) =>
        [...ports].map(([text, what]) => ({
          name: `${client} -> ${server} ${text}`,
          verdict: evaluateConnection(world, { from, to, ...what }),
        })),
      ),
  );
}

function worldOf(simulation: Simulation, policies: readonly NetworkPolicy[]): CompiledNetworkWorld {
  const pods = podsOf(simulation);
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))].map((name) => ({ name, labels: {} }));
  const world = compileNetworkWorld({ namespaces, pods, policies });
  if (world.problems.length > 0) throw new Error(JSON.stringify(world.problems));
  return world;
}

function podsOf({ population }: Simulation): WorldPod[] {
  const pods = new Map([...population.values()].flat().map((one) => [`${one.workload.namespace}/${one.name}`, one]));
  return [...pods.values()].map((one, index) => ({
    namespace: one.workload.namespace,
    name: one.name,
    labels: { ...one.workload.labels, ...one.runtimeLabels },
    // An address of its own for each: one that went round in the simulation must not mix pods up here.
    ips: [`fd00::${(index + 1).toString(16)}`],
    hostNetwork: false,
    ports: [],
  }));
}

function endOf(end: End): Attempt["from"] | undefined {
  if (end.kind === "entity") return undefined;
  if (end.kind === "external") return { ip: end.ip };
  return { namespace: end.pod.workload.namespace, name: end.pod.name };
}

/** True when policies close a direction: they isolate the pod, and no rule of theirs lets everybody through. */
export function isClosed({ isolated, allowedBy }: DirectionVerdict): boolean {
  return isolated === "yes" && !allowedBy.some(({ peer }) => peer === undefined);
}
