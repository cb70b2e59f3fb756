import { byText } from "../../lib/sort.ts";
import type { Mapping, PlacedWorkload, Placement, PlacementTarget, Tracking, Unplaced } from "../../model/placement.ts";
import { type Candidate, candidateOf, chartCandidates, chosen, picksUp } from "./candidates.ts";
import { type Chart, installedCharts } from "./charts.ts";
import { type RepositoryIndex, siteKey } from "./index-repository.ts";
import { mappedPlacement } from "./mapped.ts";
import type { Site } from "./sites.ts";
import { called, unplaced } from "./snippet.ts";
import { trackedBy } from "./tracking.ts";

/**
 * Where the objects for a target belong: what people mapped; else what the live workload says of who applied it; else where
 * its source lies; without a workload, where all workloads of the namespace lie together, or the Namespace does. Nothing is
 * guessed: several places are none.
 *
 * @param tracking labels and annotations of the live workload itself, where they are known
 */
export function findPlacement(
  index: RepositoryIndex,
  target: PlacementTarget,
  mappings: readonly Mapping[],
  tracking?: Tracking,
): Placement | Unplaced {
  const mapped = mappedPlacement(index, target, mappings);
  if (mapped !== undefined) return mapped;
  const { workload } = target;
  const found = workload === undefined ? ofNamespace(index, target) : ofWorkload(index, { target, workload, tracking });
  const message = `nothing in the repository holds ${called(target)}${notFollowed(index)}`;
  return found ?? unplaced(target, "unmapped", { message });
}

const MOST_NOTICES = 3;

/** Goes on a sentence: where it could not be looked, since what is looked for may be there. */
function notFollowed({ notices }: RepositoryIndex): string {
  const holding = notices.filter(({ mayHold }) => mayHold).map(({ path, message }) => `${path}: ${message}`);
  const said = [...new Set(holding)].toSorted(byText);
  const more = said.length > MOST_NOTICES ? [`and ${said.length - MOST_NOTICES} more`] : [];
  return said.length === 0
    ? ""
    : `, as far as it can be followed (${[...said.slice(0, MOST_NOTICES), ...more].join("; ")})`;
}

interface Search {
  readonly target: PlacementTarget;
  readonly workload: PlacedWorkload;
  readonly tracking: Tracking | undefined;
}

function ofWorkload(index: RepositoryIndex, search: Search): Placement | Unplaced | undefined {
  const { target, workload } = search;
  const named = index.sites.get(siteKey(workload.kind, workload.name)) ?? [];
  const sites = named.filter(({ namespace }) => namespace === target.namespace);
  const { syncs, isCertain } = trackedBy(index, target, search.tracking);
  const isConfirmed = sites.length === 0 || sites.some(({ sync }) => sync !== undefined && syncs.includes(sync));
  const tracked = isCertain || isConfirmed ? syncs : [];
  const [outside] = tracked;
  if (outside !== undefined && tracked.every(({ folder }) => folder === undefined)) {
    return thirdParty(index, target, outside);
  }
  const found =
    fromTools(index, target, sites, tracked) ??
    fromSites(index, target, { sites, others: [...ofCharts(index, target, undefined), ...ofModules(index, target)] });
  return found ?? unnamed(index, target, named);
}

/** Where something was found, and why it counts; `by` undefined: each has a reason of its own. */
interface Findings {
  readonly sites: readonly Site[];
  readonly others?: readonly Candidate[];
  readonly by?: ((candidate: Candidate) => Candidate["by"]) | undefined;
}

/** As `fromSites`, among what the tools apply that the live workload names; undefined where they apply nothing that is known. */
function fromTools(
  index: RepositoryIndex,
  target: PlacementTarget,
  sites: readonly Site[],
  tools: RepositoryIndex["syncs"],
): Placement | Unplaced | undefined {
  if (tools.length === 0) return undefined;
  const own = sites.filter(({ sync }) => sync !== undefined && tools.includes(sync));
  return fromSites(index, target, { sites: own, others: ofCharts(index, target, tools), by: appliedBy });
}

function appliedBy({ by, sync }: Candidate): Candidate["by"] {
  if (sync === undefined) return by;
  return { kind: sync.tool, because: `${sync.kind} ${sync.name} in ${sync.path} applies it` };
}

function fromSites(
  index: RepositoryIndex,
  target: PlacementTarget,
  { sites, others = [], by }: Findings,
): Placement | Unplaced | undefined {
  const readable = sites.filter(picksUp);
  const candidates = [...readable.map((site) => candidateOf(index, site)), ...others];
  const [hidden] = sites.filter((site) => !picksUp(site));
  if (candidates.length === 0 && hidden !== undefined) {
    const message = `${called(target)} lies in ${hidden.path}, and ${hidden.sync?.name ?? ""} reads no netlearn-*.yaml beside it (include, exclude)`;
    return unplaced(target, "unmapped", { message });
  }
  return chosen(index, target, by === undefined ? candidates : candidates.map((one) => ({ ...one, by: by(one) })));
}

