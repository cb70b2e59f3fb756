import { printDocuments } from "../../../generators/index.ts";
import type { Refusal } from "../../model/placement.ts";
import type { FileChange, Repository } from "../../model/repository.ts";
import { isFields, listAt } from "../fields.ts";
import { joined, kustomizationOf } from "../paths.ts";
import { readDocuments } from "../render/read-yaml.ts";
import { unixLines } from "./own-files.ts";
import { pathObstacle } from "./own-path.ts";

export type OwnKustomization =
  | { readonly kind: "planned"; readonly changes: readonly FileChange[] }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/**
 * The kustomization of our own folder; none for no files.
 *
 * @param names base names of the files in it, sorted
 */
export function ownKustomization(repository: Repository, folder: string, names: readonly string[]): OwnKustomization {
  const path = kustomizationOf(repository, folder) ?? joined(folder, "kustomization.yaml");
  const text = printed(names);
  const found = repository.files.get(path);
  if (pathObstacle(repository, path) !== undefined) return refused(path, "is no place to write to", text);
  if (found === undefined) {
    const write = { kind: "write", path, text, before: undefined, owner: "netlearn" } as const;
    return { kind: "planned", changes: names.length === 0 ? [] : [write] };
  }
  const before = found.text;
  if (before === undefined || !isAsPrinted(before)) return refused(path, "is not as netlearn wrote it", text);
  if (unixLines(before) === text) return { kind: "planned", changes: [] };
  return { kind: "planned", changes: [{ kind: "write", path, text, before, owner: "netlearn" }] };
}

function printed(names: readonly string[]): string {
  return printDocuments([{ apiVersion: "kustomize.config.k8s.io/v1beta1", kind: "Kustomization", resources: names }]);
}

function isAsPrinted(text: string): boolean {
  const content = readDocuments(text)?.[0];
  const names = isFields(content) ? listAt(content, "resources") : [];
  return printed(names.map(String)) === unixLines(text);
}

function refused(path: string, because: string, patch: string): OwnKustomization {
  return {
    kind: "refused",
    refusal: { path, message: `${path} ${because}, so it is left alone: see what it should say.`, patch },
  };
}
