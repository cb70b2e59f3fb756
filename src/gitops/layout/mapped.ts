import type { Mapping, PlacedBy, Placement, PlacementTarget, Unplaced } from "../../model/placement.ts";
import type { Repository } from "../../model/repository.ts";
import { folderOf, foldersAround, joined, resolved } from "../paths.ts";
import { isHidden } from "./documents.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import { called, unplaced } from "./snippet.ts";

/** The place that people wrote down; undefined where they wrote down none. The closest fitting mapping wins. */
export function mappedPlacement(
  index: RepositoryIndex,
  target: PlacementTarget,
  mappings: readonly Mapping[],
): Placement | Unplaced | undefined {
  const fitting = mappings.filter((mapping) => fits(mapping, target));
  const closest = Math.max(...fitting.map(closeness));
  const best = fitting.filter((mapping) => closeness(mapping) === closest);
  const [first] = best;
  if (first === undefined) return undefined;
  const paths = [...new Set(best.map((mapping) => JSON.stringify([mapping.path, mapping.layout, mapping.values])))];
  if (paths.length > 1) {
    const places = [...new Set(best.map(({ path }) => JSON.stringify(path)))].toSorted().join(" and ");
    return unplaced(target, "ambiguous", {
      message: `mappings that fit ${called(target)} equally well name ${places}`,
    });
  }
  return placed(index, target, first);
}

function fits(mapping: Mapping, target: PlacementTarget): boolean {
  return (
    (mapping.cluster === undefined || mapping.cluster === target.cluster) &&
    (mapping.namespace === undefined || mapping.namespace === target.namespace) &&
    (mapping.workload === undefined || mapping.workload === target.workload?.name)
  );
}

function closeness({ cluster, namespace, workload }: Mapping): number {
  return (workload === undefined ? 0 : 4) + (namespace === undefined ? 0 : 2) + (cluster === undefined ? 0 : 1);
}

/**
 * A path that may be written to, from the root; undefined: it leads out of the repository or into what belongs to git and its
 * host, or through a link, a submodule or a file.
 */
export function writable(repository: Repository, written: string): string | undefined {
  const path = resolved("", written);
  if (path === undefined || isHidden(path)) return undefined;
  return [path, ...foldersAround(path)].some((part) => repository.files.has(part)) ? undefined : path;
}

function placed(index: RepositoryIndex, target: PlacementTarget, mapping: Mapping): Placement | Unplaced {
  const written = JSON.stringify(mapping.path);
  const folder = writable(index.repository, mapping.path);
  if (folder === undefined) {
    const message = `the mapping of ${called(target)} names ${written}, which is no folder of the repository that may be written to`;
    return unplaced(target, "outside", { message });
  }
  const placement = asLooks(index, folder, mapping);
  if (placement !== undefined) return placement;
  const message = `the mapping of ${called(target)} says that ${written} is ${mapping.layout ?? "helm"}, and the folder does not hold what that needs`;
  return unplaced(target, "unreadable", { message });
}

function asLooks(index: RepositoryIndex, folder: string, mapping: Mapping): Placement | undefined {
  const by = { kind: "mapping" as const, because: `.github/netlearn.yaml maps it to ${JSON.stringify(mapping.path)}` };
  switch (mapping.layout ?? looksLike(index, folder)) {
    case "plain":
      return { kind: "plain", folder, by };
    case "terraform":
      return { kind: "terraform", folder, by };
    case "kustomize": {
      const kustomization = index.kustomizations.get(folder)?.path;
      return kustomization === undefined ? undefined : { kind: "kustomize", kustomization, by };
    }
    case "helm":
      return mappedChart(index, folder, mapping.values ?? joined(folder, "values.yaml"), by);
  }
}

function mappedChart(index: RepositoryIndex, folder: string, written: string, by: PlacedBy): Placement | undefined {
  const values = resolved("", written);
  if (values === undefined || isHidden(values) || !index.charts.has(folder)) return undefined;
  const isThere = index.repository.files.get(values)?.text !== undefined;
  return isThere ? { kind: "helm", chart: folder, values, by } : undefined;
}

/** As Argo CD tells what a folder is, and Terraform besides. */
function looksLike(
  { charts, kustomizations, repository }: RepositoryIndex,
  folder: string,
): NonNullable<Mapping["layout"]> {
  if (charts.has(folder)) return "helm";
  if (kustomizations.has(folder)) return "kustomize";
  const files = [...repository.files.keys()].filter((path) => folderOf(path) === folder);
  const isModule = files.some((path) => path.endsWith(".tf")) && !files.some((path) => /\.ya?ml$/u.test(path));
  return isModule ? "terraform" : "plain";
}
