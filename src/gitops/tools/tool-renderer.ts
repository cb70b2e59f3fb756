import { canonicalText } from "../../lib/canonical.ts";
import { byText } from "../../lib/sort.ts";
import type { RenderCheck } from "../../model/placement.ts";
import type { Repository } from "../../model/repository.ts";
import { baseName } from "../paths.ts";
import { notRendered } from "../place/place-all.ts";
import { withChanges } from "../place/with-changes.ts";
import type { PlannedUnit } from "../plan/plan.ts";
import { checkCharts } from "./check-charts.ts";
import { checkKustomizations } from "./check-kustomizations.ts";
import { findTools, type Tool } from "./find-tools.ts";
import { type ToolRun, terraformFormatted } from "./programs.ts";
import { Renderings } from "./renderings.ts";
import { joinedFindings, type ToolCheck, type ToolFindings } from "./tool-check.ts";

/** What a planned unit is rendered from. */
export type UnitToRender = Pick<PlannedUnit, "changes" | "check" | "placed">;

/**
 * Checks changes with the tools that are on PATH, which are looked for when the first unit is rendered.
 *
 * @returns what checks one unit: its check, and what the tools found. What a unit came to is remembered, and so is each place
 *   of a repository as it is before anything is changed.
 */
export function toolRenderer(run: ToolRun): (repository: Repository, unit: UnitToRender) => Promise<RenderCheck> {
  let tools: Promise<readonly Tool[]> | undefined;
  const known = new WeakMap<Repository, { renderings: Renderings; checks: Map<string, Promise<RenderCheck>> }>();
  const rendered = async (repository: Repository, unit: UnitToRender, renderings: Renderings): Promise<RenderCheck> => {
    tools ??= findTools(run);
    const changed = withChanges(repository, unit.changes);
    const placements = unit.placed.places.map(({ placement }) => placement);
    const context = { repository, changed, changes: unit.changes, placements, tools: await tools, renderings };
    const found = [await checkKustomizations(context), await checkCharts(context), await checkModules(context, run)];
    return together(unit.check, joinedFindings(found));
  };
  return async (repository, unit) => {
    if (unit.changes.length === 0) return unit.check;
    const { renderings, checks } = known.get(repository) ?? { renderings: new Renderings(run), checks: new Map() };
    known.set(repository, { renderings, checks });
    const key = canonicalText([unit.changes, unit.check, unit.placed.places.map(({ placement }) => placement)]);
    const check = checks.get(key) ?? rendered(repository, unit, renderings);
    checks.set(key, check);
    return await check;
  };
}

function together(check: RenderCheck, { by, differences, unsure, settled, open }: ToolFindings): RenderCheck {
  const left = check.unsure.filter((sentence) => open.includes(sentence) || !settled.includes(sentence));
  return {
    by: [...check.by, ...by],
    differences: [...new Set([...check.differences, ...differences])],
    unsure: [...new Set([...left, ...unsure])].toSorted(byText),
  };
}

/** Terraform's own reader looks at a file of ours: what comes of it, only a plan against the state can say. */
async function checkModules({ changes, tools }: ToolCheck, run: ToolRun): Promise<ToolFindings> {
  const differences: string[] = [];
  const unsure: string[] = [];
  const settled: string[] = [];
  for (const change of changes) {
    if (change.kind !== "write" || baseName(change.path) !== "netlearn.tf") continue;
    for (const tool of tools.filter(({ kind }) => kind === "terraform")) {
      const result = await terraformFormatted(tool, run, change.text);
      if (result.kind === "refused") differences.push(`${change.path} is refused by ${tool.label}: ${result.because}.`);
      else if (result.kind === "stopped")
        unsure.push(`${change.path} was not read by ${tool.label}: ${result.because}.`);
      else {
        settled.push(notRendered(change.path));
        const isLaidOut = result.stdout === change.text ? "takes it as it is" : "would lay it out otherwise";
        unsure.push(`${change.path} was read and not rendered: ${tool.label} ${isLaidOut}; only a plan tells more.`);
      }
    }
  }
  return { by: [], differences, unsure, settled, open: [] };
}
