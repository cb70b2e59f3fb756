import type { Repository } from "../../model/repository.ts";
import { at, type Fields, fieldsAt, listAt } from "../fields.ts";
import { resolved } from "../paths.ts";
import type { MadeApplication } from "./application-sets.ts";
import type { SourceObject } from "./documents.ts";
import { gitSource } from "./git-source.ts";
import { clusterInPath, type Draft, knownFolder } from "./sync.ts";
import { textAt, textsAt } from "./values.ts";

/** What the sources of an Application read, each on its own. */
export function argoDrafts(
  made: MadeApplication,
  folders: ReadonlySet<string>,
  repository: Repository,
): readonly Draft[] {
  const { object } = made;
  const spec = at(object.value, "spec");
  const several = listAt(spec, "sources");
  // What is hydrated is written by Argo CD itself: people write to the dry source.
  const dry = at(spec, "sourceHydrator", "drySource");
  const sources = dry !== undefined ? [dry] : several.length > 0 ? several : [at(spec, "source")];
  return sources
    .filter((source) => textAt(source, "ref") === undefined || textAt(source, "path") !== undefined)
    .map((source) => {
      const folder = knownFolder(folders, textAt(source, "path"));
      return {
        sync: {
          tool: "argocd",
          kind: "Application",
          name: object.name,
          namespace: object.namespace,
          path: object.path,
          folder,
          ...argoDestination(object, spec, made.isForEach),
          target: argoTarget(spec, source),
          hasSelectorLabels: hasSelectorLabels(fieldsAt(source, "kustomize")),
          directory: {
            recurse: at(source, "directory", "recurse") === true,
            include: textAt(source, "directory", "include") ?? "",
            exclude: textAt(source, "directory", "exclude") ?? "",
          },
        },
        sources: [gitSource(source, folder !== undefined), ...made.generators],
        values: valuesOf(source, { folder, sources, repository }),
      };
    });
}

interface Around {
  readonly folder: string | undefined;
  readonly sources: readonly unknown[];
  readonly repository: Repository;
}

function valuesOf(source: unknown, { folder, sources, repository }: Around): Draft["values"] {
  return textsAt(source, "helm", "valueFiles").flatMap((file): Draft["values"] => {
    const [ref = ""] = file.split("/", 1);
    const from = ref.startsWith("$") ? sources.find((one) => textAt(one, "ref") === ref.slice(1)) : undefined;
    const path = ref.startsWith("$") ? resolved("", file.slice(ref.length + 1)) : resolved(folder ?? "", file);
    if (path === undefined || !repository.files.has(path)) return [];
    if (!ref.startsWith("$")) return folder === undefined ? [] : [{ path, source: undefined }];
    return from === undefined ? [] : [{ path, source: gitSource(from, true) }];
  });
}

function argoTarget(spec: unknown, source: unknown): Draft["sync"]["target"] {
  const forced = textAt(source, "kustomize", "namespace");
  const namespace = forced ?? textAt(spec, "destination", "namespace") ?? "";
  return { namespace, isForced: forced !== undefined };
}

type Destination = Pick<Draft["sync"], "cluster" | "destination" | "isForEach">;

function argoDestination({ path }: SourceObject, spec: unknown, isForEach: boolean): Destination {
  const name = textAt(spec, "destination", "name") ?? textAt(spec, "destination", "server");
  const isHere = name === undefined || name === "in-cluster" || name === "https://kubernetes.default.svc";
  if (isHere) return { cluster: undefined, destination: clusterInPath(path) ?? "", isForEach };
  // An address says which cluster it is to Argo CD only, and what is left to fill in says nothing.
  return { cluster: /:\/\/|\{\{/u.test(name) ? undefined : name, destination: name, isForEach };
}

/** Kustomize writes them into the peers of policies as well, unless Argo CD is told not to. */
function hasSelectorLabels(kustomize: Fields): boolean {
  return Object.keys(fieldsAt(kustomize, "commonLabels")).length > 0 && kustomize["labelWithoutSelector"] !== true;
}
