import {
  isManifestPlacement,
  type Placement,
  type ProposedFile,
  type ProposedManifest,
} from "../../model/placement.ts";
import type { Stage } from "../../model/proposal.ts";
import type { Repository } from "../../model/repository.ts";
import { folderOf, joined } from "../paths.ts";
import { atOnePlace, type PlacedAt } from "../place/place-all.ts";
import { moduleResources, standsInModule } from "../place/terraform.ts";
import { type Growth, growthOf } from "./growth.ts";
import { namespacesOf, type OwnObjects, objectId, ownFolder, standingIn } from "./own-objects.ts";

/** A file and where it goes. */
export interface PlacedFile {
  readonly namespace: string;
  readonly file: ProposedFile;
  readonly isEnforcement: boolean;
  readonly placement: Placement;
}

/** What one stage writes. */
export interface StageFiles {
  readonly places: readonly PlacedAt[];
  /** Paths of files of ours that go. */
  readonly removed: ReadonlySet<string>;
}

export interface StageContext {
  readonly index: { readonly repository: Repository };
  readonly own: ReadonlyMap<string, OwnObjects>;
  readonly isGone: (manifest: ProposedManifest) => boolean;
  /** Of all namespaces: what there is none of was not judged. */
  readonly wanted: readonly { readonly file: ProposedFile }[];
}

export interface Stages {
  readonly byStage: Readonly<Record<Stage, StageFiles>>;
  /** Nothing wants them, and they stay. */
  readonly stale: readonly string[];
}

/** Takes the files of one namespace apart by what they do to what stands there. */
export function stagesOf(placed: readonly PlacedFile[], context: StageContext): Stages {
  const widen: PlacedFile[] = [];
  const narrow: PlacedFile[] = [];
  const enforce: PlacedFile[] = [];
  const atHome = new Set<string>();
  for (const each of placed) {
    const { isWider, isNarrower, widened } = growthAt(each, context);
    if (isWider) widen.push({ ...each, file: { ...each.file, manifests: widened } });
    if (isNarrower) (each.isEnforcement ? enforce : narrow).push(each);
    if (isNarrower ? !each.isEnforcement : !isWider) each.file.manifests.forEach((one) => atHome.add(objectId(one)));
  }
  const { gone, stale } = leftOver(placed, atHome, context);
  const nothing = new Set<string>();
  return {
    byStage: {
      widen: { places: places(widen), removed: nothing },
      narrow: { places: places(narrow, gone, placed), removed: new Set(gone) },
      enforce: { places: places(enforce), removed: nothing },
    },
    stale,
  };
}

function growthAt({ placement, file }: PlacedFile, { index: { repository }, own }: StageContext): Growth {
  if (placement.kind !== "terraform") {
    return growthOf(standingIn(repository, own, placement, file) ?? [], file.manifests);
  }
  // Terraform's language is not read here: what stands there says the same or something else.
  const resources = moduleResources(repository, placement) ?? new Map<string, string>();
  const found = new Set(file.manifests.map((manifest) => standsInModule(resources, manifest)));
  if (found.has("as-meant") && found.size === 1) return { isWider: false, isNarrower: false, widened: file.manifests };
  return found.has("not") && found.size === 1
    ? growthOf([], file.manifests)
    : { isWider: false, isNarrower: true, widened: [] };
}

/** By place; places that files leave have none. */
function places(
  files: readonly PlacedFile[],
  gone: readonly string[] = [],
  all: readonly PlacedFile[] = [],
): readonly PlacedAt[] {
  const folders = new Set(gone.map(folderOf));
  const left = all.filter(({ placement }) => isManifestPlacement(placement) && folders.has(ownFolder(placement)));
  return atOnePlace([
    ...files.map(({ placement, file }) => ({ placement, files: [file] })),
    ...left.map(({ placement }) => ({ placement, files: [] })),
  ]);
}

/**
 * Files of ours in the places of these files, of this namespace alone, that are not among them. What stands elsewhere in the
 * same step is as good as gone here: two objects of one name get in each other's way.
 *
 * @param atHome objects that stand where they are wanted, or will with the same step
 */
function leftOver(
  placed: readonly PlacedFile[],
  atHome: ReadonlySet<string>,
  context: StageContext,
): { readonly gone: string[]; readonly stale: string[] } {
  const folders = new Map<string, Set<string>>();
  for (const { placement, file, namespace } of placed) {
    if (!isManifestPlacement(placement)) continue;
    const folder = `${namespace}\n${ownFolder(placement)}`;
    folders.set(folder, (folders.get(folder) ?? new Set()).add(file.name));
  }
  const judged = new Set(
    context.wanted.flatMap(({ file }) => file.manifests.map(({ kind }) => kind === "NetworkPolicy")),
  );
  const gone: string[] = [];
  const stale: string[] = [];
  for (const { path, manifests } of context.own.values()) {
    const [namespace, ...more] = namespacesOf(manifests);
    const wanted = more.length > 0 ? undefined : folders.get(`${namespace ?? ""}\n${folderOf(path)}`);
    if (wanted === undefined || [...wanted].some((name) => joined(folderOf(path), name) === path)) continue;
    if (manifests.every((manifest) => atHome.has(objectId(manifest)) || context.isGone(manifest))) gone.push(path);
    else if (manifests.some(({ kind }) => judged.has(kind === "NetworkPolicy"))) stale.push(path);
  }
  return { gone, stale };
}
