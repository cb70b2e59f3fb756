import { isManifestPlacement } from "../../model/placement.ts";
import type { Repository } from "../../model/repository.ts";
import { ownPath } from "../place/own-files.ts";
import { namespacesOf, type OwnObjects } from "./own-objects.ts";
import type { PlacedFile } from "./stages.ts";

/**
 * Gives files other names where those of several namespaces would be one: each would undo the other. What stands keeps its name,
 * so that nobody's file moves because somebody else's comes or goes.
 *
 * @param own files of ours that stand in the repository, by path
 */
export function namedApart(
  placed: readonly PlacedFile[],
  { files }: Repository,
  own: ReadonlyMap<string, OwnObjects>,
): readonly PlacedFile[] {
  const wanting = namespacesByPath(placed);
  return placed.map((each) => {
    const { placement, file, namespace } = each;
    if (!isManifestPlacement(placement)) return each;
    const path = ownPath(placement, file.name);
    const standing = own.get(path);
    // What a person made of a file of ours is in the way of all who want it.
    const isTaken =
      standing === undefined
        ? !files.has(path) && (wanting.get(path)?.size ?? 0) > 1
        : !namespacesOf(standing.manifests).has(namespace);
    const name = file.name.replace(/\.yaml$/u, () => endOf(namespace));
    return isTaken || files.has(ownPath(placement, name)) ? { ...each, file: { ...file, name } } : each;
  });
}

/** The path that a file of a namespace has where it need not be told from those of others. */
export function pathAlone(path: string, namespace: string): string {
  const end = endOf(namespace);
  return path.endsWith(end) ? `${path.slice(0, -end.length)}.yaml` : path;
}

/** No name of an object has a `~`. */
function endOf(namespace: string): string {
  return `~${namespace}.yaml`;
}

function namespacesByPath(placed: readonly PlacedFile[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { placement, file, namespace } of placed) {
    if (!isManifestPlacement(placement)) continue;
    const path = ownPath(placement, file.name);
    found.set(path, (found.get(path) ?? new Set()).add(namespace));
  }
  return found;
}
