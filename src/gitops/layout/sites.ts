import { folderOf, isWithin, resolved } from "../paths.ts";
import type { Chart } from "./charts.ts";
import type { FoundDocuments, SourceObject } from "./documents.ts";
import { fitsGlob } from "./globs.ts";
import { type Kustomization, rootFolders } from "./kustomizations.ts";
import { readsPlain, type Sync } from "./sync.ts";

/** An object as a cluster gets it, and by which way. */
export interface Site {
  readonly kind: string;
  readonly name: string;
  /** Undefined: nothing in the repository says. */
  readonly namespace: string | undefined;
  /** File that holds it. */
  readonly path: string;
  readonly layout: "plain" | "kustomize";
  /** Folders where something of its kind can be put, from the root to the closest; never a base that others share. */
  readonly folders: readonly [string, ...string[]];
  /** Undefined: no tool of a cluster is known to read it. */
  readonly sync: Sync | undefined;
}

export interface SiteContext {
  readonly documents: FoundDocuments;
  readonly kustomizations: ReadonlyMap<string, Kustomization>;
  /** Folders that name a kustomization's folder, by it. */
  readonly naming: ReadonlyMap<string, readonly string[]>;
  readonly charts: ReadonlyMap<string, Chart>;
  readonly syncs: readonly Sync[];
}

/** What kustomizations that are roots, or that a cluster's tools start from, make of the files they name. */
export function kustomizeSites(context: SiteContext): readonly Site[] {
  const { kustomizations, syncs } = context;
  const started = syncs.flatMap(({ folder }) => (folder !== undefined && kustomizations.has(folder) ? [folder] : []));
  const starts = new Set([...rootFolders(kustomizations), ...started]);
  const objects = Map.groupBy(context.documents.objects, ({ path }) => path);
  return [...starts].flatMap((start) => {
    const chains = chainsFrom(start, kustomizations, []);
    const own = readers(syncs, start);
    return chains.flatMap((chain) =>
      (chain.at(-1)?.files ?? []).flatMap((file) =>
        (objects.get(file) ?? []).flatMap((object) =>
          own.map((sync) => rendered(object, chain, { sync, naming: context.naming })),
        ),
      ),
    );
  });
}

function readers(syncs: readonly Sync[], folder: string): readonly (Sync | undefined)[] {
  const own = syncs.filter((sync) => sync.folder === folder);
  if (own.length > 0) return own;
  // Flux makes a kustomization of a folder that has none, and takes those below it in.
  const around = syncs.filter((s) => s.tool === "flux" && s.folder !== undefined && isWithin(folder, s.folder));
  return around.length > 0 ? around : [undefined];
}

type Chain = readonly Kustomization[];

function chainsFrom(folder: string, all: ReadonlyMap<string, Kustomization>, above: Chain): readonly Chain[] {
  const here = all.get(folder);
  if (here === undefined || above.includes(here)) return [];
  const chain = [...above, here];
  return [chain, ...here.folders.flatMap((below) => chainsFrom(below, all, chain))];
}

function rendered(
  object: SourceObject,
  chain: Chain,
  how: { readonly sync: Sync | undefined; readonly naming: SiteContext["naming"] },
): Site {
  const name = chain.reduceRight((inner, { prefix, suffix }) => `${prefix}${inner}${suffix}`, object.name);
  const forced = how.sync?.target.isForced === true ? how.sync.target.namespace : undefined;
  const own = chain.find(({ namespace }) => namespace !== undefined)?.namespace ?? object.namespace;
  return {
    kind: object.kind,
    name,
    namespace: forced ?? own ?? (how.sync?.target.namespace || undefined),
    path: object.path,
    layout: "kustomize",
    folders: ownFolders(chain, how.naming),
    sync: how.sync,
  };
}

// A base is somebody else's as soon as it lies elsewhere, or two name it; what flows belongs to an environment.
function ownFolders(chain: Chain, naming: SiteContext["naming"]): readonly [string, ...string[]] {
  const [root, ...below] = chain;
  const folders: [string, ...string[]] = [root?.folder ?? ""];
  for (const { folder, isComponent } of below) {
    const isOwn = !isComponent && isWithin(folder, folders.at(-1) ?? "") && naming.get(folder)?.length === 1;
    if (!isOwn || /(?:^|\/)bases?$/u.test(folder)) break;
    folders.push(folder);
  }
  return folders;
}

/** What lies in files that no kustomization has anything to do with. */
export function plainSites(context: SiteContext): readonly Site[] {
  const { documents, kustomizations, charts, syncs } = context;
  const mentioned = new Set<string>();
  for (const [path, value] of documents.kustomizations) {
    for (const text of textsIn(value)) mentioned.add(resolved(folderOf(path), text) ?? "");
  }
  const plain = syncs.filter(
    ({ kind, folder }) =>
      kind !== "HelmRelease" && folder !== undefined && !kustomizations.has(folder) && !charts.has(folder),
  );
  return documents.objects
    .filter(({ path }) => !mentioned.has(path) && !kustomizations.has(folderOf(path)))
    .flatMap((object) => {
      const reading = plain.filter((sync) => readsPlain(sync, object.path) && isIncluded(sync, object.path));
      const ways = reading.length > 0 ? reading : [undefined];
      return ways.map((sync) => plainSite(object, sync));
    });
}

function plainSite(object: SourceObject, sync: Sync | undefined): Site {
  const target = sync?.target.namespace || undefined;
  return {
    kind: object.kind,
    name: object.name,
    namespace: sync?.target.isForced === true ? target : (object.namespace ?? target),
    path: object.path,
    layout: "plain",
    folders: [folderOf(object.path)],
    sync,
  };
}

/** Whether the patterns of Argo CD's directory let the file through. */
export function isIncluded({ directory, folder }: Sync, path: string): boolean {
  const relative = folder === undefined || folder === "" ? path : path.slice(folder.length + 1);
  if (directory.exclude !== "" && fitsGlob(relative, directory.exclude)) return false;
  return directory.include === "" || fitsGlob(relative, directory.include);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
