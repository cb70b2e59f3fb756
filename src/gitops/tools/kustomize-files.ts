import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { type Fields, isFields, listAt } from "../fields.ts";
import { folderOf, foldersAround, isWithin, joinPath, kustomizationOf } from "../paths.ts";
import { documentsIn } from "../render/read-yaml.ts";

/** What kustomize is given of a repository, or why it is not run. */
export type KustomizeFiles =
  | { readonly kind: "files"; readonly files: readonly RepositoryFile[] }
  /** The end of a sentence. */
  | { readonly kind: "closed"; readonly because: string };

/** Bytes. */
const LARGEST = 64 * 1024 * 1024;

/** Fields that hold nothing that is read or fetched. */
const PLAIN = new Set([
  "apiVersion",
  "kind",
  "metadata",
  "namespace",
  "namePrefix",
  "nameSuffix",
  "commonLabels",
  "commonAnnotations",
  "labels",
  "images",
  "imageTags",
  "replicas",
  "vars",
  "generatorOptions",
  "buildMetadata",
  "sortOptions",
]);

/** Fields that name files; whatever stands in `resources`, `bases` and `components` may be a folder as well. */
const NAMING = new Set([
  "resources",
  "bases",
  "components",
  "crds",
  "configurations",
  "openapi",
  "patches",
  "patchesJson6902",
  "patchesStrategicMerge",
  "replacements",
  "configMapGenerator",
  "secretGenerator",
]);

/** Within those, what is content and no name of a file. */
const CONTENT = new Set(["literals", "patch", "target", "targets", "source", "options", "name", "namespace"]);

/**
 * The files that a kustomization can be built from: everything below the folders that it reaches. A build that might ask the
 * network, or start another program, is closed: one that names an address, plugins of any sort, and fields that nobody knows.
 *
 * @param root the kustomization's file
 */
export function kustomizeFiles(repository: Repository, root: string): KustomizeFiles {
  const reached = new Set([root]);
  const folders = new Set<string>();
  // A set that grows while it is walked is walked to its new end.
  for (const path of reached) {
    const documents = documentsIn(repository.files.get(path) ?? absent(path)) ?? [];
    const [kustomization] = documents;
    if (documents.length !== 1 || !isFields(kustomization)) {
      return { kind: "closed", because: `${path} can't be read as one kustomization` };
    }
    const because = obstacle(kustomization);
    if (because !== undefined) return { kind: "closed", because: `${path} ${because}` };
    folders.add(folderOf(path));
    for (const child of children(repository, path, kustomization)) reached.add(child);
  }
  const outermost = [...folders].filter((folder) => !isBelow(folder, folders));
  const files = [...repository.files.values()].filter(
    ({ path, text }) => text !== undefined && outermost.some((folder) => isWithin(path, folder)),
  );
  const size = files.reduce((sum, file) => sum + file.size, 0);
  return size > LARGEST
    ? { kind: "closed", because: `${root} reaches more than ${LARGEST} bytes of files` }
    : { kind: "files", files };
}

function absent(path: string): RepositoryFile {
  return { path, kind: "file", size: 0, text: undefined };
}

function isBelow(path: string, folders: ReadonlySet<string>): boolean {
  for (const folder of foldersAround(path)) if (folders.has(folder)) return true;
  return false;
}

function children(repository: Repository, path: string, kustomization: Fields): string[] {
  return ["resources", "bases", "components"]
    .flatMap((key) => listAt(kustomization, key))
    .flatMap((entry) => {
      const folder = typeof entry === "string" ? joinPath(folderOf(path), entry) : undefined;
      return (folder === undefined ? undefined : kustomizationOf(repository, folder)) ?? [];
    });
}

/** Kustomize takes its fields in upper and lower case: a field is known as it is usually written, or not at all. */
function obstacle(kustomization: Fields): string | undefined {
  for (const [field, value] of Object.entries(kustomization)) {
    if (PLAIN.has(field)) continue;
    if (!NAMING.has(field)) return `has \`${field}\`, which might run or fetch something`;
    const address = namesIn(value).find(looksRemote);
    if (address !== undefined) return `names ${JSON.stringify(address)}, which might be fetched`;
  }
  return undefined;
}

/** Every text that may name a file. */
function namesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => (CONTENT.has(key) ? [] : namesIn(item)));
}

/** Whether any version of kustomize might take it for an address: a patch of several lines is none. */
function looksRemote(name: string): boolean {
  const text = name.trim();
  return !text.includes("\n") && /[:@?]|\.git(?:\/|$)|_git\/|^github\.com|^\/\/|.\/\//iu.test(text);
}
