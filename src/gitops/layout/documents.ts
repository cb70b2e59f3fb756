import type { Repository } from "../../model/repository.ts";
import { at, listAt } from "../fields.ts";
import { baseName, folderOf, foldersAround, isKustomization, joined } from "../paths.ts";
import { parseYaml } from "../yaml.ts";
import { textAt } from "./values.ts";

/** An object of a file. */
export interface SourceObject {
  readonly path: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  /** As it is written there; undefined: whoever applies it says. */
  readonly namespace: string | undefined;
  readonly value: unknown;
}

/** Something about a file that could not be read or followed; the rest of the repository counts all the same. */
export interface Notice {
  readonly path: string;
  /** One sentence. */
  readonly message: string;
  /** Whether what is looked for and not found may be in it. */
  readonly mayHold: boolean;
}

export interface FoundDocuments {
  readonly objects: readonly SourceObject[];
  /** Of what is called `kustomization.yaml` and the like, by path. */
  readonly kustomizations: ReadonlyMap<string, unknown>;
  /** Of what is called `Chart.yaml`, by path. */
  readonly charts: ReadonlyMap<string, unknown>;
  readonly notices: readonly Notice[];
}

const MANIFEST = /\.(?:ya?ml|json)$/u;

/** Every object of the repository, one document at a time: a broken one is a notice. Templates of charts are no YAML. */
export function readDocuments(repository: Repository): FoundDocuments {
  const ofCharts = new Set(
    [...repository.files.keys()]
      .filter((path) => baseName(path) === "Chart.yaml")
      .flatMap((path) => ["templates", "charts", "crds"].map((part) => joined(folderOf(path), part))),
  );
  const found = {
    objects: [] as SourceObject[],
    kustomizations: new Map<string, unknown>(),
    charts: new Map<string, unknown>(),
    notices: [] as Notice[],
  };
  for (const { path, text } of repository.files.values()) {
    const name = baseName(path);
    if (text === undefined || isHidden(path)) continue;
    if (isKustomization(path)) keepFirst(found.kustomizations, path, parsed(path, text, found.notices));
    else if (name === "Chart.yaml") keepFirst(found.charts, path, parsed(path, text, found.notices));
    else if (isManifest(path, text) && !isIn(path, ofCharts)) {
      for (const value of parsed(path, text, found.notices)) found.objects.push(...objectsOf(path, value));
    }
  }
  return found;
}

function keepFirst(into: Map<string, unknown>, path: string, values: readonly unknown[]): void {
  if (values.length > 0) into.set(path, values[0]);
}

function isManifest(path: string, text: string): boolean {
  return MANIFEST.test(path) && text.includes("apiVersion") && text.includes("kind");
}

function isIn(path: string, folders: ReadonlySet<string>): boolean {
  return [path, ...foldersAround(path)].some((folder) => folders.has(folder));
}

/** Whether a path belongs to git or to its host: nobody's cluster reads it. */
export function isHidden(path: string): boolean {
  return path.split("/").some((part) => /^\.git(?:hub)?[ .]*$/iu.test(part));
}

function parsed(path: string, text: string, notices: Notice[]): readonly unknown[] {
  const values: unknown[] = [];
  // The mark stands at the start of a line wherever it stands, so that a broken document does not take the others along. Not
  // `^`: it holds after line separators of Unicode as well, which are text to YAML 1.2.
  for (const part of text.replace(/^\u{feff}/u, "").split(/(?<![^\n])---(?=\s|$)/u)) {
    if (!/^\s*[^\s#]/mu.test(part)) continue;
    try {
      values.push(...parseYaml(part));
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
      notices.push({ path, message: `a document of it can't be read: ${reason}`, mayHold: true });
    }
  }
  return values;
}

function objectsOf(path: string, value: unknown): readonly SourceObject[] {
  const kind = textAt(value, "kind");
  const version = textAt(value, "apiVersion");
  if (kind === undefined || version === undefined) return [];
  if (kind === "List") return listAt(value, "items").flatMap((item) => objectsOf(path, item));
  const name = at(value, "metadata", "name");
  if (typeof name !== "string" && typeof name !== "number") return [];
  const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
  return [{ path, group, kind, name: String(name), namespace: textAt(value, "metadata", "namespace"), value }];
}
