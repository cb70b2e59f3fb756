import type { NetworkPolicy } from "./manifest.ts";
import type { RbacManifest } from "./rbac.ts";

/** An object that netlearn writes. */
export type ProposedManifest = NetworkPolicy | RbacManifest;

/** Objects that are written, changed and removed together: one policy, or the roles of one subject and their bindings. */
export interface ProposedFile {
  /** Base name that no other file of the same namespace has: `netlearn-cart.yaml`, `netlearn-rbac-deployer.yaml`. */
  readonly name: string;
  /** In the order of the text. */
  readonly manifests: readonly ProposedManifest[];
  /** Whose source says where it belongs; undefined: the namespace's. */
  readonly workload: PlacedWorkload | undefined;
}

/** A workload as its source calls it. */
export interface PlacedWorkload {
  readonly kind: string;
  readonly name: string;
}

/** What a place is looked for. */
export interface PlacementTarget {
  /** Empty where the sources name no cluster. */
  readonly cluster: string;
  /** Empty for what is cluster-scoped. */
  readonly namespace: string;
  readonly workload: PlacedWorkload | undefined;
}

/** What people wrote down of where things belong: the last word. What is left out fits everything. */
export interface Mapping {
  readonly cluster?: string | undefined;
  readonly namespace?: string | undefined;
  /** Name of a workload. */
  readonly workload?: string | undefined;
  /** Folder, from the root of the repository. */
  readonly path: string;
  /** Undefined: as the folder looks. */
  readonly layout?: "plain" | "kustomize" | "helm" | "terraform" | undefined;
  /** Values file of a chart, from the root of the repository. */
  readonly values?: string | undefined;
}

/** What the live workload says of who applied it: its own labels and annotations. */
export interface Tracking {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How a place was found, for people. */
export interface PlacedBy {
  readonly kind: "mapping" | "argocd" | "flux" | "source" | "namespace";
  /** One sentence: which file, Application or Kustomization says so. */
  readonly because: string;
}

/** A place in the repository where the cluster's tools pick manifests up. */
export type Placement =
  /** Files stand side by side in `folder`, whatever reads it: `kubectl apply -f`, Argo CD's directory, Flux. */
  | { readonly kind: "plain"; readonly folder: string; readonly by: PlacedBy }
  /** A folder of our own beside the overlay's kustomization, and one line in its `resources:`. */
  | { readonly kind: "kustomize"; readonly kustomization: string; readonly by: PlacedBy }
  /** A template of our own in a chart that lies in the repository, and data in a values file. */
  | { readonly kind: "helm"; readonly chart: string; readonly values: string; readonly by: PlacedBy }
  /** A file of our own in a module. */
  | { readonly kind: "terraform"; readonly folder: string; readonly by: PlacedBy };

/** Places that are written as files of manifests. */
export type ManifestPlacement = Extract<Placement, { kind: "plain" | "kustomize" }>;

/** Whether a place is written as files of manifests. */
export function isManifestPlacement(placement: Placement): placement is ManifestPlacement {
  return placement.kind === "plain" || placement.kind === "kustomize";
}

/** Why nothing is proposed for a target. */
export interface Unplaced {
  readonly kind: "unplaced";
  readonly reason: "ambiguous" | "outside" | "third-party" | "unmapped" | "unreadable";
  /** One sentence with the places that were found. */
  readonly message: string;
  /** Lines to paste into `.github/netlearn.yaml`. */
  readonly snippet: string;
}

/** What can't be done without a person, with the patch that does it. */
export interface Refusal {
  /** The file that can't be edited safely. */
  readonly path: string;
  /** One sentence. */
  readonly message: string;
  /** A unified diff, or the text to write by hand. */
  readonly patch: string;
}

/** How it was checked that the cluster's tools make of the changed files what was meant. */
export interface RenderCheck {
  /** `netlearn`, `kustomize 5.5.0`, ...: who rendered. */
  readonly by: readonly string[];
  /** What differs from "as before, and the intended objects besides"; empty: verified. One sentence each. */
  readonly differences: readonly string[];
  /** What could not be rendered, and why; one sentence each. */
  readonly unsure: readonly string[];
}
