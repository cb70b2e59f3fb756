import { by, sortedBy } from "../../lib/sort.ts";
import type { ManifestPlacement, ProposedFile, ProposedManifest, Refusal, RenderCheck } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { folderOf, joined, kustomizationOf } from "../paths.ts";
import { differences, type Intent } from "../render/check.ts";
import { objectsIn, type Rendered, renderKustomization } from "../render/kustomization.ts";
import { type KustomizationTree, kustomizationTree } from "../render/selector-labels.ts";
import { changeOwnFiles, type Keep, OWN_FOLDER, type OwnChanges } from "./own-files.ts";
import { ownKustomization } from "./own-kustomization.ts";
import { pathObstacle } from "./own-path.ts";
import { withPeerExpressions } from "./peers.ts";
import { spliceResource } from "./splice.ts";
import { withChanges } from "./with-changes.ts";

/** Files that belong together at one place; none: what stands there goes. */
export interface PlacedFiles {
  readonly placement: ManifestPlacement;
  readonly files: readonly ProposedFile[];
}

export interface PlaceOptions {
  readonly keep: Keep;
  /** True where labels are written into selectors from outside the repository: Argo CD's `kustomize.commonLabels`. */
  readonly hasSelectorLabels: (placement: ManifestPlacement) => boolean;
}

export interface PlacedChanges {
  /** Sorted by path. */
  readonly changes: readonly FileChange[];
  /** Sorted by path. */
  readonly refused: readonly Refusal[];
  readonly check: RenderCheck;
}

/**
 * What has to change in a repository for manifests to stand in their places: files of our own, and one line in the
 * kustomization of whoever owns it. What can't be done safely is refused, with what to do by hand.
 *
 * @param placed by place; equal places are taken together
 */
export function placeFiles(
  repository: Repository,
  placed: readonly PlacedFiles[],
  options: PlaceOptions,
): PlacedChanges {
  const tree = kustomizationTree(repository);
  const places = together(placed).map(({ placement, files }) =>
    placement.kind === "plain"
      ? plainPlace(repository, placement.folder, files, options.keep)
      : kustomizePlace(repository, placement.kustomization, written({ placement, files }, tree, options), options.keep),
  );
  const changes = places.flatMap((place) => place.changes).toSorted(by(({ path }) => path));
  const refused = places.flatMap((place) => place.refused).toSorted(by(({ path }) => path));
  return { changes, refused, check: checked(repository, places, changes) };
}

interface Place {
  readonly changes: readonly FileChange[];
  readonly refused: readonly Refusal[];
  readonly meant: OwnChanges["meant"];
  /** Undefined for a plain folder. */
  readonly kustomization: string | undefined;
  readonly folder: string;
}

function together(placed: readonly PlacedFiles[]): PlacedFiles[] {
  const places = new Map<string, PlacedFiles>();
  for (const { placement, files } of sortedBy(placed, (each) => placeOf(each.placement))) {
    const place = placeOf(placement);
    places.set(place, { placement, files: [...(places.get(place)?.files ?? []), ...files] });
  }
  return [...places.values()];
}

function placeOf(placement: ManifestPlacement): string {
  return placement.kind === "plain" ? `plain ${placement.folder}` : `kustomize ${placement.kustomization}`;
}

function written({ placement, files }: PlacedFiles, tree: KustomizationTree, options: PlaceOptions): ProposedFile[] {
  const path = placement.kind === "kustomize" ? placement.kustomization : "";
  const isLabelled = tree.selectorLabels(path).length > 0 || options.hasSelectorLabels(placement);
  return files.map((file) => (isLabelled ? { ...file, manifests: file.manifests.map(withPeerExpressions) } : file));
}

function plainPlace(repository: Repository, folder: string, files: readonly ProposedFile[], keep: Keep): Place {
  const kustomization = kustomizationOf(repository, folder);
  if (kustomization !== undefined && files.length > 0) {
    const message = `${kustomization} says what is applied from its folder: files beside it would not be seen.`;
    const patch = files.map(({ name }) => `- ${name}\n`).join("");
    return {
      changes: [],
      refused: [{ path: kustomization, message, patch }],
      meant: new Map(),
      kustomization: undefined,
      folder,
    };
  }
  return { ...changeOwnFiles(repository, folder, files, keep), kustomization: undefined, folder };
}

