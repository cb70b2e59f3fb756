import type { Completeness } from "./completeness.ts";
import type { Finding } from "./finding.ts";
import type { Edge } from "./graph.ts";
import { peerName } from "./peer.ts";
import type { ProposedFile, Refusal, RenderCheck } from "./placement.ts";
import type { FileChange } from "./repository.ts";

/**
 * What a pull request of a unit is about, in the order in which they come: growing first (nothing is cut), then shrinking
 * (what nobody used is closed, first isolation of a direction included), then default-deny.
 */
export const STAGES = ["widen", "narrow", "enforce"] as const;
export type Stage = (typeof STAGES)[number];

/** What has one branch and at most one open pull request. */
export interface Unit {
  /** Branch of the repository that it changes. */
  readonly base: string;
  /** Empty where the sources name no cluster. */
  readonly cluster: string;
  /** Empty for what is cluster-scoped. */
  readonly namespace: string;
  readonly stage: Stage;
}

/** A connection or request, in words: names are from the cluster, and not escaped. */
export interface ProposedAccess {
  /** Stable, 12 hexadecimal digits: what a reviewer's checkbox and a decision name. */
  readonly id: string;
  readonly kind: "connection" | "request";
  /** Client, or who asks. */
  readonly from: string;
  /** Server, or what is asked for: `get secrets/db in shop`. */
  readonly to: string;
  /** `TCP/5432`; empty for a request. */
  readonly port: string;
}

/** An observed connection in the words that people decide about. */
export function connectionWords({
  client,
  server,
  protocol,
  port,
}: Omit<Edge, "evidence">): Omit<ProposedAccess, "id"> {
  return {
    kind: "connection",
    from: peerName(client),
    to: peerName(server),
    port: port === undefined ? protocol : `${protocol}/${port}`,
  };
}

/** A row of the evidence table. */
export interface ProposedEvidence extends ProposedAccess {
  /** Connections or requests; 0 where nobody was seen (`inferred` says why it is there). */
  readonly count: number;
  /** Milliseconds since the epoch; undefined where no time is known. */
  readonly firstSeen: number | undefined;
  readonly lastSeen: number | undefined;
  readonly days: number;
  /** Why it is allowed though nobody was seen, or what it was widened from; undefined: seen. */
  readonly inferred: string | undefined;
}

export type RiskLevel = "low" | "medium" | "high";

/** A reason to look closer: `rule` is stable and documented (facts of reviewers: egress-anywhere, cross-namespace, ...). */
export interface Risk {
  readonly rule: string;
  readonly level: RiskLevel;
  /** One sentence, with names from the cluster. */
  readonly message: string;
}

/** What the changes mean for those who run there now. */
export interface Effect {
  /** Becomes allowed: refused by the base, let through afterwards. Sorted. */
  readonly allowed: readonly ProposedAccess[];
  /** Becomes forbidden, whether or not anybody was seen using it; too many to list one by one: see `forbiddenMore`. */
  readonly forbidden: readonly ProposedAccess[];
  readonly forbiddenMore: number;
  /** Workloads that a policy isolates for the first time, by direction. */
  readonly isolated: readonly { readonly workload: string; readonly direction: "ingress" | "egress" }[];
  /** Seen, and would be refused afterwards: must be empty, or decided by somebody. */
  readonly cut: readonly (ProposedAccess & { readonly decided: string | undefined })[];
}

/** What was seen and would be cut, and nobody decided so: rule 25 of the git writer. */
export function undecidedCuts({ cut }: Pick<Effect, "cut">): Effect["cut"] {
  return cut.filter(({ decided }) => decided === undefined);
}

/** How sure it is that the window showed everything. */
export interface ProposalConfidence {
  /** Milliseconds since the epoch: first inclusive, last inclusive; undefined without times. */
  readonly window: { readonly first: number; readonly last: number } | undefined;
  readonly completeness: Completeness | undefined;
  /** Cuts to expect in a week after this is merged, with a 95 % interval; undefined where nothing can be estimated. */
  readonly expectedCuts: { readonly perWeek: number; readonly low: number; readonly high: number } | undefined;
  /** What can't be seen, one sentence each: host networks, gaps, blind spots of the audit log. */
  readonly unseen: readonly string[];
}

