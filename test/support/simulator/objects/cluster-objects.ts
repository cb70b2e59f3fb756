import type { Population } from "../pods.ts";
import type { Profile } from "../profile.ts";
import type { World } from "../world.ts";
import { apiServerService, staticPods } from "./control-plane.ts";
import { definitionsFor } from "./custom-resources.ts";
import { extensionObjects } from "./extensions.ts";
import { birthOf, type Moment, metaOf } from "./moment.ts";
import { networkPolicyObjects } from "./network-policies.ts";
import { agentAccounts, agentObjects } from "./node-agents.ts";
import { ciliumNodeObject, nodeObject } from "./nodes.ts";
import { type KubeObject, withoutUndefined } from "./object.ts";
import { serviceObjects } from "./service-objects.ts";
import { workloadObjects } from "./workload-objects.ts";

/** Namespaces that every cluster has. */
const ALWAYS = ["default", "kube-node-lease", "kube-public", "kube-system"];

function namespaceObjects(moment: Moment): KubeObject[] {
  const known = new Map(moment.world.namespaces.map((one) => [one.name, one.labels]));
  const names = [...new Set([...known.keys(), ...ALWAYS])].toSorted();
  return names.map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: metaOf(moment, "Namespace", {
      name,
      labels: { ...known.get(name), "kubernetes.io/metadata.name": name },
    }),
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  }));
}

function serviceAccountObjects(moment: Moment, namespaces: readonly KubeObject[]): KubeObject[] {
  const defaults = namespaces.map(({ metadata }) => `${metadata.name}/default`);
  const named = moment.world.workloads.map((one) => `${one.namespace}/${one.serviceAccount}`);
  return [...new Set([...defaults, ...named, ...agentAccounts(moment)])].toSorted().map((path) => {
    const [namespace = "", name = ""] = path.split("/");
    return {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: metaOf(moment, "ServiceAccount", { namespace, name }),
    };
  });
}

function nodeObjects(moment: Moment): KubeObject[] {
  return moment.world.nodes.flatMap((node) => {
    const own = nodeObject(moment, node);
    const pods = node.controlPlane ? staticPods(moment, node, own) : [];
    return [own, ciliumNodeObject(moment, node, own), ...pods];
  });
}

/**
 * What a dump of the cluster holds at one time: what `kubectl get -o json` lists of every kind, owners before what they
 * own. A later time shows other pods of the same population; whatever is in two dumps has the same uid in both.
 * @param options.at microseconds since the epoch, as the times of pods and connections
 * @param options.policies as in a Profile: `absent` leaves NetworkPolicies out
 */
export function clusterObjects(
  world: World,
  population: Population,
  options: { readonly at: number; readonly policies?: Profile["policies"] },
): readonly KubeObject[] {
  const moment: Moment = { world, population, at: options.at, born: birthOf(population) };
  const namespaces = namespaceObjects(moment);
  const policies = options.policies === "absent" ? [] : world.workloads;
  const objects = [
    ...serviceAccountObjects(moment, namespaces),
    ...nodeObjects(moment),
    ...agentObjects(moment),
    ...world.workloads.flatMap((workload) => workloadObjects(moment, workload)),
    ...apiServerService(moment),
    ...world.services.flatMap((service) => serviceObjects(moment, service)),
    ...policies.flatMap((workload) => networkPolicyObjects(moment, workload)),
    ...extensionObjects(moment),
  ];
  return withoutUndefined([...definitionsFor(moment, objects), ...namespaces, ...objects]);
}
