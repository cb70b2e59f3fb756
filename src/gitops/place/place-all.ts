import { canonicalText } from "../../lib/canonical.ts";
import { by } from "../../lib/sort.ts";
import {
  isManifestPlacement,
  type Placement,
  type ProposedFile,
  type ProposedManifest,
  type RenderCheck,
} from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { placeInChart } from "./helm.ts";
import type { Placed } from "./objects.ts";
import { type PlacedChanges, type PlaceOptions, placeFiles } from "./place-files.ts";
import { moduleResources, placeInTerraform } from "./terraform.ts";

/** Files that belong together at one place, of whatever kind it is. */
export interface PlacedAt {
  readonly placement: Placement;
  readonly files: readonly ProposedFile[];
}

export interface PlaceAllOptions extends PlaceOptions {
  /** Objects that a values file brings besides and that are to stay in it. */
  readonly keptIn: (values: string) => readonly ProposedManifest[];
}

/** What tells a place from another, whoever said that it is one. */
export function placeKey(placement: Placement): string {
  return canonicalText({ ...placement, by: undefined });
}

/** Each place once, with all its files, in the order of their first. */
export function atOnePlace(placed: readonly PlacedAt[]): readonly PlacedAt[] {
  const groups = Map.groupBy(placed, ({ placement }) => placeKey(placement));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [{ placement: first.placement, files: group.flatMap(({ files }) => files) }];
  });
}

/**
 * As {@link placeFiles}, also for charts and modules. What a module holds besides stays in it: nothing tells what is gone of it.
 *
 * @param placed by place; equal places are taken together
 */
export function placeAll(repository: Repository, placed: readonly PlacedAt[], options: PlaceAllOptions): PlacedChanges {
  const results = atOnePlace(placed).map((each) => othersPlaced(repository, each, options));
  const manifests = placed.flatMap(({ placement, files }) =>
    isManifestPlacement(placement) ? [{ placement, files }] : [],
  );
  const own = placeFiles(repository, manifests, options);
  const changes = new Map(
    [...own.changes, ...results.flatMap((each) => each.changes)].map((each) => [each.path, each]),
  );
  const refused = [...own.refused, ...results.flatMap((each) => each.refused)];
  return {
    changes: [...changes.values()].toSorted(by(({ path }) => path)),
    refused: refused.toSorted(by(({ path }) => path)),
    check: together(
      own.check,
      results.flatMap(({ changes: some }) => some),
    ),
  };
}

const NOTHING: Placed = { changes: [], refused: [] };

function othersPlaced(repository: Repository, { placement, files }: PlacedAt, options: PlaceAllOptions): Placed {
  if (placement.kind === "terraform") {
    const kept = moduleResources(repository, placement);
    return placeInTerraform(repository, { placement, files, ...(kept === undefined ? {} : { kept }) });
  }
  if (placement.kind !== "helm") return NOTHING;
  const kept = { name: "", manifests: options.keptIn(placement.values), workload: undefined };
  return placeInChart(repository, { placement, files: [...files, kept] });
}

/** Charts and modules are rendered by their own tools alone. */
function together(check: RenderCheck, others: readonly FileChange[]): RenderCheck {
  const unsure = others.map(({ path }) => notRendered(path));
  return { ...check, unsure: [...check.unsure, ...new Set(unsure)].toSorted() };
}

/** What is said of a file of a chart or a module, while no tool rendered it. */
export function notRendered(path: string): string {
  return `${path} was not rendered: netlearn reads neither charts nor modules itself.`;
}
