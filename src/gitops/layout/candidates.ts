import { sortedBy } from "../../lib/sort.ts";
import type { PlacedBy, Placement, PlacementTarget, Unplaced } from "../../model/placement.ts";
import { baseName, folderOf, joined } from "../paths.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import { writable } from "./mapped.ts";
import { type Belonging, worse } from "./origin.ts";
import { severalReaders } from "./readers.ts";
import { isIncluded, type Site } from "./sites.ts";
import { called, unplaced } from "./snippet.ts";
import type { Sync } from "./sync.ts";

type WithoutReason<P> = P extends Placement ? Omit<P, "by"> : never;

/** A place where something might belong. */
export interface Candidate {
  readonly place: WithoutReason<Placement>;
  readonly by: PlacedBy;
  /** As tools call it; undefined: they do not say. */
  readonly cluster: string | undefined;
  /** Of whatever declares it: a folder called as the cluster is tells whose it is. */
  readonly paths: readonly string[];
  /** What applies it; undefined: not known. */
  readonly sync: Sync | undefined;
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
    cluster: site.sync?.cluster,
    paths: [folder, ...(site.sync === undefined ? [] : [site.sync.path, site.sync.name])],
    sync: site.sync,
  };
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
    cluster: sync?.cluster,
    paths: [folder, environmentOf(values), ...(sync === undefined ? [] : [sync.path, sync.name])],
    sync,
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
  if (second !== undefined) {
    return unplaced(target, "ambiguous", { message: `${called(target)} fits several places: ${listed}` });
  }
  const readers = severalReaders(index, first.place);
  if (readers !== undefined) {
    const message = `${called(target)} fits a place that is applied several times: ${listed} (${readers})`;
    return unplaced(target, "ambiguous", { message });
  }
  return settled(index, target, only);
}

/** The place, unless what applies it reads something else than what is written to, or may do so. */
function settled(index: RepositoryIndex, target: PlacementTarget, same: readonly Candidate[]): Placement | Unplaced {
  const best = same.reduce((one, other) =>
    worse(belonging(other), belonging(one)) === belonging(other) ? one : other,
  );
  const found = safe(index, target, best);
  const belongs = belonging(best);
  if (found.kind === "unplaced" || belongs.kind === "own") return found;
  if (belongs.kind === "assumed") {
    return { ...found, by: { ...found.by, because: `${found.by.because}; ${belongs.why}` } };
  }
  const { kind = "", name = "", path = "" } = best.sync ?? {};
  const where = JSON.stringify(pathOf(best.place));
  const message = `${called(target)} lies at ${where}, where ${kind} ${name} in ${path} reads: ${belongs.why}`;
  return unplaced(target, belongs.kind === "unsure" ? "ambiguous" : "unmapped", { message });
}

const OWN: Belonging = { kind: "own" };

function belonging({ sync }: Candidate): Belonging {
  return sync?.belongs ?? OWN;
}

function keyOf({ place, by, cluster, paths }: Candidate): string {
  return JSON.stringify([place, by, cluster, paths]);
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
