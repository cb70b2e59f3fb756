import { describe, expect, it } from "vitest";
import {
  edgeName,
  OBJECT_PROFILES,
  OBJECT_WORLDS,
  randomCluster,
  type Simulation,
  shop,
  type World,
} from "../support/simulator/index.ts";
import { type Flow, flowsOf, type Sent, sentOf } from "./read-flows.ts";
import {
  behind,
  byUid,
  type Dumped,
  dumper,
  holdersOf,
  lastOwner,
  nodeAddresses,
  pathOf,
  restless,
} from "./read-objects.ts";

const WORLDS: readonly (readonly [string, World])[] = [
  ["shop", shop()],
  ["everything", OBJECT_WORLDS.everything],
  ["openshift", OBJECT_WORLDS.openshift],
  ["made-up 7", randomCluster(7, 24)],
  ["made-up 8", randomCluster(8, 24)],
];

const CASES = Object.entries(OBJECT_PROFILES).flatMap(([name, profile]) =>
  WORLDS.map(([cluster, world]) => [name, cluster, profile, world] as const),
);

/** `shop/cart`, the address of what is no pod's, or `node` for any address of a node. */
function nameOf(dump: readonly Dumped[], ip: string): string {
  const [holder] = holdersOf(dump, ip);
  if (holder !== undefined) return pathOf(lastOwner(byUid(dump), holder));
  return nodeAddresses(dump).has(ip) ? "node" : ip;
}

/** The servers that a record may be about: one, or all that are behind a Service's or a node's port. */
function serversOf(dump: readonly Dumped[], ip: string, to: { protocol: string; port: number }): string[] {
  const dialled = behind(dump, ip, to);
  if (dialled.length === 0) return [`${nameOf(dump, ip)} ${to.protocol} ${to.port}`];
  return dialled.map((one) => {
    const [address = "", port] = one.split(" ");
    return `${nameOf(dump, address)} ${to.protocol} ${port}`;
  });
}

interface Read {
  /** What records say for certain. */
  readonly certain: ReadonlySet<string>;
  /** Beside that, every server that is behind a Service's address. */
  readonly possible: ReadonlySet<string>;
}

/** A packet that opens a TCP connection. */
function firstPacket(flow: Flow): Sent | undefined {
  const sent = sentOf(flow);
  const opens = sent?.flags["SYN"] === true && sent.flags["ACK"] !== true;
  return opens && flow.verdict === "FORWARDED" ? sent : undefined;
}

/** What somebody finds who has the first packets of TCP connections, their addresses, and the cluster's objects. */
function readByAddress(world: World, simulation: Simulation): Read {
  const dumpAt = dumper(world, simulation);
  const certain = new Set<string>();
  const possible = new Set<string>();
  for (const flow of flowsOf(simulation)) {
    const sent = firstPacket(flow);
    if (sent === undefined) continue;
    const dump = dumpAt(Date.parse(flow.time ?? "") * 1000);
    const servers = serversOf(dump, sent.destination, { protocol: sent.protocol, port: sent.destinationPort });
    const names = servers.map((server) => `${nameOf(dump, sent.source)} -> ${server}`);
    for (const name of names) possible.add(name);
    if (new Set(names).size === 1) certain.add(names[0] ?? "");
  }
  return { certain, possible };
}

/** The names that the truth has for what a reader of addresses calls a node. */
function withNodes(name: string): string {
  return name.replaceAll(/[a-z-]+\([^)]*\)/g, "node");
}

describe("records that do not tell who is who", () => {
  it.each(CASES)("are of the same connections, and with the objects lead to them (%s: %s)", (_, __, profile, world) => {
    const simulation = restless(world, { policies: "absent", ...profile });
    const { edges, entities } = simulation.truth;
    const { certain, possible } = readByAddress(world, simulation);
    const real = new Set([...edges, ...entities].map((one) => withNodes(edgeName(one))));
    const wanted = edges.filter((one) => one.protocol === "TCP" && one.begun).map(edgeName);
    expect(wanted.filter((name) => !possible.has(name))).toEqual([]);
    expect([...certain].filter((name) => !real.has(name))).toEqual([]);
    expect(certain.size).toBeGreaterThan(10);
  });

  it.each([
    ["addresses only", []],
    ["pod names only", ["namespace", "pod_name"]],
  ] as const)("have of each end what they say they have (%s)", (name, fields) => {
    const flows = flowsOf(restless(shop(), OBJECT_PROFILES[name]));
    const ends = flows.flatMap((flow) => [flow.source, flow.destination]);
    const keys = new Set(
      ends.flatMap((end) => Object.entries(end ?? {}).flatMap(([key, value]) => (value === undefined ? [] : key))),
    );
    expect(keys).toEqual(new Set(fields));
    expect(flows.every((flow: Flow) => flow.IP !== undefined && flow.l4 !== undefined)).toBe(true);
  });

  it("show a Service's address before kube-proxy rewrites it, and never where the packet leaves the node", () => {
    const profile = OBJECT_PROFILES["kube-proxy, native routing, Services unnamed"];
    const flows = flowsOf(restless(shop(), profile)).filter(({ is_reply }) => is_reply === false);
    const dialled = flows.filter(({ IP }) => IP?.destination.startsWith("10.96.") === true);
    expect(new Set(dialled.map((flow) => flow.trace_observation_point))).toEqual(new Set(["TO_STACK"]));
    expect(flows.some((flow) => flow.trace_observation_point === "TO_NETWORK")).toBe(true);
    expect(dialled.filter((flow) => flow.destination_service !== undefined)).toEqual([]);
  });

  it("know nothing of remote pods but the address, where the agents have lost them", () => {
    const flows = flowsOf(
      restless(OBJECT_WORLDS.controllers, { ...OBJECT_PROFILES["remote ends unknown"], nameless: 0 }),
    );
    const named = flows.filter(
      ({ source, destination }) => source?.pod_name !== undefined && destination?.pod_name !== undefined,
    );
    // Both are the observer's own.
    expect(
      named.filter(({ source, destination }) => source?.ID === undefined || destination?.ID === undefined),
    ).toEqual([]);
    expect(flows.filter(({ destination }) => destination?.labels?.[0] === "reserved:world").length).toBeGreaterThan(20);
  });
});
