import type { Repository } from "../../model/repository.ts";
import type { Tool } from "./find-tools.ts";
import type { ToolRendering } from "./judge.ts";
import type { KustomizeFiles } from "./kustomize-files.ts";
import { type ChartPlace, helmTemplate, kustomizeBuild, type ToolRun } from "./programs.ts";
import { RenderedTexts } from "./rendered-text.ts";

/** A kustomization, and the files that it can be built from. */
export interface KustomizeRoot {
  /** The kustomization's file. */
  readonly root: string;
  readonly files: Extract<KustomizeFiles, { kind: "files" }>["files"];
}

/** What tools make of one repository and of what it is to become. Each place is rendered once as it is before the change. */
export class Renderings {
  readonly #run: ToolRun;
  readonly #texts = new RenderedTexts();
  readonly #before = new Map<string, Promise<ToolRendering>>();

  constructor(run: ToolRun) {
    this.#run = run;
  }

  /** As the repository is. */
  async kustomizedBefore(tool: Tool, root: KustomizeRoot): Promise<ToolRendering> {
    return await this.#once([tool.program, root.root], async () => await this.kustomized(tool, root));
  }

  /** As it is given. */
  async kustomized(tool: Tool, { root, files }: KustomizeRoot): Promise<ToolRendering> {
    return await kustomizeBuild(tool, this.#run, { root, files, texts: this.#texts });
  }

  /** As the repository is. */
  async chartBefore(tool: Tool, repository: Repository, place: ChartPlace): Promise<ToolRendering> {
    const key = [tool.program, place.chart, place.values];
    return await this.#once(key, async () => await this.chart(tool, repository, place));
  }

  /** As it is given. */
  async chart(tool: Tool, repository: Repository, place: ChartPlace): Promise<ToolRendering> {
    return await helmTemplate(tool, this.#run, { repository, place, texts: this.#texts });
  }

  async #once(parts: readonly string[], render: () => Promise<ToolRendering>): Promise<ToolRendering> {
    const key = JSON.stringify(parts);
    const known = this.#before.get(key) ?? render();
    this.#before.set(key, known);
    return await known;
  }
}
