import type { Repository, RepositoryFile } from "../../model/repository.ts";
import { type Fields, isFields, listAt } from "../fields.ts";
import { folderOf, joinPath, kustomizationOf } from "../paths.ts";
import { documentsIn, textAt, textsAt } from "./read-yaml.ts";
import { annotate, label, type RenderedObject, rename, setNamespace } from "./transform.ts";

export interface Rendered {
  /** In the order in which they are listed. */
  readonly objects: readonly RenderedObject[];
  /** What was not worked out, and may change what comes out; one sentence each. */
  readonly unsure: readonly string[];
}

/** Fields that are not worked out here, though they may make or change objects of ours. */
const NOT_READ = [
  "configMapGenerator",
  "configurations",
  "generators",
  "helmChartInflationGenerator",
  "helmCharts",
  "patches",
  "patchesJson6902",
  "patchesStrategicMerge",
  "replacements",
  "secretGenerator",
  "transformers",
  "vars",
];

/**
 * What kustomize makes of a kustomization, as far as it matters for policies and RBAC: lists, components, namespaces, names,
 * labels, annotations, and the references of bindings. Never throws: what is not understood is told.
 *
 * @param path the kustomization's file
 */
export function renderKustomization(repository: Repository, path: string): Rendered {
  const unsure: string[] = [];
  const objects = build({ repository, unsure, open: [] }, path, []);
  return { objects, unsure };
}

interface Build {
  readonly repository: Repository;
  readonly unsure: string[];
  /** Kustomizations that are being built. */
  readonly open: readonly string[];
}

/** @param given what a component is laid over; empty for what stands alone */
function build(run: Build, path: string, given: readonly RenderedObject[]): readonly RenderedObject[] {
  const file = run.repository.files.get(path);
  const documents = file === undefined ? undefined : documentsIn(file);
  const [kustomization] = documents ?? [];
  if (documents?.length !== 1 || !isFields(kustomization)) {
    run.unsure.push(`${path} can't be read as one kustomization.`);
    return given;
  }
  if (run.open.includes(path)) {
    run.unsure.push(`${path} builds upon itself.`);
    return given;
  }
  const inner = { ...run, open: [...run.open, path] };
  for (const field of NOT_READ) {
    if (kustomization[field] !== undefined) run.unsure.push(`${path} has \`${field}\`, which is not worked out.`);
  }
  let objects = [
    ...given,
    ...[...listAt(kustomization, "resources"), ...listAt(kustomization, "bases")].flatMap((entry) =>
      resource(inner, path, entry),
    ),
  ];
  for (const entry of listAt(kustomization, "components")) {
    const component = kustomizationAt(inner, path, entry);
    if (component === undefined) run.unsure.push(`${path} lists the component ${String(entry)}, which is not here.`);
    else objects = [...build(inner, component, objects)];
  }
  return transformed(run, path, kustomization, objects);
}

function transformed(run: Build, path: string, kustomization: Fields, objects: readonly RenderedObject[]) {
  let result = setNamespace(objects, textAt(kustomization, "namespace"));
  result = rename(result, textAt(kustomization, "namePrefix"), textAt(kustomization, "nameSuffix"));
  for (const item of listAt(kustomization, "labels")) {
    if (!isFields(item)) continue;
    if (item["fields"] !== undefined)
      run.unsure.push(`${path} has \`labels\` with \`fields\`, which is not worked out.`);
    result = label(result, textsAt(item, "pairs"), item["includeSelectors"] === true);
  }
  result = label(result, textsAt(kustomization, "commonLabels"), true);
  return annotate(result, textsAt(kustomization, "commonAnnotations"));
}

function kustomizationAt(run: Build, path: string, entry: unknown): string | undefined {
  const folder = typeof entry === "string" ? joinPath(folderOf(path), entry) : undefined;
  return folder === undefined ? undefined : kustomizationOf(run.repository, folder);
}

function resource(run: Build, path: string, entry: unknown): readonly RenderedObject[] {
  const folder = kustomizationAt(run, path, entry);
  if (folder !== undefined) return build(run, folder, []);
  const file = typeof entry === "string" ? joinPath(folderOf(path), entry) : undefined;
  const found = file === undefined ? undefined : run.repository.files.get(file);
  if (found === undefined) {
    run.unsure.push(`${path} lists ${String(entry)}, which is not in the repository.`);
    return [];
  }
  return objectsIn(found, run.unsure);
}

/** Objects of one file; lists are unfolded. */
export function objectsIn(file: RepositoryFile, unsure: string[]): RenderedObject[] {
  const documents = documentsIn(file);
  if (documents === undefined) {
    unsure.push(`${file.path} can't be read as YAML.`);
    return [];
  }
  return documents
    .flatMap((document) => {
      if (!isFields(document)) return [];
      return textAt(document, "kind").endsWith("List") ? listAt(document, "items").filter(isFields) : [document];
    })
    .map((object) => ({ object, source: file.path, formerNames: [], formerNamespaces: [] }));
}
