import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { inTemporaryFolder, writeFiles } from "../hosts/temporary-folder.ts";
import { folderOf, isWithin } from "../paths.ts";
import { toolEnvironment } from "./environment.ts";
import type { Tool, ToolSearch } from "./find-tools.ts";
import type { ToolRendering } from "./judge.ts";
import type { RenderedTexts } from "./rendered-text.ts";
import { runTool, type ToolResult } from "./run-tool.ts";

/** How tools are run. */
export interface ToolRun extends ToolSearch {
  /** For one call; a minute when undefined. */
  readonly timeoutMs?: number;
}

/** A chart, and the values file that it is rendered with besides its own. */
export interface ChartPlace {
  /** Folder. */
  readonly chart: string;
  readonly values: string;
}

/**
 * What kustomize makes of a kustomization.
 *
 * @param root the kustomization's file
 * @param files what it may read
 */
export async function kustomizeBuild(
  tool: Tool,
  run: ToolRun,
  {
    root,
    files,
    texts,
  }: { readonly root: string; readonly files: readonly RepositoryFile[]; readonly texts: RenderedTexts },
): Promise<ToolRendering> {
  const folder = path.join("repository", folderOf(root));
  const result = await inFiles(files, run, { program: tool.program, args: [...tool.args, "."], folder });
  return rendering(result, texts);
}

/** What helm makes of a chart: everything below its folder that is text, and the values file where there is one. */
export async function helmTemplate(
  tool: Tool,
  run: ToolRun,
  {
    repository,
    place,
    texts,
  }: { readonly repository: Repository; readonly place: ChartPlace; readonly texts: RenderedTexts },
): Promise<ToolRendering> {
  const files = [...repository.files.values()].filter(({ path: file }) => isWithin(file, place.chart));
  const values = repository.files.get(place.values);
  // Helm splits the names of values files at commas: this one has none.
  const given = values === undefined ? [] : [{ ...values, path: "values.yaml" }];
  const chart = ["repository", place.chart].join("/");
  const args = [...tool.args, "release", `./${chart}`, ...(given.length === 0 ? [] : ["--values", "./values.yaml"])];
  const result = await inFiles(files, run, { program: tool.program, args, folder: "." }, given);
  return rendering(result, texts);
}

/** A file as Terraform would have it laid out; refused where Terraform can't read it. */
export async function terraformFormatted(tool: Tool, run: ToolRun, text: string): Promise<ToolResult> {
  const call = { program: tool.program, args: [...tool.args, "-"], folder: ".", input: text };
  return await inFiles([], run, call);
}

function rendering(result: ToolResult, texts: RenderedTexts): ToolRendering {
  if (result.kind !== "done") return result;
  const objects = texts.read(result.stdout);
  return objects === undefined
    ? { kind: "refused", because: "what it prints can't be read as YAML" }
    : { kind: "objects", objects };
}

interface Call {
  readonly program: string;
  readonly args: readonly string[];
  /** Below the temporary folder. */
  readonly folder: string;
  readonly input?: string;
}

/** Runs a tool beside a copy of files, in the folder `repository`, and of what else it is given. */
async function inFiles(
  files: readonly RepositoryFile[],
  { env, signal, timeoutMs }: ToolRun,
  call: Call,
  given: readonly RepositoryFile[] = [],
): Promise<ToolResult> {
  return await inTemporaryFolder(async (root) => {
    const home = path.join(root, "home");
    const copy = path.join(root, "repository");
    const folder = path.join(root, call.folder);
    try {
      await mkdir(home);
      await writeFiles(copy, files);
      await writeFiles(root, given);
      await mkdir(folder, { recursive: true });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "no code";
      return { kind: "stopped", because: `its files can't be written to a temporary folder (${code})` };
    }
    const environment = toolEnvironment(env, home);
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    return await runTool({ ...call, folder, environment, signal, hidden: [copy, root], ...limit });
  });
}
