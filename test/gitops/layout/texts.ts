/** A Deployment as a file of its own. */
export function deployment(name: string, namespace?: string): string {
  const where = namespace === undefined ? "" : `\n  namespace: ${namespace}`;
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}${where}\nspec: {}\n`;
}

/** An Argo CD Application; `source` and `destination` are fields in flow style. */
export function application(
  name: string,
  source: string,
  destination = "namespace: shop",
  repository = "https://git.example/acme/fleet",
): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec:\n  source: {repoURL: '${repository}', ${source}}\n  destination: {${destination}}\n`;
}

/** A Flux Kustomization; `more` are lines of its spec. */
export function flux(name: string, path: string, more = ""): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  path: ${path}\n  sourceRef: {kind: GitRepository, name: flux-system}\n${more}`;
}

/** A Flux GitRepository; `ref` are fields in flow style. */
export function gitRepository(name: string, url: string, ref = ""): string {
  return `apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: ${name}, namespace: flux-system}\nspec:\n  url: ${url}\n${ref === "" ? "" : `  ref: {${ref}}\n`}`;
}

/** An Argo CD ApplicationSet; all fields are in flow style, the template's source is of the same repository. */
export function applicationSet(generators: string, source: string, destination: string, name = "made"): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all, namespace: argocd}\nspec:\n  generators: [${generators}]\n  template:\n    metadata: {name: '${name}'}\n    spec:\n      source: {repoURL: 'https://git.example/acme/fleet', ${source}}\n      destination: {${destination}}\n`;
}
