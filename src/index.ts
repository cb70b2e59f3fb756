/** The public API: the pipeline and the nouns it speaks in. */
export type { LearnOptions, PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
export { type ErrorCode, NetlearnError } from "./lib/errors.ts";
export type { AccessGraph, AccessUse } from "./model/access.ts";
export type { AccessPolicySet, AccessProof, SuggestedBinding, SuggestedRole } from "./model/access-policy.ts";
export type { AccessReview } from "./model/access-review.ts";
export type { Completeness } from "./model/completeness.ts";
export type { Evidence, Sample } from "./model/evidence.ts";
export type { Finding, Severity } from "./model/finding.ts";
export type { CommunicationGraph, DeniedEdge, Edge, Quarantine, SourceFacts, Workload } from "./model/graph.ts";
export type { InferredKind, InferredTraffic } from "./model/inferred.ts";
export type { NetworkPolicy } from "./model/manifest.ts";
export type { Peer } from "./model/peer.ts";
export type { InferredOutcome, PolicySet, WorkloadPolicy } from "./model/policy-set.ts";
export type { Proof } from "./model/proof.ts";
export type { RbacManifest } from "./model/rbac.ts";
export type { Reading } from "./model/reading.ts";
export {
  type AccessFile,
  type AccessSuggestion,
  type Learned,
  learn,
  type ManifestFile,
  type ReviewedAccess,
  review,
  type Suggestion,
  suggest,
} from "./pipeline.ts";
