import type { Repository } from "../../model/repository.ts";
import { at, listAt } from "../fields.ts";
import { folderOf, foldersAround, isWithin, resolved } from "../paths.ts";
import { applicationsOf } from "./application-sets.ts";
import type { FoundDocuments, Notice, SourceObject } from "./documents.ts";
import { textAt, textsAt } from "./values.ts";

/** What a tool in a cluster reads from this repository: a source of an Application, or a Flux Kustomization or HelmRelease. */
export interface Sync {
  readonly tool: "argocd" | "flux";
  readonly kind: "Application" | "Kustomization" | "HelmRelease";
  readonly name: string;
  /** Of the object itself; undefined where whoever applies it says. */
  readonly namespace: string | undefined;
  /** File that declares it. */
  readonly path: string;
  /** What it reads; undefined: something outside of this repository. */
  readonly folder: string | undefined;
  /** As the tool calls it; undefined: the one it runs in. */
  readonly cluster: string | undefined;
  readonly target: {
    readonly namespace: string;
    /** Whether it is put over what objects say themselves. */
    readonly isForced: boolean;
  };
  readonly directory: { readonly recurse: boolean; readonly include: string; readonly exclude: string };
  /** Values files, from the root of the repository, the last one wins. */
  readonly values: readonly string[];
}

/** What Argo CD and Flux read, and what could not be followed. */
export function readSyncs(
  documents: FoundDocuments,
  repository: Repository,
): { readonly syncs: readonly Sync[]; readonly notices: readonly Notice[] } {
  const folders = foldersOf(repository);
  const notices: Notice[] = [];
  const syncs = documents.objects.flatMap((object) => {
    if (object.group === "argoproj.io") {
      return applicationsOf(object, [...folders], notices).flatMap((one) => argoSyncs(one, folders, repository));
    }
    if (object.group === "kustomize.toolkit.fluxcd.io") return [fluxSync(object, folders)];
    return object.group === "helm.toolkit.fluxcd.io" && object.kind === "HelmRelease"
      ? [helmSync(object, folders)]
      : [];
  });
  for (const { folder, path, name } of syncs) {
    if (folder === undefined) notices.push({ path, message: `what ${name} reads is not in this repository` });
  }
  return { syncs, notices };
}

function foldersOf(repository: Repository): ReadonlySet<string> {
  const folders = new Set([""]);
  for (const path of repository.files.keys()) {
    for (const folder of foldersAround(path)) folders.add(folder);
  }
  return folders;
}

function known(folders: ReadonlySet<string>, written: string | undefined): string | undefined {
  const path = written === undefined ? undefined : resolved("", written.replace(/^\/+/u, ""));
  return path !== undefined && folders.has(path) ? path : undefined;
}

function argoSyncs(object: SourceObject, folders: ReadonlySet<string>, repository: Repository): readonly Sync[] {
  const spec = at(object.value, "spec");
  const several = listAt(spec, "sources");
  const sources = several.length > 0 ? several : [at(spec, "source")];
  return sources
    .filter((source) => textAt(source, "ref") === undefined || textAt(source, "path") !== undefined)
    .map((source) => {
      const folder = known(folders, textAt(source, "path"));
      const values = textsAt(source, "helm", "valueFiles").flatMap((file) => {
        const path = file.startsWith("$") ? resolved("", file.replace(/^[^/]*\//u, "")) : resolved(folder ?? "", file);
        return path !== undefined && repository.files.has(path) ? [path] : [];
      });
      return {
        tool: "argocd",
        kind: "Application",
        name: object.name,
        namespace: object.namespace,
        path: object.path,
        folder,
        cluster: argoCluster(spec),
        target: argoTarget(spec, source),
        directory: {
          recurse: at(source, "directory", "recurse") === true,
          include: textAt(source, "directory", "include") ?? "",
          exclude: textAt(source, "directory", "exclude") ?? "",
        },
        values,
      };
    });
}

function argoTarget(spec: unknown, source: unknown): Sync["target"] {
  const forced = textAt(source, "kustomize", "namespace");
  return { namespace: forced ?? textAt(spec, "destination", "namespace") ?? "", isForced: forced !== undefined };
}

function argoCluster(spec: unknown): string | undefined {
  const name = textAt(spec, "destination", "name") ?? textAt(spec, "destination", "server");
  return name === "in-cluster" || name === "https://kubernetes.default.svc" ? undefined : name;
}

/** Flux is told by its bootstrap to read `clusters/NAME`: the one place where the cluster's name stands. */
function fluxCluster(path: string): string | undefined {
  return /(?:^|\/)clusters\/([^/]+)\//u.exec(path)?.[1];
}

function fluxSync(object: SourceObject, folders: ReadonlySet<string>): Sync {
  const namespace = textAt(object.value, "spec", "targetNamespace") ?? "";
  const kind = textAt(object.value, "spec", "sourceRef", "kind");
  const folder = known(folders, textAt(object.value, "spec", "path") ?? ".");
  return {
    tool: "flux",
    kind: "Kustomization",
    name: object.name,
    namespace: object.namespace,
    path: object.path,
    folder: kind === undefined || kind === "GitRepository" ? folder : undefined,
    cluster: fluxCluster(object.path),
    target: { namespace, isForced: namespace !== "" },
    directory: { recurse: true, include: "", exclude: "" },
    values: [],
  };
}

function helmSync(object: SourceObject, folders: ReadonlySet<string>): Sync {
  const chart = at(object.value, "spec", "chart", "spec");
  const isInGit = textAt(chart, "sourceRef", "kind") === "GitRepository";
  return {
    tool: "flux",
    kind: "HelmRelease",
    name: object.name,
    namespace: object.namespace,
    path: object.path,
    folder: isInGit ? known(folders, textAt(chart, "chart")) : undefined,
    cluster: fluxCluster(object.path),
    target: { namespace: textAt(object.value, "spec", "targetNamespace") ?? object.namespace ?? "", isForced: false },
    directory: { recurse: false, include: "", exclude: "" },
    values: textsAt(chart, "valuesFiles").flatMap((file) => resolved("", file) ?? []),
  };
}

/** Whether a sync reads the file; for a folder with a kustomization or a chart, that decides instead. */
export function readsPlain(sync: Sync, path: string): boolean {
  return (
    sync.folder !== undefined && (sync.directory.recurse ? isWithin(path, sync.folder) : folderOf(path) === sync.folder)
  );
}
