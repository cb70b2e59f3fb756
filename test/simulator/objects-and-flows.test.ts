import { describe, expect, it } from "vitest";
import type { NetworkPolicy } from "../../src/model/manifest.ts";
import { podVerdicts } from "../support/pod-verdicts.ts";
import {
  type Connection,
  type End,
  edgeName,
  OBJECT_WORLDS,
  type Simulation,
  type World,
} from "../support/simulator/index.ts";
import { type Flow, flowsOf, type Sent, sentOf, tupleOf, tuplesOf } from "./read-flows.ts";
import {
  behind,
  byUid,
  CLUSTERS,
  type Dumped,
  dumpAt,
  dumper,
  holdersOf,
  lastOwner,
  matches,
  nodeAddresses,
  ofKind,
  pathOf,
  restless,
  slicesOf,
  some,
} from "./read-objects.ts";

function workloadOf(end: End): string | undefined {
  if (end.kind !== "pod") return undefined;
  const { namespace, name, kind } = end.pod.workload;
  return `${kind} ${namespace}/${name}`;
}

describe.each(CLUSTERS)("the objects of %s, held against its flows", (_, world) => {
  const simulation = restless(world);
  const at = dumper(world, simulation);

  it("have a pod at each end's address at that time, and its owners lead to the end's workload", () => {
    let met = 0;
    for (const { client, server, time } of some(simulation.connections, 60)) {
      const dump = at(time);
      const uids = byUid(dump);
      for (const end of [client, server]) {
        const holders = holdersOf(dump, end.ip);
        const expected = workloadOf(end);
        const owners = holders.map((pod) => lastOwner(uids, pod)).map((one) => `${one.kind} ${pathOf(one)}`);
        expect(owners).toEqual(expected === undefined ? [] : [expected]);
        if (end.kind === "entity" && end.entity !== "other-cluster") expect(nodeAddresses(dump)).toContain(end.ip);
        if (end.kind !== "pod") continue;
        expect(holders[0]?.metadata.name).toBe(end.pod.name);
        expect(holders[0]?.spec?.nodeName).toBe(end.node.name);
        met += 1;
      }
    }
    expect(met).toBeGreaterThan(40);
  });

  it("know each pod that a record names, at the address it has there and with the labels it shows", () => {
    const connections = new Map(simulation.connections.map((one) => [tupleOf(one), one]));
    const flows = some(flowsOf(simulation), 200);
    let met = 0;
    for (const flow of flows) {
      const connection = tuplesOf(flow).flatMap((tuple) => connections.get(tuple) ?? [])[0];
      if (connection === undefined) continue;
      const pods = ofKind(at(connection.time), "Pod");
      for (const [side, ip] of [
        [flow.source, flow.IP?.source],
        [flow.destination, flow.IP?.destination],
      ] as const) {
        if (side?.pod_name === undefined || side.namespace === "stock") continue;
        const pod = pods.find((one) => pathOf(one) === `${side.namespace}/${side.pod_name}`);
        expect(pod?.status?.podIP, `${side.namespace}/${side.pod_name}`).toBe(ip);
        expect(strangeLabels(side, pod)).toEqual([]);
        met += 1;
      }
    }
    expect(met).toBeGreaterThan(60);
  });

  it("have the endpoints that selectors, ports and readiness give", () => {
    for (const { time } of some(simulation.connections, 4)) {
      const dump = dumpAt(world, simulation, time);
      const pods = ofKind(dump, "Pod");
      for (const service of ofKind(dump, "Service")) {
        if (service.spec?.selector === undefined) continue;
        expect(writtenEndpoints(dump, service), pathOf(service)).toEqual(expectedEndpoints(pods, service));
        const behindIt = slicesOf(dump, service).flatMap(({ endpoints = [] }) => endpoints);
        const ended = behindIt.filter(
          ({ targetRef }) => byUid(dump).get(targetRef?.uid ?? "")?.status?.phase !== "Running",
        );
        expect(ended).toEqual([]);
      }
    }
  });

  it("have policies that let through what took place and refuse what was refused", () => {
    const policies = ofKind(at(simulation.connections[0]!.time), "NetworkPolicy");
    const parsed = policies as readonly unknown[] as NetworkPolicy[];
    const took = podVerdicts(simulation, parsed, (one) => one.denied === undefined);
    expect(
      took.filter(({ verdict }) => verdict.verdict !== "allowed").map(({ connection }) => named(connection)),
    ).toEqual([]);
    const refused = podVerdicts(simulation, parsed, (one) => one.denied !== undefined);
    expect(
      refused.filter(({ verdict }) => verdict.verdict !== "denied").map(({ connection }) => named(connection)),
    ).toEqual([]);
    expect(refused.length > 0).toBe(simulation.truth.denied.length > 0);
  });
});

/** Labels that a record shows of a pod and its object does not have. */
function strangeLabels(side: NonNullable<Flow["source"]>, pod: Dumped | undefined): string[] {
  const shown = (side.labels ?? []).filter(
    (one) => one.startsWith("k8s:") && !/^k8s:io\.(cilium|kubernetes)\./.test(one),
  );
  const own = Object.entries(pod?.metadata.labels ?? {}).map(([key, value]) => `k8s:${key}=${value}`);
  return shown.filter((one) => !own.includes(one));
}

function named(connection: Connection): string {
  const text = (end: End): string => workloadOf(end) ?? end.ip;
  return `${text(connection.client)} -> ${text(connection.server)} ${connection.protocol} ${connection.port}`;
}

