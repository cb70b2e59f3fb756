import type { ManifestObject } from "../model/manifest-object.ts";
import { identityOf, inOrder } from "./directory/object-order.ts";
import { groupOf } from "./objects/fields.ts";

/** The policies that are in force, or will be once manifests are applied. */
export interface ExistingPolicies {
  /** NetworkPolicies of any version, sorted by namespace and name, of one name the newest. */
  readonly networkPolicies: readonly ManifestObject[];
  /** Those of other engines, which can change what a NetworkPolicy does; sorted by type, namespace and name. */
  readonly otherEngines: readonly ManifestObject[];
}

/** Kinds that allow or deny traffic beside NetworkPolicy, by API group. */
const OTHER_ENGINES: ReadonlyMap<string, readonly string[]> = new Map([
  ["cilium.io", ["CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy"]],
  ["crd.antrea.io", ["NetworkPolicy", "ClusterNetworkPolicy"]],
  ["crd.projectcalico.org", ["NetworkPolicy", "GlobalNetworkPolicy"]],
  ["k8s.ovn.org", ["EgressFirewall"]],
  ["network.openshift.io", ["EgressNetworkPolicy"]],
  ["projectcalico.org", ["NetworkPolicy", "GlobalNetworkPolicy"]],
  ["policy.networking.k8s.io", ["AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"]],
  ["security.istio.io", ["AuthorizationPolicy"]],
]);

/** A NetworkPolicy of any version: one that no cluster serves any more is refused by name, not skipped. */
export function isNetworkPolicy({ apiVersion, kind }: ManifestObject): boolean {
  return kind === "NetworkPolicy" && ["networking.k8s.io", "extensions", ""].includes(groupOf(apiVersion));
}

/** A policy of an engine that is not evaluated. */
export function isOtherEngine({ apiVersion, kind }: ManifestObject): boolean {
  return OTHER_ENGINES.get(groupOf(apiVersion))?.includes(kind) === true;
}

/** The policies among objects of any kind and in any order. Which workloads each selects is the evaluator's to say. */
export function existingPolicies(objects: readonly ManifestObject[]): ExistingPolicies {
  return {
    networkPolicies: newestOf(objects.filter(isNetworkPolicy)),
    otherEngines: newestOf(objects.filter(isOtherEngine)),
  };
}

/** Without a name nothing is known to be the same. */
function newestOf(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const keyed = inOrder(objects).map(
    (object, at) => [object.name === undefined ? at : identityOf(object), object] as const,
  );
  return [...new Map(keyed).values()];
}
