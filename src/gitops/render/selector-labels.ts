import { byText } from "../../lib/sort.ts";
import type { Repository } from "../../model/repository.ts";
import { type Fields, isFields, listAt } from "../fields.ts";
import { folderOf, isKustomization, joinPath, kustomizationOf } from "../paths.ts";
import { documentsIn, textsAt } from "./read-yaml.ts";

/** What kustomizations build upon each other. */
export interface KustomizationTree {
  /** Kustomizations that this one is built into, itself among them, sorted. */
  readonly ancestors: (path: string) => string[];
  /** Those of them that nothing else builds upon, sorted: what the cluster's tools are pointed at. */
  readonly roots: (path: string) => string[];
  /** Labels that are written into selectors of what this one holds, by any of its ancestors or their components. */
  readonly selectorLabels: (path: string) => readonly (readonly [string, string])[];
}

/** Reads every kustomization of a repository once. */
export function kustomizationTree(repository: Repository): KustomizationTree {
  const contents = new Map<string, Fields>();
  for (const file of repository.files.values()) {
    const content = isKustomization(file.path) ? documentsIn(file)?.[0] : undefined;
    if (isFields(content)) contents.set(file.path, content);
  }
  const children = (path: string, keys: readonly string[]) =>
    keys.flatMap((key) => {
      const entries = listAt(contents.get(path) ?? {}, key);
      return entries.flatMap((entry) => {
        const folder = typeof entry === "string" ? joinPath(folderOf(path), entry) : undefined;
        return (folder === undefined ? undefined : kustomizationOf(repository, folder)) ?? [];
      });
    });
  const parents = new Map<string, string[]>();
  for (const path of contents.keys()) {
    for (const child of children(path, ["resources", "bases", "components"])) {
      parents.set(child, [...(parents.get(child) ?? []), path]);
    }
  }
  const ancestors = (path: string) => closure([path], (each) => parents.get(each) ?? []);
  return {
    ancestors,
    roots: (path) => {
      const roots = ancestors(path).filter((each) => (parents.get(each) ?? []).length === 0);
      return roots.length === 0 ? [path] : roots;
    },
    selectorLabels: (path) =>
      closure(ancestors(path), (each) => children(each, ["components"])).flatMap((each) =>
        selectorLabelsIn(contents.get(each) ?? {}),
      ),
  };
}

/** Labels that a kustomization writes into selectors. */
function selectorLabelsIn(kustomization: Fields): [string, string][] {
  const pairs = listAt(kustomization, "labels").flatMap((item) =>
    isFields(item) && item["includeSelectors"] === true ? Object.entries(textsAt(item, "pairs")) : [],
  );
  return [...Object.entries(textsAt(kustomization, "commonLabels")), ...pairs];
}

function closure(from: readonly string[], next: (path: string) => readonly string[]): string[] {
  const found = new Set(from);
  // A set that grows while it is walked is walked to its new end.
  for (const path of found) for (const other of next(path)) found.add(other);
  return [...found].toSorted(byText);
}
