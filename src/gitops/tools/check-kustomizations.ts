import { inParallel } from "../../lib/in-parallel.ts";
import type { ProposedManifest } from "../../model/placement.ts";
import { folderOf, isKustomization } from "../paths.ts";
import { fileOf, withChanges } from "../place/with-changes.ts";
import { ownFolder, ownManifests } from "../plan/own-objects.ts";
import type { Intent } from "../render/check.ts";
import { type Rendered, renderKustomization } from "../render/kustomization.ts";
import { type KustomizationTree, kustomizationTree } from "../render/selector-labels.ts";
import type { Tool } from "./find-tools.ts";
import { judge, type OwnObject, type ToolRendering } from "./judge.ts";
import { kustomizeFiles } from "./kustomize-files.ts";
import { joinedFindings, type ToolCheck, type ToolFindings } from "./tool-check.ts";

/** Roots that are rendered at once: each may take a processor of its own. */
const AT_ONCE = 3;

/**
 * Renders every kustomization that nothing else builds upon and that reaches a change, with each kustomize there is. What
 * several units add to one root is rendered together, and taken apart only where something differs.
 *
 * @returns what was found for each, in their order
 */
export async function checkKustomizations(checks: readonly ToolCheck[]): Promise<readonly ToolFindings[]> {
  const jobs = checks.flatMap((check, index) => rootsOf(check).map((root): Job => ({ ...root, check, index })));
  const groups = [...Map.groupBy(jobs, ({ path }) => path).values()].flatMap(apart);
  const found = (await inParallel(groups, AT_ONCE, checkTogether)).flat();
  return checks.map((_, at) =>
    joinedFindings(found.flatMap(({ index, findings }) => (index === at ? [findings] : []))),
  );
}

/** What the cluster's tools are pointed at, and what of a change it builds. */
interface Root {
  /** The kustomization's file. */
  readonly path: string;
  readonly intent: Intent;
}

interface Job extends Root {
  readonly check: ToolCheck;
  /** Of the unit. */
  readonly index: number;
}

/** Jobs of one root in groups in which no file is changed twice. */
function apart(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const groups: { readonly jobs: Job[]; readonly paths: Set<string> }[] = [];
  for (const job of jobs) {
    const paths = job.check.changes.map(({ path }) => path);
    const group = groups.find((each) => !paths.some((path) => each.paths.has(path)));
    if (group === undefined) groups.push({ jobs: [job], paths: new Set(paths) });
    else {
      group.jobs.push(job);
      for (const path of paths) group.paths.add(path);
    }
  }
  return groups.map((group) => group.jobs);
}

interface Found {
  readonly index: number;
  readonly findings: ToolFindings;
}

async function checkTogether(jobs: readonly Job[]): Promise<readonly Found[]> {
  const [first, ...others] = jobs;
  if (first === undefined) return [];
  const findings = await checkRoot(others.reduce(together, first));
  if (others.length === 0 || findings.differences.length === 0) return jobs.map(({ index }) => ({ index, findings }));
  const half = Math.ceil(jobs.length / 2);
  return [...(await checkTogether(jobs.slice(0, half))), ...(await checkTogether(jobs.slice(half)))];
}

function together(a: Job, b: Job): Job {
  const files = new Map([...a.intent.files, ...b.intent.files]);
  const selectorLabels = [...a.intent.selectorLabels, ...b.intent.selectorLabels];
  const changes = [...a.check.changes, ...b.check.changes];
  const changed = withChanges(a.check.changed, b.check.changes);
  return { ...a, intent: { files, selectorLabels }, check: { ...a.check, changes, changed } };
}

function kustomizesOf({ tools }: ToolCheck): readonly Tool[] {
  return tools.filter(({ kind }) => kind === "kustomize");
}

function rootsOf(check: ToolCheck): readonly Root[] {
  const { changed, changes, placements } = check;
  if (kustomizesOf(check).length === 0) return [];
  const tree = kustomizationTree(changed);
  const roots = new Map<string, Root>();
  for (const placement of placements) {
    if (placement.kind !== "kustomize") continue;
    const { kustomization } = placement;
    const folder = ownFolder(placement);
    if (!changes.some(({ path }) => path === kustomization || folderOf(path) === folder)) continue;
    for (const path of tree.roots(kustomization)) {
      const known = roots.get(path)?.intent ?? { files: new Map(), selectorLabels: [] };
      roots.set(path, {
        path,
        intent: withFolder(known, { changes, folder, labels: tree.selectorLabels(kustomization) }),
      });
    }
  }
  return [...roots.values()];
}

function withFolder(
  { files, selectorLabels }: Intent,
  given: {
    readonly changes: ToolCheck["changes"];
    readonly folder: string;
    readonly labels: ReturnType<KustomizationTree["selectorLabels"]>;
  },
): Intent {
  const own = given.changes
    .filter(({ path, owner }) => owner === "netlearn" && folderOf(path) === given.folder && !isKustomization(path))
    .map((change): [string, readonly ProposedManifest[]] => {
      return [change.path, change.kind === "write" ? (ownManifests(fileOf(change)) ?? []) : []];
    });
  return { files: new Map([...files, ...own]), selectorLabels: [...selectorLabels, ...given.labels] };
}

/** Kustomize takes no kustomization that holds nothing. */
const NOTHING: ToolRendering = { kind: "objects", objects: [] };

async function checkRoot({ check, path, intent }: Job): Promise<ToolFindings> {
  const { repository, changed, renderings } = check;
  const [before, after] = [kustomizeFiles(repository, path), kustomizeFiles(changed, path)];
  const [earlier, reading] = [renderKustomization(repository, path), renderKustomization(changed, path)];
  if (before.kind === "closed") return closed(path, before.because, reading);
  if (after.kind === "closed") return closed(path, after.because, reading);
  const own = { before: ownObjects(earlier, intent), after: ownObjects(reading, intent) };
  const isEmpty = earlier.objects.length === 0 && earlier.unsure.length === 0;
  const found: ToolFindings[] = [];
  for (const tool of kustomizesOf(check)) {
    const asIs = isEmpty ? NOTHING : await renderings.kustomizedBefore(tool, { root: path, files: before.files });
    const judgement = judge({
      what: path,
      label: tool.label,
      before: asIs,
      after: asIs.kind === "objects" ? await renderings.kustomized(tool, { root: path, files: after.files }) : asIs,
      own,
      intent,
    });
    const isRendered = judgement.by.length > 0;
    found.push({ ...judgement, settled: isRendered ? reading.unsure : [], open: isRendered ? [] : reading.unsure });
  }
  return joinedFindings(found);
}

function closed(path: string, because: string, { unsure }: Rendered): ToolFindings {
  const told = `${path} was given to no tool, since ${because}.`;
  return { by: [], differences: [], unsure: [told], settled: [], open: unsure };
}

function ownObjects({ objects }: Rendered, { files }: Intent): readonly OwnObject[] {
  return objects.filter(({ source }) => files.has(source));
}
