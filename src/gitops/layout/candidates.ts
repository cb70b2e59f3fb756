import { sortedBy } from "../../lib/sort.ts";
import type { PlacedBy, Placement, PlacementTarget, Unplaced } from "../../model/placement.ts";
import { baseName, folderOf, joined } from "../paths.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import { writable } from "./mapped.ts";
import { isIncluded, type Site } from "./sites.ts";
import { called, unplaced } from "./snippet.ts";
import type { Sync } from "./syncs.ts";

type WithoutReason<P> = P extends Placement ? Omit<P, "by"> : never;

/** A place where something might belong. */
export interface Candidate {
  readonly place: WithoutReason<Placement>;
  readonly by: PlacedBy;
  /** As tools call it; undefined: they do not say. */
  readonly cluster: string | undefined;
  /** Of whatever declares it: a folder called as the cluster is tells whose it is. */
  readonly paths: readonly string[];
}

/** The place beside a site: its closest folder, unless another is named. */
export function candidateOf(index: RepositoryIndex, site: Site, folder = site.folders.at(-1) ?? ""): Candidate {
  const kustomization = index.kustomizations.get(folder)?.path;
  const place: Candidate["place"] =
    site.layout === "kustomize" && kustomization !== undefined
      ? { kind: "kustomize", kustomization }
      : { kind: "plain", folder };
  return {
    place,
    by: { kind: "source", because: `${site.path} holds ${site.kind} ${site.name}` },
    cluster: clusterOf(site.sync),
    paths: [folder, ...(site.sync === undefined ? [] : [site.sync.path, site.sync.name])],
  };
}

// An address says which cluster it is to Argo CD only.
function clusterOf(sync: Sync | undefined): string | undefined {
  return sync?.cluster?.includes("://") === true ? undefined : sync?.cluster;
}

/** Whether the tool that reads the site's folder would read a file of ours there. */
export function picksUp(site: Site): boolean {
  if (site.layout === "kustomize" || site.sync === undefined) return true;
  return isIncluded(site.sync, joined(folderOf(site.path), "netlearn-x.yaml"));
}

/** The values files that a chart's deployment reads, the closest to the environment last. */
export function chartCandidates(index: RepositoryIndex, folder: string, sync: Sync | undefined): readonly Candidate[] {
  const chart = index.charts.get(folder);
  if (chart === undefined) return [];
  const named = sync?.values.at(-1);
  const own = named === undefined ? valuesToChoose(chart.values, sync) : [named];
  return own.map((values) => ({
    place: { kind: "helm", chart: folder, values },
    by: { kind: "source", because: `${joined(folder, "Chart.yaml")} is the chart that brings it` },
    cluster: clusterOf(sync),
    paths: [folder, environmentOf(values), ...(sync === undefined ? [] : [sync.path, sync.name])],
  }));
}

function valuesToChoose(values: readonly string[], sync: Sync | undefined): readonly string[] {
  const specific = values.filter((path) => environmentOf(path) !== "");
  return sync !== undefined || specific.length === 0 ? values.filter((path) => environmentOf(path) === "") : specific;
}

/** `prod` of `values-prod.yaml`. */
function environmentOf(path: string): string {
  return /^values[-_.](.+)\.ya?ml$/u.exec(baseName(path))?.[1] ?? "";
}

/** The one place among the candidates that is this cluster's, or why there is none; undefined for no candidates. */
export function chosen(
  index: RepositoryIndex,
  target: PlacementTarget,
  candidates: readonly Candidate[],
): Placement | Unplaced | undefined {
  if (candidates.length === 0) return undefined;
  const groups = [...Map.groupBy(sortedBy(candidates, keyOf), ({ place }) => JSON.stringify(place)).values()];
  const certain = groups.filter((group) => group.some((one) => isOf(one, target.cluster)));
  const possible = groups.filter((group) => group.some(({ cluster }) => cluster === undefined));
  const left = target.cluster === "" ? groups : certain.length > 0 ? certain : possible;
  const places = groups.map(([first]) => (first === undefined ? "" : JSON.stringify(pathOf(first.place))));
  const listed = [...new Set(places)].toSorted().join(", ");
  const [only, second] = left;
  const [first] = only ?? [];
  if (only === undefined || first === undefined) {
    const message = `${called(target)} was found at ${listed}, which other clusters than ${target.cluster} read`;
    return unplaced(target, "unmapped", { message });
  }
  const clusters = new Set(only.map(({ cluster, paths }) => cluster ?? paths.slice(1).join(" ")));
  if (second !== undefined || (clusters.size > 1 && only.some(({ cluster }) => cluster !== undefined))) {
    const why = second === undefined ? "a place that several clusters read" : "several places";
    return unplaced(target, "ambiguous", { message: `${called(target)} fits ${why}: ${listed}` });
  }
  return safe(index, target, first);
}

function keyOf({ place, by }: Candidate): string {
  return JSON.stringify([place, by]);
}

function isOf({ cluster, paths }: Candidate, name: string): boolean {
  if (cluster !== undefined) return cluster === name;
  return name !== "" && paths.some((path) => path.split("/").includes(name));
}

function pathOf(place: Candidate["place"]): string {
  switch (place.kind) {
    case "kustomize":
      return place.kustomization;
    case "helm":
      return place.values;
    case "plain":
    case "terraform":
      return place.folder;
  }
}

function foldersWritten(place: Candidate["place"]): readonly string[] {
  switch (place.kind) {
    case "kustomize":
      return [folderOf(place.kustomization)];
    case "helm":
      return [place.chart, folderOf(place.values)];
    case "plain":
    case "terraform":
      return [place.folder];
  }
}

function safe(index: RepositoryIndex, target: PlacementTarget, { place, by }: Candidate): Placement | Unplaced {
  if (foldersWritten(place).some((folder) => writable(index.repository, folder) === undefined)) {
    const message = `${called(target)} belongs to ${JSON.stringify(pathOf(place))}, which may not be written to`;
    return unplaced(target, "outside", { message });
  }
  return { ...place, by };
}
