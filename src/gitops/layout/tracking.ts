import type { PlacementTarget, Tracking } from "../../model/placement.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import type { Sync } from "./syncs.ts";

/**
 * Whoever the live workload says applied it, as far as the repository declares them. An Argo CD id that names another object
 * was copied along with it, and says nothing.
 */
export function trackedBy(index: RepositoryIndex, target: PlacementTarget, tracking: Tracking): readonly Sync[] {
  const application = argoApplication(target, tracking);
  if (application !== undefined) {
    return index.syncs.filter(({ kind, name }) => kind === "Application" && application.includes(name));
  }
  for (const [tool, kind] of [
    ["helm", "HelmRelease"],
    ["kustomize", "Kustomization"],
  ] as const) {
    const name = tracking.labels[`${tool}.toolkit.fluxcd.io/name`];
    const namespace = tracking.labels[`${tool}.toolkit.fluxcd.io/namespace`];
    const found = index.syncs.filter(
      (sync) => sync.kind === kind && sync.name === name && (sync.namespace ?? namespace) === namespace,
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** Names that the Application may have: the id puts its namespace before it where that is not Argo CD's own. */
function argoApplication(target: PlacementTarget, { labels, annotations }: Tracking): readonly string[] | undefined {
  const id = annotations["argocd.argoproj.io/tracking-id"];
  if (id !== undefined) {
    const [application = "", , object] = id.split(":");
    const { namespace, workload } = target;
    if (object !== `${namespace}/${workload?.name ?? ""}` || !id.includes(`/${workload?.kind ?? ""}:`))
      return undefined;
    return [application, application.slice(application.indexOf("_") + 1)];
  }
  const label = labels["argocd.argoproj.io/instance"];
  return label === undefined ? undefined : [label];
}
