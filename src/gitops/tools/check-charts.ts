import { canonicalText } from "../../lib/canonical.ts";
import { isSameData } from "../../lib/equal.ts";
import type { Fields } from "../fields.ts";
import { isWithin, joined } from "../paths.ts";
import { notRendered } from "../place/place-all.ts";
import { valuesObjects } from "../plan/own-objects.ts";
import type { Intent } from "../render/check.ts";
import { kindOf, type RenderedObject } from "../render/transform.ts";
import type { Tool } from "./find-tools.ts";
import { type Judged, type Judgement, judge, objectId, type ToolRendering } from "./judge.ts";
import type { ChartPlace } from "./programs.ts";
import { joinedFindings, type ToolCheck, type ToolFindings } from "./tool-check.ts";

/** Renders every chart that a change is about, with the values file that brings it. */
export async function checkCharts(check: ToolCheck): Promise<ToolFindings> {
  const tools = check.tools.filter(({ kind }) => kind === "helm");
  const found: ToolFindings[] = [];
  for (const place of chartsOf(check)) for (const tool of tools) found.push(await checkChart(check, tool, place));
  return joinedFindings(found);
}

function chartsOf({ changes, placements }: ToolCheck): readonly ChartPlace[] {
  const places = placements.flatMap((placement): ChartPlace[] => {
    if (placement.kind !== "helm") return [];
    const { chart, values } = placement;
    return changes.some(({ path }) => path === values || isWithin(path, chart)) ? [{ chart, values }] : [];
  });
  return [...new Map(places.map((place) => [canonicalText(place), place])).values()];
}

async function checkChart(check: ToolCheck, tool: Tool, place: ChartPlace): Promise<ToolFindings> {
  const { repository, changed, renderings } = check;
  const { chart, values } = place;
  const [standing, meant] = [valuesObjects(repository, values), valuesObjects(changed, values)];
  const intent: Intent = { files: new Map([[values, meant]]), selectorLabels: [] };
  const own = {
    before: standing.map((object) => ({ object, source: values })),
    after: meant.map((object) => ({ object, source: values })),
  };
  const judged = {
    what: `${chart} with ${values}`,
    label: tool.label,
    before: await renderings.chartBefore(tool, repository, place),
    after: await renderings.chart(tool, changed, place),
    own,
    intent,
  };
  const judgement = judge(judged);
  const isRendered = judgement.by.length > 0;
  const found =
    isRendered && judgement.differences.length > 0
      ? judgeSteady(judged, await renderings.chart(tool, repository, place))
      : judgement;
  const paths = [values, joined(chart, "templates/netlearn.yaml")];
  return { ...found, settled: isRendered ? paths.map(notRendered) : [], open: [] };
}

/** Charts may make up passwords and names, and tell the time: what is another each time says nothing of the change. */
function judgeSteady(judged: Judged, again: ToolRendering): Judgement {
  const { before, after, what, label, own } = judged;
  if (before.kind !== "objects" || after.kind !== "objects" || again.kind !== "objects") return judge(judged);
  const first = byId(before.objects);
  const second = byId(again.objects);
  const unsteady = [...first].filter(([id, object]) => !isSameData(second.get(id), object));
  if (unsteady.length === 0) return judge(judged);
  const ids = new Set(unsteady.map(([id]) => id));
  const named = new Set(unsteady.flatMap(([id, object]) => (second.has(id) ? [] : [kindOf(object)])));
  const ours = new Set(own.after.map(({ object }) => objectId({ ...object })));
  const isSteady = ({ object }: RenderedObject): boolean => {
    const id = objectId(object);
    const isNewName = named.has(kindOf(object)) && !first.has(id) && !ours.has(id);
    return !ids.has(id) && !isNewName;
  };
  const rest = judge({
    ...judged,
    before: { kind: "objects", objects: before.objects.filter(isSteady) },
    after: { kind: "objects", objects: after.objects.filter(isSteady) },
  });
  const told = `${what} comes out otherwise each time ${label} renders it: ${ids.size} of its objects were not compared.`;
  return { ...rest, unsure: [...rest.unsure, told] };
}

function byId(objects: readonly RenderedObject[]): ReadonlyMap<string, Fields> {
  return new Map(objects.map(({ object }) => [objectId(object), object]));
}