/** What is to be changed, for which reasons: the third of the three hand-overs. Equal inputs give equal proposals. */
export interface Proposal {
  readonly unit: Unit;
  /** `netlearn/CLUSTER/NAMESPACE/STAGE`, at most 100 characters, a hash at the end where it was cut or cleaned. */
  readonly branch: string;
  /** Of the intended objects, the decisions and the paths, 16 hexadecimal digits: no dates and no counts are in it. */
  readonly fingerprint: string;
  /** Sorted by path, never empty. */
  readonly changes: readonly FileChange[];
  /** What is written down, as it is meant; for removals see `changes`. */
  readonly files: readonly ProposedFile[];
  /** For the base as it is. */
  readonly effect: Effect;
  /** What it means once the stages before it are merged; undefined: none of them is proposed. */
  readonly following?: { readonly effect: Effect; readonly risks: readonly Risk[] };
  /** Sorted by risk, then by name. */
  readonly evidence: readonly ProposedEvidence[];
  /** Gravest first; empty: low. */
  readonly risks: readonly Risk[];
  readonly confidence: ProposalConfidence;
  /** What could not be expressed, and what else people should know. */
  readonly findings: readonly Finding[];
  readonly decisions: readonly Decision[];
  /** Those of them that its changes write down, since readers ticked them; undefined: none. */
  readonly recorded?: readonly Decision[];
  readonly check: RenderCheck;
  readonly refused: readonly Refusal[];
  /** Which workloads this is about, for the picture: edges between them and their neighbours. */
  readonly picture: readonly PictureEdge[];
}

/** A proposal as it will be when its turn comes: for the base as it is, a later stage may cut what an earlier one lets through. */
export function inItsTurn(proposal: Proposal): Proposal {
  return { ...proposal, ...proposal.following };
}

/** Whether a unit waits for a stage before it. */
export function isLaterStage(outcome: UnitOutcome | undefined): boolean {
  return outcome?.kind === "held" && outcome.reason === "earlier-stage";
}

/** An arrow of the picture. */
export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** `kept` was allowed before and stays so; `forbidden` was seen and ends. */
  readonly kind: "allowed" | "forbidden" | "kept";
}

/** What somebody decided, in `.github/netlearn-decisions.yaml` of the base branch. */
export interface Decision {
  readonly kind: "accept" | "reject";
  /** `CLIENT->SERVER:PORT/PROTOCOL` as `--exclude` has it, or `SUBJECT:VERB RESOURCE` as `--grant` has it. */
  readonly what: string;
  readonly who: string;
  readonly why: string;
  /** Days, `YYYY-MM-DD`; `until` inclusive, undefined: for good. */
  readonly on: string;
  readonly until: string | undefined;
}

/** In the message of a commit that writes a decision down: kind, what, who, why, on and until (empty: for good). */
export const DECISION_TRAILER = "Netlearn-Decision";

/** In the message of our commits: `network`, `access` or both with a blank between, by what the proposal writes. */
export const ABOUT_TRAILER = "Netlearn-About";

/** What a proposal writes: policies, roles, or both. */
export function aboutOf({ files }: Pick<Proposal, "files">): readonly ("access" | "network")[] {
  const kinds = files.flatMap(({ manifests }) => manifests.map(({ kind }) => kind));
  return [
    ...(kinds.some((kind) => kind !== "NetworkPolicy") ? (["access"] as const) : []),
    ...(kinds.includes("NetworkPolicy") ? (["network"] as const) : []),
  ];
}

/** What became of a unit in one run. Only `failed` is a fault. */
export type UnitOutcome =
  | { readonly kind: "noop" | "created" | "updated" | "closed" }
  /** Somebody's turn: `because` is one sentence. */
  | { readonly kind: "held"; readonly reason: HeldReason; readonly because: string }
  /** Can't be done as things are. */
  | { readonly kind: "blocked"; readonly reason: string; readonly because: string }
  /** The next run goes on. */
  | { readonly kind: "deferred"; readonly because: string }
  | { readonly kind: "failed"; readonly because: string };

export type HeldReason =
  | "approved"
  | "confidence"
  | "cool-down"
  | "disabled"
  | "earlier-stage"
  | "human-commits"
  | "limit"
  | "merge-queue"
  | "onboarding"
  | "rejected"
  | "retargeted"
  | "schedule"
  | "snoozed"
  | "stop-label"
  | "unread";
