import { describe, expect, it } from "vitest";
import { applicable, clusterObjects, OBJECT_WORLDS, type Pod, type World } from "../support/simulator/index.ts";
import {
  byUid,
  CLUSTERS,
  type Dumped,
  dumpAt,
  lastOwner,
  matches,
  ofKind,
  pathOf,
  restless,
  some,
} from "./read-objects.ts";

/** Dumps of a cluster at a few times of its window. */
function dumpsOf(world: World): Dumped[][] {
  const simulation = restless(world);
  return some(simulation.connections, 6).map(({ time }) => dumpAt(world, simulation, time));
}

const DUMPS = CLUSTERS.map(([name, world]) => [name, dumpsOf(world), world] as const);

const CONTROLLERS = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Rollout", "Job"];

function doubles(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

/** Labels and port names as the API server takes them. */
const LABEL = /^([a-z0-9.-]+\/)?[A-Za-z0-9][\w.-]*=([A-Za-z0-9]([\w.-]*[A-Za-z0-9])?)?$/;
const PORT_NAME = /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
const NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

describe.each(DUMPS)("the objects of %s", (_, dumps, world) => {
  it("are named as the API server takes names, each once", () => {
    for (const dump of dumps) {
      expect(doubles(dump.map((one) => `${one.apiVersion} ${one.kind} ${pathOf(one)}`))).toEqual([]);
      expect(doubles(dump.map(({ metadata }) => metadata.uid))).toEqual([]);
      const named = dump.filter(({ kind }) => kind !== "APIService");
      expect(named.filter(({ metadata: { name } }) => !NAME.test(name) || name.length > 253)).toEqual([]);
      const labels = dump.flatMap(({ metadata }) => Object.entries(metadata.labels ?? {}).map((one) => one.join("=")));
      expect(labels.filter((text) => !LABEL.test(text))).toEqual([]);
    }
  });

  it("refer to nothing that is not there", () => {
    for (const dump of dumps) {
      const uids = byUid(dump);
      const known = new Set(dump.map((one) => `${one.kind} ${pathOf(one)}`));
      const wanted = dump.flatMap(({ kind, metadata: { namespace }, spec }) => [
        ...(namespace === undefined ? [] : [`Namespace ${namespace}`]),
        ...(kind === "Pod" ? [`Node ${spec?.nodeName}`] : []),
        ...(spec?.serviceAccountName === undefined ? [] : [`ServiceAccount ${namespace}/${spec.serviceAccountName}`]),
        ...(spec?.service === undefined ? [] : [`Service ${spec.service.namespace}/${spec.service.name}`]),
      ]);
      expect(wanted.filter((one) => !known.has(one))).toEqual([]);
      for (const one of dump) expect(lastOwner(uids, one)).toBeDefined();
      const order = dump.map(({ metadata }) => metadata.uid);
      const early = dump.filter(({ metadata: { uid, ownerReferences = [] } }) =>
        ownerReferences.some((owner) => order.indexOf(owner.uid) > order.indexOf(uid)),
      );
      expect(early.map(pathOf)).toEqual([]);
    }
  });

  it("lead from every pod to its workload, and from every workload to its pods", () => {
    for (const dump of dumps) {
      const uids = byUid(dump);
      const owners = ofKind(dump, "Pod").map((one) => lastOwner(uids, one));
      const owned = new Set(owners.map((one) => `${one.kind} ${pathOf(one)}`));
      // Jobs and CronJobs have pods only when they run.
      const expected = world.workloads
        .filter(({ kind }) => kind !== "CronJob" && kind !== "Job")
        .map((one) => `${one.kind} ${one.namespace}/${one.name}`);
      expect(expected.filter((one) => !owned.has(one))).toEqual([]);
      const known = new Set(world.workloads.map((one) => `${one.kind} ${one.namespace}/${one.name}`));
      const others = [...owned].filter((one) => !known.has(one) && !one.startsWith("Node "));
      const cache = world.dns.nodeLocal === "host" ? ["DaemonSet kube-system/node-local-dns"] : [];
      expect(others).toEqual(["DaemonSet kube-system/cilium", ...cache]);
    }
  });

  it("have selectors that pick the pods of their templates, and their owners' counts", () => {
    for (const dump of dumps) {
      const pods = ofKind(dump, "Pod");
      for (const one of ofKind(dump, ...CONTROLLERS)) {
        const selector = one.spec?.selector?.matchLabels ?? {};
        expect(Object.keys(selector)).not.toEqual([]);
        expect(matches(selector, one.spec?.template?.metadata.labels), pathOf(one)).toBe(true);
        const own = pods.filter((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === one.metadata.uid));
        expect(own.filter((pod) => !matches(selector, pod.metadata.labels)).map(pathOf)).toEqual([]);
        if (one.kind !== "ReplicaSet" && one.kind !== "StatefulSet") continue;
        const running = own.filter(
          ({ status, metadata }) => status?.phase === "Running" && metadata.deletionTimestamp === undefined,
        );
        expect(running.length, pathOf(one)).toBe(one.spec?.replicas);
      }
    }
  });

  it("have Services with addresses and numbers of their own, and ports that have names when there are several", () => {
    for (const dump of dumps) {
      const services = ofKind(dump, "Service");
      const addresses = services.map(({ spec }) => spec?.clusterIP).filter((ip) => ip !== undefined && ip !== "None");
      expect(doubles(addresses.map(String))).toEqual([]);
      const ports = services.flatMap(({ spec }) => spec?.ports ?? []);
      const nodePorts = ports.flatMap(({ nodePort }) => (nodePort === undefined ? [] : [nodePort]));
      expect(doubles(nodePorts.map(String))).toEqual([]);
      expect(nodePorts.filter((port) => port < 30_000 || port > 32_767)).toEqual([]);
      const bare = services.filter(({ spec }) => (spec?.ports?.length ?? 0) > 1);
      expect(bare.filter(({ spec }) => spec?.ports?.some(({ name }) => name === undefined)).map(pathOf)).toEqual([]);
      const containers = ofKind(dump, "Pod").flatMap(({ spec }) => spec?.containers ?? []);
      const names = [...ports, ...containers.flatMap((one) => one.ports ?? [])].flatMap(({ name }) => name ?? []);
      expect(names.filter((name) => !PORT_NAME.test(name))).toEqual([]);
    }
  });
});

describe("a dump", () => {
  const world = OBJECT_WORLDS.everything;
  const simulation = restless(world);
  const { connections, population } = simulation;
  const middle = connections[Math.floor(connections.length / 2)]!.time;

  it("is the same for the same world, seed and time", () => {
    const again = restless(world);
    expect(clusterObjects(world, again.population, { at: middle })).toEqual(
      clusterObjects(world, population, { at: middle }),
    );
  });

  it("is of its time: later ones have lost pods, have got others, and call the same things by the same uid", () => {
    const [early, late] = [dumpAt(world, simulation, connections[0]!.time), dumpAt(world, simulation, middle)];
    const uids = (dump: readonly Dumped[]): Map<string, string> =>
      new Map(dump.map((one) => [`${one.kind} ${pathOf(one)} ${one.metadata.creationTimestamp}`, one.metadata.uid]));
    const [before, after] = [uids(early), uids(late)];
    const shared = [...before].filter(([name]) => after.has(name));
    expect(shared.length).toBeGreaterThan(100);
    expect(shared.filter(([name, uid]) => after.get(name) !== uid)).toEqual([]);
    const pods = (names: Iterable<string>): string[] => [...names].filter((name) => name.startsWith("Pod "));
    expect(pods(before.keys()).filter((name) => !after.has(name)).length).toBeGreaterThan(2);
    expect(pods(after.keys()).filter((name) => !before.has(name)).length).toBeGreaterThan(2);
    const future = late.filter(({ metadata }) => Date.parse(metadata.creationTimestamp) * 1000 > middle);
    expect(future).toEqual([]);
  });

  it("shows old and new pods in the middle of a rollout, and a ReplicaSet for each template", () => {
    for (const [kind, name] of [
      ["Rollout", "canary"],
      ["Deployment", "front"],
    ] as const) {
      const pods = population.get(`works/${name}`) ?? [];
      const [first] = pods;
      const hashOf = ({ runtimeLabels }: Pod): string => Object.values(runtimeLabels).join();
      const next = pods.find((pod) => hashOf(pod) !== hashOf(first!));
      const during = dumpAt(world, simulation, next!.from + 1_000_000);
      const uids = byUid(during);
      const sets = ofKind(during, "ReplicaSet").filter((one) => lastOwner(uids, one).metadata.name === name);
      expect(sets.map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual([kind, kind]);
      expect(sets.map(({ spec }) => spec?.replicas ?? 0).every((count) => count > 0)).toBe(true);
    }
  });

  it("keeps pods that have ended, with addresses that others have by now", () => {
    const ended = ofKind(dumpAt(world, simulation, middle), "Pod").filter(({ status }) => status?.phase !== "Running");
    expect(new Set(ended.map(({ status }) => status?.phase))).toContain("Succeeded");
    expect(ended.every(({ status }) => status?.podIP !== undefined)).toBe(true);
    const again = connections.flatMap(({ time }, index) => (index % 40 === 0 ? [dumpAt(world, simulation, time)] : []));
    const reused = again.filter((dump) => {
      const [alive, dead] = [true, false].map((running) =>
        ofKind(dump, "Pod")
          .filter(({ status, spec }) => (status?.phase === "Running") === running && spec?.hostNetwork !== true)
          .map(({ status }) => status?.podIP),
      );
      return dead?.some((ip) => alive?.includes(ip));
    });
    expect(reused.length).toBeGreaterThan(0);
  });

  it("shows evicted pods, and pods that are about to end", () => {
    const dumps = [...population.values()]
      .flat()
      .filter((pod) => Number.isFinite(pod.until))
      .map((pod) => dumpAt(world, simulation, pod.until + 5_000_000));
    const pods = dumps.flatMap((dump) => ofKind(dump, "Pod"));
    expect(pods.some(({ status }) => status?.reason === "Evicted" && status.phase === "Failed")).toBe(true);
    const terminating = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    expect(terminating.length).toBeGreaterThan(0);
    expect(terminating.every(({ status }) => status?.phase === "Running")).toBe(true);
  });

  it("remembers the last three Jobs of a CronJob, at the minutes of its schedule", () => {
    const dump = dumpAt(world, simulation, connections.at(-1)!.time);
    const uids = byUid(dump);
    const jobs = ofKind(dump, "Job").filter((one) => lastOwner(uids, one).metadata.name === "tick");
    expect(jobs.length).toBeGreaterThanOrEqual(3);
    expect(jobs.length).toBeLessThanOrEqual(4);
    const cron = ofKind(dump, "CronJob").find(({ metadata }) => metadata.name === "tick");
    expect(cron?.spec?.schedule).toBe("5,25,45 * * * *");
    const minutes = jobs.map(({ metadata }) => new Date(metadata.creationTimestamp).getUTCMinutes());
    expect(minutes.filter((minute) => ![5, 25, 45].includes(minute))).toEqual([]);
    const weekly = ofKind(dump, "CronJob").find(({ metadata }) => metadata.name === "weekly");
    expect(weekly?.spec?.schedule).toBe("5 3 * * 0");
  });

  it("has the nodes' addresses, static pods and the API server's own Service", () => {
    const dump = dumpAt(world, simulation, middle);
    expect(ofKind(dump, "Node").map(({ status }) => status?.addresses?.[0]?.address)).toEqual(
      world.nodes.map((node) => node.ip),
    );
    const inner = ofKind(dump, "CiliumNode").map(
      ({ spec }) => spec?.addresses?.find(({ type }) => type === "CiliumInternalIP")?.ip,
    );
    expect(inner).toEqual(world.nodes.map((node) => node.ciliumIp));
    const mirrored = ofKind(dump, "Pod").filter(
      ({ metadata }) => metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined,
    );
    expect(mirrored.map(({ metadata }) => metadata.name)).toContain("kube-apiserver-control-plane-1");
    expect(mirrored.every(({ spec, status }) => spec?.hostNetwork === true && status?.podIP === status?.hostIP)).toBe(
      true,
    );
    const slice = ofKind(dump, "EndpointSlice").find((one) => pathOf(one) === "default/kubernetes");
    expect(slice?.endpoints?.flatMap(({ addresses }) => addresses)).toEqual(["172.18.0.2"]);
    expect(slice?.ports?.map(({ port }) => port)).toEqual([6443]);
  });

  it("can be created: without what the API server gives, and without what it makes itself", () => {
    const dump = clusterObjects(world, population, { at: middle });
    const created = applicable(dump);
    expect(created.length).toBeGreaterThan(200);
    const texts = JSON.parse(JSON.stringify(created)) as Dumped[];
    expect(texts.filter(({ metadata, status }) => "uid" in metadata || status !== undefined)).toEqual([]);
    expect(texts.filter((one) => pathOf(one) === "default/kubernetes" || pathOf(one) === "kube-system")).toEqual([]);
    const jobs = ofKind(texts, "Job");
    expect(jobs.length).toBeGreaterThan(2);
    expect(jobs.filter(({ spec }) => spec?.selector !== undefined)).toEqual([]);
    expect(ofKind(texts, "Pod").length).toBe(dump.filter(({ kind }) => kind === "Pod").length);
  });
});
