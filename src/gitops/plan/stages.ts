import { canonicalText } from "../../lib/canonical.ts";
import type { Placement, ProposedFile, ProposedManifest } from "../../model/placement.ts";
import type { Stage } from "../../model/proposal.ts";
import type { Repository } from "../../model/repository.ts";
import { folderOf, joined } from "../paths.ts";
import type { PlacedAt } from "../place/place-all.ts";
import { growthOf } from "./growth.ts";
import { namespacesOf, type OwnObjects, ownFolder, standingIn } from "./own-objects.ts";

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
  for (const each of placed.filter(({ placement }) => placement.kind !== "terraform")) {
    const standing = standingIn(context.index.repository, context.own, each.placement, each.file) ?? [];
    const { isWider, isNarrower, widened } = growthOf(standing, each.file.manifests);
    if (isWider) widen.push({ ...each, file: { ...each.file, manifests: widened } });
    if (isNarrower) (each.isEnforcement ? enforce : narrow).push(each);
  }
  const modules = placed.filter(({ placement }) => placement.kind === "terraform");
  const isDenied = (each: PlacedFile): boolean => !each.isEnforcement || standsInModule(context, each);
  const { gone, stale } = leftOver(placed, context);
  const nothing = new Set<string>();
  return {
    byStage: {
      widen: { places: places(widen), removed: nothing },
      narrow: { places: places([...narrow, ...modules.filter(isDenied)], gone, placed), removed: new Set(gone) },
      enforce: { places: places([...enforce, ...(modules.every(isDenied) ? [] : modules)]), removed: nothing },
    },
    stale,
  };
}

/** By place; places that files leave have none. */
function places(
  files: readonly PlacedFile[],
  gone: readonly string[] = [],
  all: readonly PlacedFile[] = [],
): PlacedAt[] {
  const folders = new Set(gone.map(folderOf));
  const left = all.filter(({ placement }) => isManifests(placement) && folders.has(ownFolder(placement)));
  const wanted = [
    ...files.map((each) => ({ ...each, files: [each.file] })),
    ...left.map((each) => ({ ...each, files: [] })),
  ];
  const groups = Map.groupBy(wanted, ({ placement }) => canonicalText({ ...placement, by: undefined }));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ placement: first.placement, files: group.flatMap((each) => each.files) }];
  });
}

function isManifests(placement: Placement): placement is Extract<Placement, { kind: "plain" | "kustomize" }> {
  return placement.kind === "plain" || placement.kind === "kustomize";
}

/** Terraform's language is not read here: the name of an object says whether it is there. */
function standsInModule({ index: { repository } }: StageContext, { placement, file }: PlacedFile): boolean {
  if (placement.kind !== "terraform") return false;
  const text = repository.files.get(joined(placement.folder, "netlearn.tf"))?.text ?? "";
  return file.manifests.every(({ metadata }) => text.includes(JSON.stringify(metadata.name)));
}

/** Files of ours in the places of these files, of this namespace alone, that are not among them. */
function leftOver(
  placed: readonly PlacedFile[],
  context: StageContext,
): { readonly gone: string[]; readonly stale: string[] } {
  const folders = new Map<string, Set<string>>();
  for (const { placement, file, namespace } of placed) {
    if (!isManifests(placement)) continue;
    const folder = `${namespace}\n${ownFolder(placement)}`;
    folders.set(folder, (folders.get(folder) ?? new Set()).add(file.name));
  }
  const gone: string[] = [];
  const stale: string[] = [];
  for (const { path, manifests } of context.own.values()) {
    const [namespace, ...more] = namespacesOf(manifests);
    const wanted = more.length > 0 ? undefined : folders.get(`${namespace ?? ""}\n${folderOf(path)}`);
    if (wanted === undefined || [...wanted].some((name) => joined(folderOf(path), name) === path)) continue;
    (manifests.every((manifest) => context.isGone(manifest)) ? gone : stale).push(path);
  }
  return { gone, stale };
}
