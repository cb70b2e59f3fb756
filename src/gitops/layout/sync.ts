import { folderOf, isWithin, resolved } from "../paths.ts";
import type { Belonging, GitSource } from "./origin.ts";

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
  /** As the tool calls it; undefined: the one it runs in, or one that only an address is known of. */
  readonly cluster: string | undefined;
  /** Equal for what goes to one cluster, as far as is told; empty for the one that the tool runs in. */
  readonly destination: string;
  /** Whether it stands for several, one for each of clusters that the repository does not name. */
  readonly isForEach: boolean;
  readonly target: {
    readonly namespace: string;
    /** Whether it is put over what objects say themselves. */
    readonly isForced: boolean;
  };
  readonly directory: { readonly recurse: boolean; readonly include: string; readonly exclude: string };
  /** Whether it writes labels of its own into selectors: Argo CD's `kustomize.commonLabels`. */
  readonly hasSelectorLabels: boolean;
  /** Values files, from the root of the repository, the last one wins. */
  readonly values: readonly string[];
  /** Whether what it reads is this repository, at the branch that is proposed to. */
  readonly belongs: Belonging;
}

/** A sync of which it is not told yet whether it reads this repository. */
export interface Draft {
  readonly sync: Omit<Sync, "belongs" | "values">;
  /** All of them have to be this repository. */
  readonly sources: readonly GitSource[];
  /** Undefined: from the sync's own source. */
  readonly values: readonly { readonly path: string; readonly source: GitSource | undefined }[];
}

/** Whether a sync reads the file; for a folder with a kustomization or a chart, that decides instead. */
export function readsPlain(sync: Sync, path: string): boolean {
  return (
    sync.folder !== undefined && (sync.directory.recurse ? isWithin(path, sync.folder) : folderOf(path) === sync.folder)
  );
}

/** A folder of this repository as a tool is told of it; undefined where there is none. */
export function knownFolder(folders: ReadonlySet<string>, written: string | undefined): string | undefined {
  const path = written === undefined ? undefined : resolved("", written.replace(/^\/+/u, ""));
  return path !== undefined && folders.has(path) ? path : undefined;
}

/** People who have several clusters tell each of them to read `clusters/NAME`: Flux's bootstrap does. */
export function clusterInPath(path: string): string | undefined {
  return /(?:^|\/)clusters\/([^/]+)\//u.exec(path)?.[1];
}
