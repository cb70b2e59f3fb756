import type { Repository } from "../../model/repository.ts";
import { type Chart, readCharts, readTerraform, type TerraformResource } from "./charts.ts";
import { type FoundDocuments, type Notice, readDocuments } from "./documents.ts";
import { foldersNaming, type Kustomization, readKustomizations } from "./kustomizations.ts";
import { type Origin, UNKNOWN_ORIGIN } from "./origin.ts";
import { kustomizeSites, plainSites, type Site } from "./sites.ts";
import type { Sync } from "./sync.ts";
import { readSyncs } from "./syncs.ts";

/** What a repository holds and who applies it. */
export interface RepositoryIndex {
  readonly repository: Repository;
  /** Objects as clusters get them, one for each way by which they get there; by `siteKey`. */
  readonly sites: ReadonlyMap<string, readonly Site[]>;
  /** By folder. */
  readonly kustomizations: ReadonlyMap<string, Kustomization>;
  /** Folders of the kustomizations that name a folder, by that folder. */
  readonly naming: ReadonlyMap<string, readonly string[]>;
  /** By folder. */
  readonly charts: ReadonlyMap<string, Chart>;
  readonly syncs: readonly Sync[];
  readonly terraform: readonly TerraformResource[];
  /** What could not be read or followed. */
  readonly notices: readonly Notice[];
}

/** Kind and name: what of an object no folder changes but a kustomization's prefix, which is in the name. */
export function siteKey(kind: string, name: string): string {
  return `${kind}/${name}`;
}

/**
 * Reads every manifest, kustomization, chart, module, Application and Flux object of the repository. Nothing is fetched.
 *
 * @param origin tells which of the sources that Argo CD and Flux name are this repository at the branch that is proposed to
 */
export function indexRepository(repository: Repository, origin: Origin = UNKNOWN_ORIGIN): RepositoryIndex {
  const documents: FoundDocuments = readDocuments(repository);
  const { byFolder: kustomizations, notices } = readKustomizations(documents);
  const found = readSyncs(documents, repository, origin);
  const charts = readCharts(documents, repository);
  const naming = foldersNaming(kustomizations);
  const context = { documents, kustomizations, naming, charts, syncs: found.syncs };
  const all = [...kustomizeSites(context), ...plainSites(context)];
  const sites = Map.groupBy(all, ({ kind, name }) => siteKey(kind, name));
  return {
    repository,
    sites,
    kustomizations,
    naming,
    charts,
    syncs: found.syncs,
    terraform: readTerraform(repository),
    notices: [...documents.notices, ...notices, ...found.notices],
  };
}
