import type { Completeness } from "./model/completeness.ts";
import type { Finding } from "./model/finding.ts";
import type { CommunicationGraph, Edge } from "./model/graph.ts";
import type { NetworkPolicy } from "./model/manifest.ts";
import type { PolicySet } from "./model/policy-set.ts";
import type { Proof } from "./model/proof.ts";
import type { Reading } from "./model/reading.ts";

/** A manifest and the text it is written as. */
export interface ManifestFile {
  /** `namespace/name.yaml`, relative to the output directory. */
  readonly path: string;
  readonly manifest: NetworkPolicy;
  readonly yaml: string;
}

/** What was learned from the inputs. */
export interface Learned {
  readonly graph: CommunicationGraph;
  readonly reading: Reading;
  readonly completeness: Completeness;
  /** About the inputs: gaps, masks, mixed clusters. */
  readonly findings: readonly Finding[];
}

/** Policies for what was learned, proved. */
export interface Suggestion extends Learned {
  readonly policies: PolicySet;
  readonly files: readonly ManifestFile[];
  readonly proof: Proof;
  /** Edges left out by `--exclude`. */
  readonly excluded: readonly Edge[];
}
