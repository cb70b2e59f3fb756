import type { Repository } from "../model/repository.ts";

/** The folder of a path; the root of the repository is the empty text. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The folders that a path lies in, from the closest to the root. */
export function* foldersAround(path: string): Generator<string> {
  let folder = path;
  while (folder !== "") yield (folder = folderOf(folder));
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Whether the path is the folder, or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "" || path === folder || path.startsWith(`${folder}/`);
}

/** The path of what a folder holds. */
export function joined(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** A path as it is written in a file of the folder, `.` and `..` resolved; undefined where it leaves the repository. */
export function joinPath(folder: string, written: string): string | undefined {
  if (written.startsWith("/")) return undefined;
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of written.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/**
 * As {@link joinPath}; undefined as well for what is no path of this repository: an address, a backslash or a control character
 * in it.
 */
export function resolved(folder: string, written: string): string | undefined {
  // A path of Windows, an address and what no tool can show are not taken apart.
  return /[\\\p{Cc}]|:\/\//u.test(written) ? undefined : joinPath(folder, written);
}

/** Names under which kustomize looks for a kustomization. */
const KUSTOMIZATIONS = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Whether a file is one that kustomize takes for a kustomization by its name. */
export function isKustomization(path: string): boolean {
  return KUSTOMIZATIONS.includes(baseName(path));
}

/** The kustomization of a folder. */
export function kustomizationOf(repository: Repository, folder: string): string | undefined {
  return KUSTOMIZATIONS.map((name) => joined(folder, name)).find((path) => repository.files.has(path));
}