/** `name protocol address port`, sorted, of all slices of a Service. */
function writtenEndpoints(dump: readonly Dumped[], service: Dumped): string[] {
  return slicesOf(dump, service)
    .flatMap(({ ports = [], endpoints = [] }) =>
      endpoints
        .filter(({ conditions }) => conditions.ready === true)
        .flatMap(({ addresses }) =>
          ports.map(({ name, protocol, port }) => `${name} ${protocol} ${addresses[0]} ${port}`),
        ),
    )
    .toSorted();
}

/** The same, worked out from the Service's selector and the pods' containers. */
function expectedEndpoints(pods: readonly Dumped[], service: Dumped): string[] {
  const selector = service.spec?.selector ?? {};
  const backends = pods.filter(
    ({ metadata: { namespace, labels, deletionTimestamp }, status }) =>
      namespace === service.metadata.namespace &&
      matches(selector, labels) &&
      status?.phase === "Running" &&
      deletionTimestamp === undefined,
  );
  return backends
    .flatMap(({ spec, status }) =>
      (service.spec?.ports ?? []).flatMap(({ name = "", protocol, targetPort }) => {
        const containers = (spec?.containers ?? []).flatMap((one) => one.ports ?? []);
        const found = containers.find((one) => one.name === targetPort && one.protocol === protocol)?.containerPort;
        const port = typeof targetPort === "number" ? targetPort : found;
        return port === undefined ? [] : [`${name} ${protocol} ${status?.podIP} ${port}`];
      }),
    )
    .toSorted();
}

interface Dialled {
  readonly flow: Flow;
  readonly connection: Connection;
  readonly sent: Sent;
}

/** The records that show a Service's address where the client's packet went, with the connections they are about. */
function dialledRecords(simulation: Simulation): Dialled[] {
  const clients = Map.groupBy(simulation.connections, ({ client, clientPort }) => `${client.ip}:${clientPort}`);
  return flowsOf(simulation).flatMap((flow) => {
    const sent = sentOf(flow);
    if (sent?.destination.startsWith("10.96.") !== true) return [];
    const candidates = clients.get(`${sent.source}:${sent.sourcePort}`) ?? [];
    const at = Date.parse(flow.time ?? "") * 1000;
    const [connection] = candidates.toSorted((one, other) => Math.abs(one.time - at) - Math.abs(other.time - at));
    return connection === undefined ? [] : [{ flow, connection, sent }];
  });
}

const DIALLED: readonly (readonly [string, World])[] = CLUSTERS.filter(([name]) => name !== "shop with IPv6");

describe.each([true, false])("Services' addresses in records of kube-proxy (named: %s)", (serviceNames) => {
  it.each(DIALLED)("lead by the objects to where the connection went (%s)", (_, world) => {
    const simulation = restless(world, {
      services: "kube-proxy",
      serviceNames,
      kubernetesService: true,
      redelivered: 0,
    });
    const records = dialledRecords(simulation);
    const at = dumper(world, simulation);
    for (const { connection, flow, sent } of some(records, 60)) {
      const to = { protocol: sent.protocol, port: sent.destinationPort };
      const { server, port, time } = connection;
      expect(behind(at(time), sent.destination, to), named(connection)).toContain(`${server.ip} ${port}`);
      expect(flow.destination_service !== undefined).toBe(serviceNames);
    }
    expect(records.length).toBeGreaterThan(0);
  });
});

describe("a NodePort under kube-proxy", () => {
  const world = OBJECT_WORLDS.doors;
  const simulation = restless(world, { services: "kube-proxy" });
  const through = simulation.connections.filter((one) => one.via !== undefined);
  const dump = dumpAt(world, simulation, simulation.connections[0]!.time);

  it("is what the client's node shows: a node's address and a number that the Service has", () => {
    const ports = ofKind(dump, "Service").flatMap(
      ({ spec }) => spec?.ports?.flatMap((one) => one.nodePort ?? []) ?? [],
    );
    const nodes = ofKind(dump, "Node").map(({ status }) => status?.addresses?.[0]?.address);
    const clients = new Set(through.map(({ client, clientPort }) => `${client.ip}:${clientPort}`));
    const sent = flowsOf(simulation).filter((flow) => clients.has(`${flow.IP?.source}:${flow.l4?.TCP?.source_port}`));
    expect(sent.length).toBeGreaterThan(10);
    expect(sent.filter((flow) => !nodes.includes(flow.IP?.destination))).toEqual([]);
    expect(new Set(sent.map((flow) => flow.l4?.TCP?.destination_port))).toEqual(
      new Set(ports.filter((one) => one === 30_080)),
    );
  });

  it("hides the client from the server, and the truth has both the pod's edge and the node's contact", () => {
    const names = simulation.truth.edges.map(edgeName);
    expect(names).toContain("doors/guest -> doors/gate TCP 8080");
    expect(simulation.truth.entities.filter((one) => one.why === "node-port").length).toBeGreaterThan(1);
    const pods = new Set(through.map(({ client }) => client.ip));
    const arrived = flowsOf(simulation).filter(
      (flow) =>
        flow.trace_observation_point === "TO_ENDPOINT" &&
        flow.is_reply === false &&
        flow.l4?.TCP?.destination_port === 8080,
    );
    expect(arrived.length).toBeGreaterThan(5);
    expect(arrived.filter((flow) => pods.has(flow.IP?.source ?? ""))).toEqual([]);
  });

  it("is not seen where the socket load balancer translates it first", () => {
    const plain = restless(world);
    const recorded = new Set(flowsOf(plain).flatMap(tuplesOf));
    expect(plain.connections.filter((one) => !recorded.has(tupleOf(one)))).toEqual([]);
    expect(plain.truth.entities.filter((one) => one.why === "node-port")).toEqual([]);
  });
});
