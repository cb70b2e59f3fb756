import { at } from "../fields.ts";
import { resolved } from "../paths.ts";
import type { SourceObject } from "./documents.ts";
import type { GitSource } from "./origin.ts";
import { clusterInPath, type Draft, knownFolder } from "./sync.ts";
import { textAt, textsAt } from "./values.ts";

/** What a Kustomization or a HelmRelease reads; none for other objects. */
export function fluxDrafts(
  object: SourceObject,
  folders: ReadonlySet<string>,
  repositories: readonly SourceObject[],
): readonly Draft[] {
  if (object.group === "kustomize.toolkit.fluxcd.io" && object.kind === "Kustomization") {
    return [kustomizationDraft(object, folders, repositories)];
  }
  return object.group === "helm.toolkit.fluxcd.io" && object.kind === "HelmRelease"
    ? [releaseDraft(object, folders, repositories)]
    : [];
}

/** The GitRepositories that are declared. */
export function gitRepositories(objects: readonly SourceObject[]): readonly SourceObject[] {
  return objects.filter(({ group, kind }) => group === "source.toolkit.fluxcd.io" && kind === "GitRepository");
}

function kustomizationDraft(
  object: SourceObject,
  folders: ReadonlySet<string>,
  repositories: readonly SourceObject[],
): Draft {
  const namespace = textAt(object.value, "spec", "targetNamespace") ?? "";
  const reference = at(object.value, "spec", "sourceRef");
  const kind = textAt(reference, "kind");
  const folder = knownFolder(folders, textAt(object.value, "spec", "path") ?? ".");
  return {
    sync: {
      tool: "flux",
      kind: "Kustomization",
      name: object.name,
      namespace: object.namespace,
      path: object.path,
      folder: kind === undefined || kind === "GitRepository" ? folder : undefined,
      ...fluxDestination(object),
      target: { namespace, isForced: namespace !== "" },
      hasSelectorLabels: false,
      directory: { recurse: true, include: "", exclude: "" },
    },
    sources: sourcesOf(object, reference, { repositories, isHere: folder !== undefined }),
    values: [],
  };
}

function releaseDraft(
  object: SourceObject,
  folders: ReadonlySet<string>,
  repositories: readonly SourceObject[],
): Draft {
  const chart = at(object.value, "spec", "chart", "spec");
  const reference = at(chart, "sourceRef");
  const isInGit = textAt(reference, "kind") === "GitRepository";
  const folder = isInGit ? knownFolder(folders, textAt(chart, "chart")) : undefined;
  return {
    sync: {
      tool: "flux",
      kind: "HelmRelease",
      name: object.name,
      namespace: object.namespace,
      path: object.path,
      folder,
      ...fluxDestination(object),
      target: { namespace: textAt(object.value, "spec", "targetNamespace") ?? object.namespace ?? "", isForced: false },
      hasSelectorLabels: false,
      directory: { recurse: false, include: "", exclude: "" },
    },
    sources: isInGit ? sourcesOf(object, reference, { repositories, isHere: folder !== undefined }) : [],
    values: textsAt(chart, "valuesFiles").flatMap((file) => {
      const path = resolved("", file);
      return path === undefined ? [] : [{ path, source: undefined }];
    }),
  };
}

type Destination = Pick<Draft["sync"], "cluster" | "destination" | "isForEach">;

function fluxDestination({ path, value }: SourceObject): Destination {
  const remote = ["secretRef", "configMapRef"].flatMap((key) => textAt(value, "spec", "kubeConfig", key, "name") ?? []);
  const [name] = remote;
  const cluster = clusterInPath(path);
  // Cluster API calls the Secret after the cluster. Called otherwise it fits no cluster, and so none gets what is another's.
  if (name !== undefined) {
    return { cluster: name.replace(/-kubeconfig$/u, ""), destination: `kubeconfig ${name}`, isForEach: false };
  }
  return { cluster, destination: cluster ?? "", isForEach: false };
}

interface Around {
  readonly repositories: readonly SourceObject[];
  readonly isHere: boolean;
}

/** The GitRepositories that a reference may mean: its cluster's own, where several of one name are declared. */
function sourcesOf(object: SourceObject, reference: unknown, { repositories, isHere }: Around): readonly GitSource[] {
  const namespace = textAt(reference, "namespace") ?? object.namespace;
  const named = repositories.filter(
    (one) =>
      one.name === textAt(reference, "name") &&
      (one.namespace === undefined || namespace === undefined || one.namespace === namespace),
  );
  const cluster = clusterInPath(object.path);
  const near = named.filter(({ path }) => clusterInPath(path) === cluster);
  const meant = near.length > 0 ? near : named;
  const none = { address: undefined, revision: undefined, fixed: "no", isHere } as const;
  return meant.length === 0 ? [none] : meant.map(({ value }) => fluxSource(value, isHere));
}

function fluxSource(repository: unknown, isHere: boolean): GitSource {
  const spec = at(repository, "spec");
  const fixed = ["commit", "name", "semver", "tag"].flatMap((key) => textAt(spec, "ref", key) ?? []);
  const [name] = fixed;
  // Flux reads `master` where nothing else is said (source-controller, GitRepository, spec.ref).
  return {
    address: textAt(spec, "url"),
    revision: name ?? textAt(spec, "ref", "branch") ?? "master",
    fixed: name === undefined || name.startsWith("refs/heads/") ? "no" : "yes",
    isHere,
  };
}
