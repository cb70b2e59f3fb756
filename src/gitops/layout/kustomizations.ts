import { by } from "../../lib/sort.ts";
import { folderOf, resolved } from "../paths.ts";
import type { FoundDocuments, Notice } from "./documents.ts";
import { textAt, textsAt } from "./values.ts";

/** A kustomization of the repository. */
export interface Kustomization {
  readonly path: string;
  readonly folder: string;
  readonly isComponent: boolean;
  readonly namespace: string | undefined;
  readonly prefix: string;
  readonly suffix: string;
  /** Manifests that it names. */
  readonly files: readonly string[];
  /** Folders of kustomizations that it names: bases, overlays and components. */
  readonly folders: readonly string[];
}

/** The kustomizations, by folder, and what in them leads out of the repository. */
export function readKustomizations(documents: FoundDocuments): {
  readonly byFolder: ReadonlyMap<string, Kustomization>;
  readonly notices: readonly Notice[];
} {
  const notices: Notice[] = [];
  const folders = new Set([...documents.kustomizations.keys()].map(folderOf));
  const byFolder = new Map<string, Kustomization>();
  for (const [path, value] of [...documents.kustomizations].toSorted(by(([name]) => name))) {
    const folder = folderOf(path);
    if (byFolder.has(folder)) {
      notices.push({
        path,
        message: "it stands beside another kustomization, and kustomize refuses both",
        mayHold: true,
      });
      continue;
    }
    const names = ["resources", "bases", "components"].flatMap((key) => textsAt(value, key));
    const places = names.flatMap((name) => resolved(folder, name) ?? []);
    byFolder.set(folder, {
      path,
      folder,
      isComponent: textAt(value, "kind") === "Component",
      namespace: textAt(value, "namespace"),
      prefix: textAt(value, "namePrefix") ?? "",
      suffix: textAt(value, "nameSuffix") ?? "",
      files: places.filter((place) => !folders.has(place)),
      folders: places.filter((place) => folders.has(place) && place !== folder),
    });
    for (const name of names.filter((each) => resolved(folder, each) === undefined)) {
      notices.push({
        path,
        message: `it names ${JSON.stringify(name)}, which is not in this repository`,
        mayHold: true,
      });
    }
  }
  return { byFolder, notices };
}

/** Folders of the kustomizations that name a folder, by that folder. */
export function foldersNaming(all: ReadonlyMap<string, Kustomization>): ReadonlyMap<string, readonly string[]> {
  const naming = new Map<string, string[]>();
  for (const { folder, folders } of all.values()) {
    for (const below of new Set(folders)) {
      const known = naming.get(below);
      if (known === undefined) naming.set(below, [folder]);
      else known.push(folder);
    }
  }
  return naming;
}

/** The folders that no kustomization names, and that are no components: what a cluster's tools start from. */
export function rootFolders(all: ReadonlyMap<string, Kustomization>): readonly string[] {
  const named = new Set([...all.values()].flatMap(({ folders }) => folders));
  return [...all.values()].filter(({ folder, isComponent }) => !isComponent && !named.has(folder)).map((k) => k.folder);
}
