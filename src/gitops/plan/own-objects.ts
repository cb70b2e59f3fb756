import type { ManifestPlacement, Placement, ProposedFile, ProposedManifest } from "../../model/placement.ts";
import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { listAt } from "../fields.ts";
import { baseName, folderOf } from "../paths.ts";
import { ownPath } from "../place/own-files.ts";
import { isLabelledOwn } from "../render/check.ts";
import { documentsIn } from "../render/read-yaml.ts";
import { isProposedManifest } from "./manifest-shape.ts";

/** Objects of ours that stand together: one file, or the data of one values file. */
export interface OwnObjects {
  readonly path: string;
  readonly manifests: readonly ProposedManifest[];
}

/** Files of ours in a repository, by path: documents that are all labelled ours, and of kinds that are written here. */
export function ownObjects(repository: Repository): ReadonlyMap<string, OwnObjects> {
  const found = [...repository.files.values()].flatMap((file): OwnObjects[] => {
    if (!/^netlearn-.*\.yaml$/u.test(baseName(file.path))) return [];
    const manifests = ownManifests(file);
    return manifests === undefined ? [] : [{ path: file.path, manifests }];
  });
  return new Map(found.map((own) => [own.path, own]));
}

/** The objects of a file, when all of them are ours; undefined otherwise. */
export function ownManifests(file: RepositoryFile): readonly ProposedManifest[] | undefined {
  const documents = documentsIn(file) ?? [];
  if (!isLabelledOwn(documents)) return undefined;
  return documents.every(isProposedManifest) ? documents : undefined;
}

/** What stands in a place of what a file says; undefined: nothing that can be told. */
export function standingIn(
  repository: Repository,
  own: ReadonlyMap<string, OwnObjects>,
  placement: Placement,
  file: ProposedFile,
): readonly ProposedManifest[] | undefined {
  if (placement.kind === "plain" || placement.kind === "kustomize")
    return own.get(ownPath(placement, file.name))?.manifests;
  if (placement.kind === "terraform") return undefined;
  const wanted = new Set(file.manifests.map(objectId));
  const found = valuesObjects(repository, placement.values).filter((manifest) => wanted.has(objectId(manifest)));
  return found.length === 0 ? undefined : found;
}

/** The objects that a values file brings into its chart, those of kinds that are written here. */
export function valuesObjects(repository: Repository, values: string): readonly ProposedManifest[] {
  const file = repository.files.get(values);
  const [data] = (file === undefined ? undefined : documentsIn(file)) ?? [];
  return listAt(data, "netlearn", "policies").filter(isProposedManifest);
}

/** Kind, namespace and name. */
export function objectId({ kind, metadata: { namespace = "", name } }: ProposedManifest): string {
  return `${kind} ${namespace}/${name}`;
}

/** The namespaces of some objects, each once. */
export function namespacesOf(manifests: readonly ProposedManifest[]): ReadonlySet<string> {
  return new Set(manifests.map(({ metadata }) => metadata.namespace ?? ""));
}

/** The folder in which files of ours stand. */
export function ownFolder(placement: ManifestPlacement): string {
  return folderOf(ownPath(placement, "netlearn-x.yaml"));
}
