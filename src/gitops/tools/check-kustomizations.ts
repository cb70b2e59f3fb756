import type { ProposedManifest } from "../../model/placement.ts";
import { folderOf, isKustomization } from "../paths.ts";
import { ownFolder, ownManifests } from "../plan/own-objects.ts";
import type { Intent } from "../render/check.ts";
import { type Rendered, renderKustomization } from "../render/kustomization.ts";
import { type KustomizationTree, kustomizationTree } from "../render/selector-labels.ts";
import type { Tool } from "./find-tools.ts";
import { judge, type OwnObject, type ToolRendering } from "./judge.ts";
import { kustomizeFiles } from "./kustomize-files.ts";
import { joinedFindings, type ToolCheck, type ToolFindings } from "./tool-check.ts";

/** Renders every kustomization that nothing else builds upon and that reaches a change, with each kustomize there is. */
export async function checkKustomizations(check: ToolCheck): Promise<ToolFindings> {
  const tools = check.tools.filter(({ kind }) => kind === "kustomize");
  const found: ToolFindings[] = [];
  if (tools.length > 0) for (const root of rootsOf(check)) found.push(await checkRoot(check, tools, root));
  return joinedFindings(found);
}

/** What the cluster's tools are pointed at, and what of this change it builds. */
interface Root {
  /** The kustomization's file. */
  readonly path: string;
  readonly intent: Intent;
}

function rootsOf({ changed, changes, placements }: ToolCheck): readonly Root[] {
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
      return [change.path, change.kind === "write" ? (ownManifests(change.text) ?? []) : []];
    });
  return { files: new Map([...files, ...own]), selectorLabels: [...selectorLabels, ...given.labels] };
}

const NOTHING: ToolRendering = { kind: "objects", objects: [] };

async function checkRoot(check: ToolCheck, tools: readonly Tool[], { path, intent }: Root): Promise<ToolFindings> {
  const { repository, changed, renderings } = check;
  const [before, after] = [kustomizeFiles(repository, path), kustomizeFiles(changed, path)];
  const reading = renderKustomization(changed, path);
  const earlier = renderKustomization(repository, path);
  const own = { before: ownObjects(earlier, intent), after: ownObjects(reading, intent) };
  const isEmpty = earlier.objects.length === 0 && earlier.unsure.length === 0;
  if (before.kind === "closed") return closed(path, before.because, reading);
  if (after.kind === "closed") return closed(path, after.because, reading);
  const found: ToolFindings[] = [];
  for (const tool of tools) {
    const judgement = judge({
      what: path,
      label: tool.label,
      // Kustomize takes none that holds nothing.
      before: isEmpty ? NOTHING : await renderings.kustomizedBefore(tool, { root: path, files: before.files }),
      after: await renderings.kustomized(tool, { root: path, files: after.files }),
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
