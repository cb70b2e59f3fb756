import type { WantedFile } from "../gitops/plan/plan.ts";
import type { Directory, KnownWorkload } from "../model/directory.ts";
import type { Labels, Workload } from "../model/graph.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import type { PlacedWorkload, ProposedManifest } from "../model/placement.ts";
import type { Suggestion } from "../pipeline.ts";

/** What is to stand in the repository: a file for each policy, and for the roles of each subject in each namespace. */
export function wantedFiles({ files, policies, accessSuggestion, graph, known }: Suggestion): readonly WantedFile[] {
  const workloads = new Map(graph.workloads.map((workload) => [workload.key, workload]));
  const owners = new Map(
    policies.policies.map(({ namespace, name, workloads: keys }) => [`${namespace}/${name}`, keys]),
  );
  const network = files.map(({ manifest }): WantedFile => {
    const { name, namespace = "" } = manifest.metadata;
    const keys = owners.get(`${namespace}/${name}`);
    const [key = ""] = keys ?? [];
    const live = known.get(key);
    const workload = sourceOf(live ?? workloads.get(key));
    return {
      namespace,
      file: { name: policyFileName(name), manifests: [manifest], workload },
      tracking: live?.marks,
      isEnforcement: keys === undefined,
    };
  });
  const access = (accessSuggestion?.files ?? []).map(({ path, manifests }): WantedFile => {
    const namespace = manifests[0]?.metadata.namespace ?? "";
    const name = `netlearn-${path.slice(path.lastIndexOf("/") + 1)}`;
    return { namespace, file: { name, manifests, workload: undefined }, isEnforcement: false };
  });
  return [...network, ...access];
}

/** A workload may be called as the files of roles are; no name of an object has a `~`. */
function policyFileName(name: string): string {
  return /^netlearn-(?:cluster-)?rbac-/u.test(name) ? `${name}~policy.yaml` : `${name}.yaml`;
}

function sourceOf(workload: Pick<KnownWorkload | Workload, "kind" | "name"> | undefined): PlacedWorkload | undefined {
  return workload?.kind === undefined ? undefined : { kind: workload.kind, name: workload.name };
}

/**
 * Whether what a policy of ours selects is known to exist no more: the objects of its namespace were read, and none of them fits.
 * Without objects nothing is gone.
 */
export function isGoneIn(directory: Pick<Directory, "workloads"> | undefined): (manifest: ProposedManifest) => boolean {
  const byNamespace = Map.groupBy(directory?.workloads ?? [], ({ namespace }) => namespace);
  return (manifest) => {
    if (manifest.kind !== "NetworkPolicy") return false;
    const workloads = byNamespace.get(manifest.metadata.namespace ?? "") ?? [];
    const selector = ownSelector(manifest);
    if (workloads.length === 0 || selector === undefined) return false;
    return !workloads.some(({ labels, variants }) => [labels, ...variants].some((each) => hasAll(each, selector)));
  };
}

/** Labels by which a policy of ours chooses pods; undefined: another way, or all of them. */
function ownSelector({ spec: { podSelector = {} } }: NetworkPolicy): Labels | undefined {
  const { matchLabels = {}, matchExpressions = [] } = podSelector;
  return matchExpressions.length > 0 || Object.keys(matchLabels).length === 0 ? undefined : matchLabels;
}

function hasAll(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
