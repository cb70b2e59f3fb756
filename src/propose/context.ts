import type { PendingDecision } from "../gitops/manners/recorded.ts";
import type { KnownCluster } from "../inventory/known-cluster.ts";
import type { AccessGraph } from "../model/access.ts";
import type { CommunicationGraph } from "../model/graph.ts";
import type { Decision } from "../model/proposal.ts";
import type { Repository } from "../model/repository.ts";
import type { Suggestion } from "../pipeline.ts";

/** What a proposal's meaning is worked out from. */
export interface ProposalContext {
  readonly suggestion: Suggestion;
  readonly cluster: KnownCluster | undefined;
  /** What was seen, rejected connections included. */
  readonly observed: CommunicationGraph;
  /** Use of the API that was seen, rejected requests included. */
  readonly uses: AccessGraph["uses"];
  readonly decisions: readonly Decision[];
  /** Those of them that the base does not have yet. */
  readonly pending: readonly PendingDecision[];
  readonly base: { readonly repository: Repository; readonly branch: string };
  /** As the units have it. */
  readonly clusterName: string;
}
