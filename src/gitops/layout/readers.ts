import { sortedBy } from "../../lib/sort.ts";
import type { Placement } from "../../model/placement.ts";
import { baseName, folderOf, isWithin, joined } from "../paths.ts";
import type { RepositoryIndex } from "./index-repository.ts";
import { isIncluded } from "./sites.ts";
import { readsPlain, type Sync } from "./sync.ts";

type Place = Placement extends infer P ? (P extends Placement ? Omit<P, "by"> : never) : never;

/**
 * What reads a place for more than one cluster or namespace, so that whatever is written there for one of them comes to the
 * others as well: `Application a in x.yaml for east, Application b in y.yaml for west`. Undefined: it is applied once at most.
 */
export function severalReaders(index: RepositoryIndex, place: Place): string | undefined {
  const readers = readersOf(index, place);
  // Flux leaves namespaces alone unless it is told to put its own over them; two Applications never share an object.
  const destinations = new Set(
    readers.map(({ destination, tool, target }) =>
      JSON.stringify([destination, target.isForced || tool === "argocd" ? target.namespace : ""]),
    ),
  );
  if (destinations.size < 2 && !readers.some(({ isForEach }) => isForEach)) return undefined;
  const said = readers.map(({ kind, name, path, destination, isForEach, target }) => {
    const into = target.namespace === "" ? "" : `, into ${target.namespace}`;
    const where = isForEach
      ? "for each of several clusters"
      : `for ${destination === "" ? "its own cluster" : destination}`;
    return `${kind} ${name} in ${path} ${where}${into}`;
  });
  return sortedBy(new Set(said), (text) => text).join(", ");
}

function readersOf(index: RepositoryIndex, place: Place): readonly Sync[] {
  const own = index.syncs.filter(({ belongs }) => belongs.kind !== "other-repository");
  switch (place.kind) {
    case "plain":
      return own.filter((sync) => readsFolder(index, sync, place.folder));
    case "kustomize": {
      const above = foldersAbove(index, folderOf(place.kustomization));
      return own.filter((sync) => sync.folder !== undefined && readsOneOf(index, sync, above));
    }
    case "helm":
      return own.filter(
        ({ folder, values }) =>
          folder === place.chart && (values.includes(place.values) || baseName(place.values) === "values.yaml"),
      );
    case "terraform":
      return [];
  }
}

function readsFolder({ kustomizations, charts }: RepositoryIndex, sync: Sync, folder: string): boolean {
  if (sync.folder === undefined || kustomizations.has(sync.folder) || charts.has(sync.folder)) return false;
  const file = joined(folder, "netlearn-x.yaml");
  return sync.kind !== "HelmRelease" && readsPlain(sync, file) && isIncluded(sync, file);
}

// Flux makes a kustomization of a folder that has none, and takes those below it in.
function readsOneOf({ kustomizations }: RepositoryIndex, sync: Sync, folders: ReadonlySet<string>): boolean {
  const { folder = "", tool } = sync;
  if (folders.has(folder)) return true;
  return tool === "flux" && !kustomizations.has(folder) && [...folders].some((one) => isWithin(one, folder));
}

/** Folders of the kustomizations that this one is built into, itself among them. */
function foldersAbove({ naming }: RepositoryIndex, folder: string): ReadonlySet<string> {
  const found = new Set([folder]);
  // A set that grows while it is walked is walked to its new end.
  for (const below of found) for (const above of naming.get(below) ?? []) found.add(above);
  return found;
}
