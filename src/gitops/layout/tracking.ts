import type { PlacementTarget, Tracking } from "../../model/placement.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import type { Sync } from "./sync.ts";

/** What applied a live workload, as far as the repository declares it. */
export interface Tracked {
  readonly syncs: readonly Sync[];
  /** False where others than the tool write the mark as well: it counts unless the repository says otherwise. */
  readonly isCertain: boolean;
}

/**
 * Whoever the live workload says applied it, as far as the repository declares them. An Argo CD id that names another object
 * was copied along with it, and says nothing.
 *
 * @param tracking undefined: not known
 */
export function trackedBy(
  index: RepositoryIndex,
  target: PlacementTarget,
  tracking: Tracking = { labels: {}, annotations: {} },
): Tracked {
  const { labels, annotations } = tracking;
  const id = annotations["argocd.argoproj.io/tracking-id"];
  const isOwn = id !== undefined && isIdOf(id, target);
  const mark = isOwn ? id.slice(0, id.indexOf(":")) : labels["argocd.argoproj.io/instance"];
  // An id that was copied says nothing, and neither do the labels that came along.
  if (mark !== undefined && (isOwn || id === undefined)) {
    return { syncs: applications(index, mark), isCertain: true };
  }
  const flux = byFlux(index, labels);
  if (flux.length > 0 || id !== undefined) return { syncs: flux, isCertain: true };
  // Argo CD's label where it tracks by labels; charts write their release's name there, whoever installs them.
  const instance = labels["app.kubernetes.io/instance"];
  return { syncs: instance === undefined ? [] : applications(index, instance), isCertain: false };
}

/** `APP:GROUP/KIND:NAMESPACE/NAME` (Argo CD, resource tracking). */
function isIdOf(id: string, { namespace, workload }: PlacementTarget): boolean {
  const [, kind, object] = id.split(":");
  return object === `${namespace}/${workload?.name ?? ""}` && kind?.endsWith(`/${workload?.kind ?? ""}`) === true;
}

/** Those that a mark may mean: their namespace stands before the name where it is not Argo CD's own. */
function applications(index: RepositoryIndex, mark: string): readonly Sync[] {
  const line = mark.indexOf("_");
  const [namespace, name] = line < 0 ? [undefined, mark] : [mark.slice(0, line), mark.slice(line + 1)];
  return index.syncs.filter(
    (sync) =>
      sync.kind === "Application" &&
      sync.name === name &&
      (namespace === undefined || sync.namespace === undefined || sync.namespace === namespace),
  );
}

function byFlux(index: RepositoryIndex, labels: Tracking["labels"]): readonly Sync[] {
  for (const [tool, kind] of [
    ["helm", "HelmRelease"],
    ["kustomize", "Kustomization"],
  ] as const) {
    const name = labels[`${tool}.toolkit.fluxcd.io/name`];
    const namespace = labels[`${tool}.toolkit.fluxcd.io/namespace`];
    const found = index.syncs.filter(
      (sync) => sync.kind === kind && sync.name === name && (sync.namespace ?? namespace) === namespace,
    );
    if (found.length > 0) return found;
  }
  return [];
}
