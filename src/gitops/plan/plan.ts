import { canonicalText } from "../../lib/canonical.ts";
import { by, byText, sortedBy } from "../../lib/sort.ts";
import type {
  Mapping,
  Placement,
  PlacementTarget,
  ProposedFile,
  ProposedManifest,
  Refusal,
  RenderCheck,
  Tracking,
  Unplaced,
} from "../../model/placement.ts";
import { STAGES, type Stage, type Unit } from "../../model/proposal.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { findPlacement } from "../layout/find-placement.ts";
import type { RepositoryIndex } from "../layout/index-repository.ts";
import { folderOf, kustomizationOf } from "../paths.ts";
import { atOnePlace, type PlacedAt, placeAll, placeKey } from "../place/place-all.ts";
import { kustomizationTree } from "../render/selector-labels.ts";
import { branchOf } from "./branch.ts";
import { namedApart } from "./named-apart.ts";
import { type OwnObjects, objectId, ownFolder, ownObjects, valuesObjects } from "./own-objects.ts";
import { type PlacedFile, type StageFiles, stagesOf } from "./stages.ts";

/** A file that is wanted in the repository. */
export interface WantedFile {
  /** Empty for what is cluster-scoped. */
  readonly namespace: string;
  readonly file: ProposedFile;
  /** What the live workload says of who applied it; undefined: not known. */
  readonly tracking?: Tracking | undefined;
  /** A default-deny comes last. */
  readonly isEnforcement: boolean;
}

/** What is planned from. */
export interface PlanInput {
  readonly index: RepositoryIndex;
  readonly mappings: readonly Mapping[];
  /** Branch that is proposed to. */
  readonly base: string;
  /** Empty where the sources name no cluster. */
  readonly cluster: string;
  readonly wanted: readonly WantedFile[];
  /** Whether what an object of ours is for exists no more: only then may it be removed, since not seen is not gone. */
  readonly isGone: (manifest: ProposedManifest) => boolean;
}

/** What a unit comes to: without what it means for those who run there. */
export interface PlannedUnit {
  readonly unit: Unit;
  readonly branch: string;
  /** Empty: nothing can be done without a person, see `refused`. */
  readonly changes: readonly FileChange[];
  readonly files: readonly ProposedFile[];
  readonly refused: readonly Refusal[];
  readonly check: RenderCheck;
  /** Objects of ours that go with their files, and stand nowhere else. */
  readonly removed: readonly ProposedManifest[];
  /** What was placed, for taking several units together. */
  readonly placed: StageFiles;
}

/** What a unit is rendered from. */
export type UnitToRender = Pick<PlannedUnit, "changes" | "check" | "placed">;

export interface Plan {
  /** All that anything was placed for, sorted. */
  readonly namespaces: readonly string[];
  /** Sorted by namespace and stage. */
  readonly units: readonly PlannedUnit[];
  /** Where files go, one entry for each place of a namespace. */
  readonly places: readonly { readonly target: PlacementTarget; readonly placement: Placement }[];
  /** What has no place, one entry for each reason; sorted by namespace. */
  readonly unplaced: readonly {
    readonly target: PlacementTarget;
    /** Names of the files. */
    readonly files: readonly string[];
    readonly unplaced: Unplaced;
  }[];
  /** Paths of files of ours that nothing wants any more, and that stay, since what they are for may well exist. Sorted. */
  readonly stale: readonly string[];
  /** Objects of ours that stand in these places. */
  readonly standing: readonly ProposedManifest[];
}

/**
 * What has to change in a repository for some files to stand there, as units that are proposed one after the other: what
 * only grows, then what closes, then default-deny. Equal inputs in any order give equal plans.
 */
export function planUnits(input: PlanInput): Plan {
  const { index, wanted } = input;
  const own = ownObjects(index.repository);
  const found = sortedBy(wanted, canonicalText).map((each) => ({ ...each, place: placeOf(input, each) }));
  const placeable = found.flatMap(({ place, ...rest }): PlacedFile[] =>
    place.kind === "unplaced" ? [] : [{ ...rest, placement: place }],
  );
  const placed = namedApart(placeable, index.repository, own);
  const namespaces = [...new Set(placed.map(({ namespace }) => namespace))].toSorted(byText);
  const staged = namespaces.map((namespace) => ({
    namespace,
    stages: stagesOf(
      placed.filter((each) => each.namespace === namespace),
      { ...input, own },
    ),
  }));
  const units = staged.flatMap(({ namespace, stages }) =>
    STAGES.flatMap((stage) => planned(input, own, { namespace, stage, placed: stages.byStage[stage] })),
  );
  return {
    namespaces,
    units,
    places: placesOf(placed, input.cluster),
    unplaced: unplacedOf(found, input.cluster),
    stale: [...new Set(staged.flatMap(({ stages }) => stages.stale))].toSorted(byText),
    standing: standingAt(index.repository, own, placed),
  };
}

/** Stages of a namespace in which something can't be edited safely: a person has to write it down. */
export function stagesByHand({ units }: Pick<Plan, "units">, namespace: string): ReadonlySet<Stage> {
  const refused = units.filter((each) => each.unit.namespace === namespace && each.refused.length > 0);
  return new Set(refused.map(({ unit }) => unit.stage));
}

/** Several units as one change. */
export type CombinedUnits = UnitToRender & Pick<PlannedUnit, "refused">;

