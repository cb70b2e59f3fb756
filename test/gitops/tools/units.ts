import { type PlacedAt, placeAll } from "../../../src/gitops/place/place-all.ts";
import type { UnitToRender } from "../../../src/gitops/plan/plan.ts";
import { toolRenderer } from "../../../src/gitops/tools/tool-renderer.ts";
import type { Placement, ProposedFile, RenderCheck } from "../../../src/model/placement.ts";
import type { Repository } from "../../../src/model/repository.ts";
import { FILES } from "../place/repositories.ts";

const by = { kind: "mapping", because: "" } as const;
const options = { keep: () => false, hasSelectorLabels: () => false, keptIn: () => [] };

export const OVERLAY: Extract<Placement, { kind: "kustomize" }> = {
  kind: "kustomize",
  kustomization: "app/kustomization.yaml",
  by,
};
export const MODULE: Placement = { kind: "terraform", folder: "infra", by };

/** A unit as it is planned, for files at one place. */
export function unitAt(
  repository: Repository,
  placement: Placement,
  files: readonly ProposedFile[] = FILES,
): UnitToRender {
  const places: readonly PlacedAt[] = [{ placement, files }];
  const { changes, check } = placeAll(repository, places, options);
  return { changes, check, placed: { places, removed: new Set() } };
}

/** The same unit with something in it that nobody meant. */
export function tampered(unit: UnitToRender, change: UnitToRender["changes"][number]): UnitToRender {
  return { ...unit, changes: [...unit.changes.filter(({ path }) => path !== change.path), change] };
}

/** Renders one unit at a time. */
export function renderer(
  run: Parameters<typeof toolRenderer>[0],
): (repository: Repository, unit: UnitToRender) => Promise<RenderCheck> {
  const render = toolRenderer(run);
  return async (repository, unit) => {
    const [check] = await render(repository, [unit]);
    if (check === undefined) throw new Error("a unit got no check");
    return check;
  };
}
