import { canonicalText } from "../../lib/canonical.ts";
import { inParallel } from "../../lib/in-parallel.ts";
import { byText } from "../../lib/sort.ts";
import type { RenderCheck } from "../../model/placement.ts";
import type { Repository } from "../../model/repository.ts";
import { baseName } from "../paths.ts";
import { notRendered } from "../place/place-all.ts";
import { withChanges } from "../place/with-changes.ts";
import type { UnitToRender } from "../plan/plan.ts";
import { checkCharts } from "./check-charts.ts";
import { checkKustomizations } from "./check-kustomizations.ts";
import { findTools, type Tool } from "./find-tools.ts";
import { type ToolRun, terraformFormatted } from "./programs.ts";
import { Renderings } from "./renderings.ts";
import { joinedFindings, type ToolCheck, type ToolFindings } from "./tool-check.ts";

/**
 * Checks changes with the tools that are on PATH, which are looked for when there is a first change.
 *
 * @returns what checks units of one repository: the check of each, and what tools found besides, in their order. What a unit
 *   came to is remembered, and so is each place of a repository as it is before anything is changed.
 */
export function toolRenderer(
  run: ToolRun,
): (repository: Repository, units: readonly UnitToRender[]) => Promise<readonly RenderCheck[]> {
  let tools: Promise<readonly Tool[]> | undefined;
  const memories = new WeakMap<Repository, Memory>();
  return async (repository, units) => {
    const { renderings, checks } = memories.get(repository) ?? { renderings: new Renderings(run), checks: new Map() };
    memories.set(repository, { renderings, checks });
    const isNew = (unit: UnitToRender): boolean => unit.changes.length > 0 && !checks.has(keyOf(unit));
    const fresh = [...new Map(units.filter(isNew).map((unit) => [keyOf(unit), unit])).values()];
    if (fresh.length > 0) {
      tools ??= findTools(run);
      const shared = { repository, tools: await tools, renderings };
      const found = await findingsOf(
        fresh.map((unit) => toolCheck(unit, shared)),
        run,
      );
      for (const [index, unit] of fresh.entries()) checks.set(keyOf(unit), together(unit.check, found[index]));
    }
    return units.map((unit) => checks.get(keyOf(unit)) ?? unit.check);
  };
}

interface Memory {
  readonly renderings: Renderings;
  readonly checks: Map<string, RenderCheck>;
}

function keyOf({ changes, check, placed }: UnitToRender): string {
  return canonicalText([changes, check, placed.places.map(({ placement }) => placement)]);
}

function toolCheck(
  { changes, placed }: UnitToRender,
  shared: Pick<ToolCheck, "repository" | "tools" | "renderings">,
): ToolCheck {
  const changed = withChanges(shared.repository, changes);
  return { ...shared, changed, changes, placements: placed.places.map(({ placement }) => placement) };
}

async function findingsOf(checks: readonly ToolCheck[], run: ToolRun): Promise<readonly ToolFindings[]> {
  const kustomized = await checkKustomizations(checks);
  return await inParallel([...checks.entries()], 2, async ([index, check]) => {
    const own = kustomized.slice(index, index + 1);
    return joinedFindings([...own, await checkCharts(check), await checkModules(check, run)]);
  });
}

function together(check: RenderCheck, found: ToolFindings = joinedFindings([])): RenderCheck {
  const { by, differences, unsure, settled, open } = found;
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