/**
 * Several units as one change: what a person gets who applies them by hand. Of a namespace's stages the last one that writes a
 * file has the word. Changes are sorted by path.
 */
export function combinedUnits(input: PlanInput, units: readonly PlannedUnit[]): CombinedUnits {
  const namespaces = Map.groupBy(units, ({ unit }) => unit.namespace);
  const last = [...namespaces.values()].map(lastWords);
  const placed = {
    places: atOnePlace(last.flatMap(({ places }) => places)),
    removed: new Set(last.flatMap(({ removed }) => [...removed])),
  };
  return { ...placedFiles(input, placed), placed };
}

function lastWords(units: readonly PlannedUnit[]): StageFiles {
  const inOrder = STAGES.flatMap((stage) => units.filter(({ unit }) => unit.stage === stage));
  const said = new Map<string, PlacedAt>();
  for (const { placement, files } of inOrder.flatMap(({ placed }) => placed.places)) {
    const place = placeKey(placement);
    // A place that files only leave has none.
    if (files.length === 0) said.set(place, { placement, files });
    for (const file of files) said.set(JSON.stringify([place, file.name]), { placement, files: [file] });
  }
  return { places: [...said.values()], removed: new Set(inOrder.flatMap(({ placed }) => [...placed.removed])) };
}

function planned(
  input: PlanInput,
  own: ReadonlyMap<string, OwnObjects>,
  { namespace, stage, placed }: { readonly namespace: string; readonly stage: Stage; readonly placed: StageFiles },
): PlannedUnit[] {
  if (placed.places.length === 0) return [];
  const { changes, refused, check } = placedFiles(input, placed);
  if (changes.length === 0 && refused.length === 0) return [];
  const { base, cluster } = input;
  const unit = { base, cluster, namespace, stage };
  const files = placed.places.flatMap((place) => place.files).toSorted(by(({ name }) => name));
  const moved = new Set(input.wanted.flatMap(({ file }) => file.manifests.map(objectId)));
  const removed = [...placed.removed]
    .flatMap((path) => own.get(path)?.manifests ?? [])
    .filter((manifest) => !moved.has(objectId(manifest)));
  return [{ unit, branch: branchOf(unit), changes, files, refused, check, removed, placed }];
}

function placedFiles({ index }: PlanInput, { places, removed }: StageFiles): ReturnType<typeof placeAll> {
  const labelling = labellingSyncs(index);
  const { repository } = index;
  const written = new Set(places.flatMap(({ files }) => files.flatMap(({ manifests }) => manifests.map(objectId))));
  return placeAll(repository, places, {
    keep: ({ path }) => !removed.has(path),
    hasSelectorLabels: (placement) => placement.kind === "kustomize" && labelling(placement.kustomization),
    keptIn: (values) => valuesObjects(repository, values).filter((manifest) => !written.has(objectId(manifest))),
  });
}

function placeOf(input: PlanInput, { namespace, file: { workload }, tracking }: WantedFile): Placement | Unplaced {
  const target: PlacementTarget = { cluster: input.cluster, namespace, workload };
  return findPlacement(input.index, target, input.mappings, tracking);
}

/** What of ours the places of these files hold, whoever put it there; modules are not read. */
function standingAt(
  repository: Repository,
  own: ReadonlyMap<string, OwnObjects>,
  placed: readonly PlacedFile[],
): readonly ProposedManifest[] {
  const folders = new Set<string>();
  const values = new Set<string>();
  for (const { placement } of placed) {
    if (placement.kind === "helm") values.add(placement.values);
    else if (placement.kind !== "terraform") folders.add(ownFolder(placement));
  }
  return [
    ...[...own.values()].filter(({ path }) => folders.has(folderOf(path))).flatMap(({ manifests }) => manifests),
    ...[...values].flatMap((path) => valuesObjects(repository, path)),
  ];
}

/** Whether an Application writes labels into selectors of what a kustomization holds. */
function labellingSyncs({ repository, syncs }: RepositoryIndex): (kustomization: string) => boolean {
  const labelled = syncs.flatMap(({ hasSelectorLabels, folder }) =>
    hasSelectorLabels && folder !== undefined ? (kustomizationOf(repository, folder) ?? []) : [],
  );
  if (labelled.length === 0) return () => false;
  const tree = kustomizationTree(repository);
  return (kustomization) => tree.ancestors(kustomization).some((each) => labelled.includes(each));
}

type Found = WantedFile & { readonly place: Placement | Unplaced };

function unplacedOf(found: readonly Found[], cluster: string): Plan["unplaced"] {
  const without = found.flatMap(({ namespace, file, place }) =>
    place.kind === "unplaced" ? [{ namespace, name: file.name, unplaced: place }] : [],
  );
  const groups = Map.groupBy(without, ({ namespace, unplaced }) => JSON.stringify([namespace, unplaced.message]));
  return [...groups].toSorted(by(([key]) => key)).flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const { namespace, unplaced } = first;
    const target = { cluster, namespace, workload: undefined };
    return [{ target, files: group.map(({ name }) => name).toSorted(byText), unplaced }];
  });
}

function placesOf(placed: readonly PlacedFile[], cluster: string): Plan["places"] {
  const distinct = new Map(
    placed.map(({ namespace, placement }) => {
      const place = { target: { cluster, namespace, workload: undefined }, placement };
      return [canonicalText([namespace, { ...placement, by: undefined }]), place];
    }),
  );
  return [...distinct].toSorted(by(([key]) => key)).map(([, place]) => place);
}