function kustomizePlace(repository: Repository, path: string, files: readonly ProposedFile[], keep: Keep): Place {
  const folder = joined(folderOf(path), OWN_FOLDER);
  const nothing = { changes: [], meant: new Map<string, readonly ProposedManifest[]>(), kustomization: path, folder };
  const own = changeOwnFiles(repository, folder, files, keep);
  if (own.names.length === 0 && kustomizationOf(repository, folder) !== undefined) {
    return { ...nothing, refused: [...own.refused, lastFile(path, folder)] };
  }
  const list = ownKustomization(repository, folder, own.names);
  if (list.kind === "refused") return { ...nothing, refused: [...own.refused, list.refusal] };
  const changes = [...own.changes, ...list.changes];
  if (own.names.length === 0) return { ...nothing, ...own, changes };
  const found = repository.files.get(path);
  const patch = `resources:\n- ${OWN_FOLDER}\n`;
  if (found?.text === undefined || pathObstacle(repository, path) !== undefined) {
    const message = `${path} can't be read, so it is not edited: add the folder \`${OWN_FOLDER}\` to its resources by hand.`;
    return { ...nothing, refused: [...own.refused, { path, message, patch }] };
  }
  const splice = spliceResource(found.text, OWN_FOLDER);
  if (splice.kind === "refused") {
    const message = `${path} can't be edited safely: ${splice.because}; add the folder \`${OWN_FOLDER}\` to its resources by hand.`;
    return { ...nothing, refused: [...own.refused, { path, message, patch }] };
  }
  if (splice.kind === "spliced") {
    changes.push({ kind: "write", path, text: splice.text, before: found.text, owner: "person" });
  }
  return { ...own, changes, kustomization: path, folder };
}

/** Kustomize takes no kustomization that lists nothing, and the line that names the folder is a person's to take out. */
function lastFile(path: string, folder: string): Refusal {
  const message = `Nothing of ${folder} is needed any longer: take \`${OWN_FOLDER}\` out of the resources of ${path}, and delete the folder.`;
  return { path, message, patch: `resources:\n- ${OWN_FOLDER} # take this line out\n` };
}

function checked(repository: Repository, places: readonly Place[], changes: readonly FileChange[]): RenderCheck {
  const changed = withChanges(repository, changes);
  const tree = kustomizationTree(changed);
  const found = { differences: new Set<string>(), unsure: new Set<string>() };
  const compare = (before: Rendered, after: Rendered, intent: Intent) => {
    for (const sentence of differences(before.objects, after.objects, intent)) found.differences.add(sentence);
    for (const sentence of after.unsure) found.unsure.add(sentence);
  };
  const meant = new Map(places.flatMap((place) => [...place.meant]));
  for (const { kustomization, folder, meant: own } of places) {
    if (kustomization === undefined) {
      compare(folderObjects(repository, folder), folderObjects(changed, folder), { files: own, selectorLabels: [] });
      continue;
    }
    for (const root of tree.roots(kustomization)) {
      const under = placesUnder(places, tree, root);
      const reached = [...meant].filter(([path]) => under.has(folderOf(path)));
      const intent = { files: new Map(reached), selectorLabels: tree.selectorLabels(kustomization) };
      compare(renderKustomization(repository, root), renderKustomization(changed, root), intent);
    }
  }
  return { by: ["netlearn"], differences: [...found.differences], unsure: [...found.unsure] };
}

/** Folders of ours that a root builds. */
function placesUnder(places: readonly Place[], tree: KustomizationTree, root: string): Set<string> {
  const under = places.filter(
    ({ kustomization }) => kustomization !== undefined && tree.ancestors(kustomization).includes(root),
  );
  return new Set(under.map(({ folder }) => folder));
}

function folderObjects(repository: Repository, folder: string): Rendered {
  const unsure: string[] = [];
  const files = [...repository.files.values()].filter(
    ({ path }) => folderOf(path) === folder && /\.(?:ya?ml|json)$/u.test(path),
  );
  return { objects: files.flatMap((file) => objectsIn(file, unsure)), unsure };
}
