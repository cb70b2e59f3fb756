import type { Repository } from "../../model/repository.ts";

/** Names under which kustomize looks for a kustomization. */
const NAMES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** The folder of a path; empty for the root. */
export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "";
}

/** A path below a folder, `.` and `..` resolved; undefined where it leaves the repository. */
export function joinPath(folder: string, entry: string): string | undefined {
  if (entry.startsWith("/")) return undefined;
  const parts: string[] = [];
  for (const part of `${folder}/${entry}`.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "" && part !== ".") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

/** Whether a file is one that kustomize takes for a kustomization by its name. */
export function isKustomization(path: string): boolean {
  return NAMES.includes(path.slice(path.lastIndexOf("/") + 1));
}

/** The kustomization of a folder. */
export function kustomizationOf(repository: Repository, folder: string): string | undefined {
  return NAMES.map((name) => (folder === "" ? name : `${folder}/${name}`)).find((path) => repository.files.has(path));
}