function unnamed(index: RepositoryIndex, target: PlacementTarget, named: readonly Site[]): Unplaced | undefined {
  const paths = [...new Set(named.filter(({ namespace }) => namespace === undefined).map(({ path }) => path))];
  if (paths.length === 0) return undefined;
  const message = `${paths.toSorted().join(", ")} may hold ${called(target)}, and nothing says into which namespace it goes${notFollowed(index)}`;
  return unplaced(target, "unmapped", { message });
}

/** Beside the HelmRelease, whose chart is somebody else's. */
function thirdParty(index: RepositoryIndex, target: PlacementTarget, sync: RepositoryIndex["syncs"][number]) {
  const sites = (index.sites.get(siteKey("HelmRelease", sync.name)) ?? []).filter(({ path }) => path === sync.path);
  if (sync.kind === "HelmRelease" && sites.length > 0) {
    const because = `HelmRelease ${sync.name} in ${sync.path} installs it from a chart of somebody else`;
    const found = fromSites(index, target, { sites, by: () => ({ kind: "flux", because }) });
    if (found !== undefined) return found;
  }
  const from = sync.belongs.kind === "other-repository" && sync.belongs.why !== "" ? ` (${sync.belongs.why})` : "";
  const message = `${called(target)} comes from outside of this repository, as ${sync.kind} ${sync.name} in ${sync.path} says${from}`;
  return unplaced(target, "third-party", { message });
}

/** Charts that hold the workload: of the tools that apply it, or of any. */
function ofCharts(
  index: RepositoryIndex,
  target: PlacementTarget,
  tools: readonly RepositoryIndex["syncs"][number][] | undefined,
): readonly Candidate[] {
  if (tools !== undefined) {
    return tools.flatMap((sync) => (sync.folder === undefined ? [] : chartCandidates(index, sync.folder, sync)));
  }
  const holding = [...index.charts.values()].filter((chart) => holds(chart, target));
  const installed = new Set(holding.flatMap(({ folder }) => installedCharts(index.charts, folder)));
  return [...installed].flatMap((folder) => {
    const readers = index.syncs.filter((sync) => sync.folder === folder);
    if (readers.length === 0) return chartCandidates(index, folder, undefined);
    return readers
      .filter((sync) => sync.target.namespace === target.namespace)
      .flatMap((sync) => chartCandidates(index, folder, sync));
  });
}

function holds({ name, templates }: Chart, { workload }: PlacementTarget): boolean {
  if (workload === undefined) return false;
  return templates.some((text) => {
    const kinds = [...text.matchAll(/^kind:\s*["']?(\w+)/gmu)].map(([, kind]) => kind);
    if (!kinds.includes(workload.kind)) return false;
    const names = [...text.matchAll(/^\s+name:\s*["']?([\w.-]+)["']?\s*$/gmu)].map(([, each]) => each);
    return name === workload.name || names.includes(workload.name);
  });
}

function ofModules(index: RepositoryIndex, { namespace, workload }: PlacementTarget): readonly Candidate[] {
  return index.terraform
    .filter((one) => one.kind === workload?.kind && one.name === workload.name && one.namespace === namespace)
    .map(({ folder, path, kind, name }) => ({
      place: { kind: "terraform", folder },
      by: { kind: "source", because: `${path} declares ${kind} ${name}` },
      cluster: undefined,
      paths: [folder],
      sync: undefined,
    }));
}

const WORKLOADS = new Set(["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "Rollout", "StatefulSet"]);

function ofNamespace(index: RepositoryIndex, target: PlacementTarget): Placement | Unplaced | undefined {
  if (target.namespace === "") return undefined;
  const reason = `all workloads of ${target.namespace} in the repository lie there`;
  const by = () => ({ kind: "namespace" as const, because: reason });
  const all = [...index.sites.values()].flat().filter((one) => one.namespace === target.namespace);
  const workloads = all.filter(({ kind }) => WORKLOADS.has(kind));
  const modules = index.terraform
    .filter(({ kind, namespace }) => WORKLOADS.has(kind) && namespace === target.namespace)
    .flatMap((one) => ofModules(index, { ...target, workload: one }));
  const shared = fromSites(index, target, { sites: narrowed(workloads), others: modules, by });
  if (shared !== undefined && shared.kind !== "unplaced") return shared;
  const declared = (index.sites.get(siteKey("Namespace", target.namespace)) ?? []).filter(picksUp);
  const because = `${declared[0]?.path ?? ""} declares the Namespace`;
  return fromSites(index, target, { sites: declared, by: () => ({ kind: "namespace", because }) }) ?? shared;
}

/** Sites of one root share the folders down to where their ways part. */
function narrowed(sites: readonly Site[]): readonly Site[] {
  const roots = Map.groupBy(sites, ({ layout, folders }) => `${layout} ${folders[0]}`);
  return [...roots.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const [root, ...below] = first.folders;
    const common = below.filter((folder) => group.every(({ folders }) => folders.includes(folder)));
    return group.map((site) => ({ ...site, folders: [root, ...common] as const }));
  });
}
