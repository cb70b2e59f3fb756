import path from "node:path";
import { terraformObstacle, terraformText } from "../../../generators/index.ts";
import { shortHash } from "../../lib/safe-name.ts";
import { sortedBy } from "../../lib/sort.ts";
import type { Placement, ProposedFile, ProposedManifest } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { distinctObjects, type Placed } from "./objects.ts";
import { pathObstacle } from "./own-path.ts";

const HEADER =
  /^# Written by netlearn, which writes it anew: changes by hand are not kept\.\n# Content: ([0-9a-f]{12})\n\n/;

type TerraformPlacement = Extract<Placement, { kind: "terraform" }>;

/** A resource as it is printed, by its address within the module: `kubernetes_role_v1.netlearn_shop_cart`. */
export type ModuleResources = ReadonlyMap<string, string>;

/** What netlearn wrote into a module; undefined: nothing, or somebody edited it. */
export function moduleResources(repository: Repository, { folder }: TerraformPlacement): ModuleResources | undefined {
  const text = unixLines(repository.files.get(ownModuleFile(folder))?.text);
  return text === undefined || handObstacle(text) !== undefined ? undefined : resourcesIn(text.replace(HEADER, ""));
}

/** How an object stands in a module. */
export function standsInModule(
  resources: ModuleResources,
  manifest: ProposedManifest,
): "as-meant" | "otherwise" | "not" {
  const [[address, text] = ["", ""]] = resourcesIn(terraformText([manifest]));
  const found = resources.get(address);
  return found === undefined ? "not" : found === text ? "as-meant" : "otherwise";
}

/**
 * Writes what belongs into a module as its one file `netlearn.tf`, sorted by address, or deletes the file where nothing belongs
 * there any more. What Terraform can't say is refused object by object and the rest is written; a file of that name that is
 * not as netlearn wrote it stays.
 */
export function placeInTerraform(
  repository: Repository,
  {
    placement,
    files,
    kept = new Map(),
  }: {
    readonly placement: TerraformPlacement;
    readonly files: readonly ProposedFile[];
    /** What stays of what stands there, unless one of the files says it anew; what is in neither is removed. */
    readonly kept?: ModuleResources;
  },
): Placed {
  const file = ownModuleFile(placement.folder);
  const { written, refused } = distinctObjects(file, files, {
    obstacle: terraformObstacle,
    print: (manifest) => terraformText([manifest]),
  });
  const resources = new Map([...kept, ...resourcesIn(terraformText(written))]);
  const text = resources.size === 0 ? undefined : withHeader(textOf(resources));
  const before = repository.files.get(file);
  const obstacle = pathObstacle(repository, file) ?? (before && handObstacle(unixLines(before.text)));
  if (obstacle !== undefined) {
    if (text === undefined && before === undefined) return { changes: [], refused };
    const patch = text ?? "";
    return { changes: [], refused: [...refused, { path: file, message: `${file} ${obstacle}.`, patch }] };
  }
  return { changes: change(file, before?.text, text), refused };
}

function ownModuleFile(folder: string): string {
  return path.posix.join(folder, "netlearn.tf");
}

/** Texts are printed on one line each, so that only resources begin one with that word. */
function resourcesIn(text: string): Map<string, string> {
  const parts = text.split(/\n(?=resource ")/u).filter((part) => part !== "");
  return new Map(
    parts.map((part) => [
      part
        .split('"', 4)
        .filter((_, index) => index % 2 === 1)
        .join("."),
      part,
    ]),
  );
}

function textOf(resources: ModuleResources): string {
  return sortedBy([...resources], ([address]) => address)
    .map(([, text]) => text)
    .join("\n");
}

function change(file: string, before: string | undefined, text: string | undefined): FileChange[] {
  if (text === before) return [];
  if (text !== undefined) return [{ kind: "write", path: file, text, before, owner: "netlearn" }];
  return before === undefined ? [] : [{ kind: "delete", path: file, before, owner: "netlearn" }];
}

function withHeader(body: string): string {
  return `# Written by netlearn, which writes it anew: changes by hand are not kept.\n# Content: ${shortHash(body)}\n\n${body}`;
}

/** A checkout may have turned the ends of lines into CRLF. */
function unixLines(text: string | undefined): string | undefined {
  return text?.replaceAll("\r\n", "\n");
}

/** The header has a hash of the rest, so that an edit shows without a reader of Terraform's language. */
function handObstacle(plain: string | undefined): string | undefined {
  const match = plain === undefined ? null : HEADER.exec(plain);
  if (plain === undefined || match === null)
    return "was not written by netlearn: rename it, or write these resources elsewhere";
  if (match[1] === shortHash(plain.slice(match[0].length))) return undefined;
  return "was edited by hand since netlearn wrote it: take the edit back, or take the file over by removing its header";
}
