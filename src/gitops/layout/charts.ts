import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { listAt } from "../fields.ts";
import { folderOf, foldersAround, isWithin, joined, resolved } from "../paths.ts";
import { type FoundDocuments, isHidden } from "./documents.ts";
import { textAt } from "./values.ts";

/** A chart of the repository. */
export interface Chart {
  readonly folder: string;
  readonly name: string;
  /** Charts of this repository that it brings along: in its `charts/`, or by `file://`. */
  readonly parts: readonly string[];
  /** `values.yaml` and `values-prod.yaml` of it, from the root of the repository. */
  readonly values: readonly string[];
  /** Texts of its templates. */
  readonly templates: readonly string[];
}

/** The charts, by folder. */
export function readCharts(documents: FoundDocuments, repository: Repository): ReadonlyMap<string, Chart> {
  const all = [...documents.charts].map(([path, value]) => ({ folder: folderOf(path), value }));
  const held = filesBelow(repository, new Set(all.map(({ folder }) => folder)));
  return new Map(
    all.map(({ folder, value }) => {
      const vendored = all.filter((other) => isWithin(other.folder, joined(folder, "charts"))).map((one) => one.folder);
      const beside = listAt(value, "dependencies").flatMap((one) => {
        const address = textAt(one, "repository");
        return address?.startsWith("file://") === true ? (resolved(folder, address.slice(7)) ?? []) : [];
      });
      const own = held.get(folder) ?? [];
      const chart = {
        folder,
        name: textAt(value, "name") ?? "",
        parts: [...vendored, ...beside],
        values: own.map(({ path }) => path).filter((path) => isValuesOf(path, folder)),
        templates: own.filter(({ path }) => isWithin(path, joined(folder, "templates"))).flatMap((f) => f.text ?? []),
      };
      return [folder, chart];
    }),
  );
}

/** The files of each of the folders and below it, each file looked at once. */
function filesBelow(
  repository: Repository,
  folders: ReadonlySet<string>,
): ReadonlyMap<string, readonly RepositoryFile[]> {
  const found = new Map([...folders].map((folder): [string, RepositoryFile[]] => [folder, []]));
  for (const file of repository.files.values()) {
    for (const folder of foldersAround(file.path)) found.get(folder)?.push(file);
  }
  return found;
}

function isValuesOf(path: string, folder: string): boolean {
  return folderOf(path) === folder && /(?:^|\/)values[^/]*\.ya?ml$/u.test(path);
}

/** Charts that nobody else brings along, and that hold the chart: what is installed. */
export function installedCharts(charts: ReadonlyMap<string, Chart>, folder: string): readonly string[] {
  const holders = [...charts.values()].filter((chart) => chart.parts.includes(folder) && chart.folder !== folder);
  return holders.length === 0
    ? [folder]
    : [...new Set(holders.flatMap((one) => outermost(charts, one.folder, [folder])))];
}

function outermost(charts: ReadonlyMap<string, Chart>, folder: string, below: readonly string[]): readonly string[] {
  const holders = [...charts.values()].filter((one) => one.parts.includes(folder) && !below.includes(one.folder));
  return holders.length === 0 ? [folder] : holders.flatMap((one) => outermost(charts, one.folder, [...below, folder]));
}

/** A resource of a Terraform module. */
export interface TerraformResource {
  readonly folder: string;
  readonly path: string;
  /** `Deployment` */
  readonly kind: string;
  readonly name: string;
  /** Undefined where it is no literal. */
  readonly namespace: string | undefined;
}

const RESOURCE = /^[ \t]*resource\s+"kubernetes_([a-z_]+?)(?:_v\d\w*)?"\s+"[^"\n]*"\s*\{/gmu;

/** What `resource "kubernetes_deployment_v1" "x" { metadata { name = "cart" } }` declares, by a scan that tolerates the rest. */
export function readTerraform(repository: Repository): readonly TerraformResource[] {
  return [...repository.files.values()].flatMap(({ path, text }) => {
    if (!path.endsWith(".tf") || text === undefined || isHidden(path)) return [];
    const heads = [...text.matchAll(RESOURCE)];
    return heads.flatMap((head, index) => {
      const body = text.slice(head.index + head[0].length, heads[index + 1]?.index);
      const metadata = /^\s*metadata\s*\{([^}]*)\}/mu.exec(body)?.[1] ?? "";
      const name = literal(metadata, "name");
      if (name === undefined) return [];
      const kind = (head[1] ?? "").replace(/(?:^|_)([a-z])/gu, (_, letter: string) => letter.toUpperCase());
      return [{ folder: folderOf(path), path, kind, name, namespace: literal(metadata, "namespace") }];
    });
  });
}

function literal(block: string, key: string): string | undefined {
  return new RegExp(`(?:^|[\\s;])${key}\\s*=\\s*"([^"$%\\n]+)"`, "u").exec(block)?.[1];
}
