import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { directoryOf } from "../../../src/inventory/directory/directory.ts";
import { prunedValue } from "../../../src/inventory/prune.ts";
import type { Directory } from "../../../src/model/directory.ts";
import { called, clue, directory, EVER, manifest, type Value } from "./objects.ts";
import { randomCluster, type TrueCluster, type TruePod } from "./random-cluster.ts";

/** Everything a directory says of a cluster's pods and of itself, as plain data. */
function answers(found: Directory, { pods }: Pick<TrueCluster, "pods">): unknown {
  const { workloads, services, namespaces, apiServers } = found;
  return {
    workloads,
    services,
    namespaces,
    apiServers,
    holders: pods.map(({ ip, start, end }) => [
      found.holderOf(ip, { first: start, last: end ?? start }),
      found.holderOf(ip, EVER),
    ]),
    clues: pods.map(({ name, namespace, labels }) => [
      found.workloadOf(clue(name, { namespace, labels })),
      found.workloadOf(clue(name, { namespace })),
      found.workloadOf(clue(undefined, { namespace, labels })),
    ]),
  };
}

const shuffled = randomCluster.chain((cluster) =>
  fc.tuple(fc.constant(cluster), fc.shuffledSubarray([...cluster.objects], { minLength: cluster.objects.length })),
);

describe("the directory", () => {
  it("does not depend on the order of objects", () => {
    fc.assert(
      fc.property(shuffled, ([cluster, objects]) => {
        expect(answers(directory(...objects), cluster)).toEqual(answers(directory(...cluster.objects), cluster));
      }),
    );
  });

  it("does not change when objects are given twice", () => {
    fc.assert(
      fc.property(shuffled, ([cluster, objects]) => {
        const twice = directory(...cluster.objects, ...objects);
        expect(answers(twice, cluster)).toEqual(answers(directory(...cluster.objects), cluster));
      }),
    );
  });

  it("needs no more of an object than pruning leaves", () => {
    fc.assert(
      fc.property(randomCluster, (cluster) => {
        const pruned = directory(...cluster.objects.map((value) => prunedValue({ ...value, managed: "x".repeat(99) })));
        expect(answers(pruned, cluster)).toEqual(answers(directory(...cluster.objects), cluster));
      }),
    );
  });

  it("gives back the workloads of the cluster, and takes no pod for another's", () => {
    fc.assert(
      fc.property(randomCluster, (cluster) => {
        const found = directory(...cluster.objects);
        const names = found.workloads.map(({ namespace, kind, name }) => `${namespace}/${kind}/${name}`);
        expect(new Set(names)).toEqual(
          new Set([...cluster.pods.map(({ workload }) => workload), ...withoutPods(cluster)]),
        );
        for (const pod of cluster.pods) expectTrue(found, pod, cluster);
      }),
    );
  });
});

/** Workloads whose pods are others' in the truth of pods: none, but for bare pods, each of which is its own. */
function withoutPods({ workloads }: TrueCluster): readonly string[] {
  return workloads.filter((name) => !name.includes("/Pod/"));
}

function expectTrue(found: Directory, pod: TruePod, { pods }: TrueCluster): void {
  const { ip, namespace, name, labels, start, end, workload } = pod;
  const own = workload.split("/").slice(1).join(" ");
  const middle = start + 60_000 * 15;
  const holder = found.holderOf(ip, { first: middle, last: middle });
  const others = pods.filter((one) => one.ip === ip && one.start <= middle && (one.end ?? Infinity) >= middle);
  const isAlone = others.every((one) => one.workload === workload);
  if (isAlone) expect(holder).toMatchObject({ kind: "workload", node: "n1" });
  if (holder?.kind === "workload") expect(called(holder.workload)).toBe(own);
  expect(called(found.workloadOf(clue(name, { namespace, labels })))).toBe(own);
  // Without labels, a name may fit two controllers, and is never another's alone.
  expect([own, "ambiguous"]).toContain(called(found.workloadOf(clue(name, { namespace }))));
  const [, kind = "", controller = ""] = workload.split("/");
  expect(called(found.workloadOf(clue(name, { namespace, owner: { kind, name: controller } })))).toBe(own);
  if (end !== undefined) {
    const late = found.holderOf(ip, { first: end + 600_000, last: end + 600_000 });
    if (late?.kind === "workload") {
      const later = pods.filter((one) => one.ip === ip && one.start <= end + 900_000 && (one.end ?? Infinity) > end);
      expect(later.map((one) => one.workload.split("/").slice(1).join(" "))).toContain(called(late.workload));
    }
  }
}

const TYPES: readonly (readonly [string, string])[] = [
  ["v1", "Pod"],
  ["v1", "Service"],
  ["v1", "Endpoints"],
  ["v1", "Node"],
  ["v1", "Namespace"],
  ["v1", "ReplicationController"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "ReplicaSet"],
  ["batch/v1", "Job"],
  ["batch/v1", "CronJob"],
  ["argoproj.io/v1alpha1", "Rollout"],
  ["discovery.k8s.io/v1", "EndpointSlice"],
  ["cilium.io/v2", "CiliumNode"],
];

const KEYS: readonly string[] = (
  "addresses clusterIP clusterIPs containers endpoints labels matchExpressions matchLabels metadata name namespace " +
  "nodeName ownerReferences podCIDR podIPs ports selector spec startTime status targetPort template uid workloadRef " +
  "__proto__ constructor toString"
).split(" ");

/** Any JSON, with the keys that are read among it. */
const anything = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      8080,
      Number.POSITIVE_INFINITY,
      "",
      "10.0.0.1",
      "http",
      "cart",
      "\u0000",
      "2026-01-05T00:00:00Z",
    ),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie("value"), { maxKeys: 4 }),
  ),
})).value;

const hostile = fc
  .record({
    type: fc.constantFrom(...TYPES),
    metadata: anything,
    spec: anything,
    status: anything,
    subsets: anything,
    endpoints: anything,
    ports: anything,
  })
  .map(({ type: [apiVersion, kind], ...rest }): Value => ({ apiVersion, kind, ...rest }));

describe("hostile and partial objects", () => {
  it("never stop the directory, and the good ones beside them still count", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), randomCluster, (values, cluster) => {
        const found = directory(...values, ...cluster.objects);
        const names = new Set(found.workloads.map(({ namespace, kind, name }) => `${namespace}/${kind}/${name}`));
        expect(cluster.pods.filter(({ workload }) => !names.has(workload))).toEqual([]);
        answers(found, cluster);
      }),
      { numRuns: 300 },
    );
  });

  it("are pruned without a word", () => {
    fc.assert(
      fc.property(hostile, (value) => {
        const [whole, pruned] = [manifest(value), { ...manifest(value), value: prunedValue(value) }];
        expect(directoryOf([pruned]).workloads).toEqual(directoryOf([whole]).workloads);
        expect(directoryOf([pruned]).services).toEqual(directoryOf([whole]).services);
      }),
      { numRuns: 500 },
    );
  });
});
