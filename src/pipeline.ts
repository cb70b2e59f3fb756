import { type AccessSuggestion, readAccess, suggestRoles } from "./access.ts";
import type { LearnOptions, PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import type { KnownCluster } from "./inventory/known-cluster.ts";
import { type Learned, learnForgetting, learnWith, type Remembered, readCluster } from "./learn.ts";
import type { AccessReview, ApiUse } from "./model/access-review.ts";
import type { WorkloadKey } from "./model/peer.ts";
import { type NetworkSuggestion, pause, suggestPolicies } from "./network.ts";
import { apiUseIn, meetingOf, reviewOf } from "./review.ts";

export type { AccessFile, AccessSuggestion } from "./access.ts";
export type { Learned, Remembered } from "./learn.ts";
export type { ManifestFile } from "./network.ts";

/** Policies and roles for what was learned, proved. */
export interface Suggestion extends Learned, NetworkSuggestion {
  /** Roles for what was used; undefined when no use of the API was seen. */
  readonly accessSuggestion: AccessSuggestion | undefined;
  /** What workloads do with the tokens of their ServiceAccounts; empty when no use of the API was seen. */
  readonly apiUse: ReadonlyMap<WorkloadKey, ApiUse>;
}

/** Who used the API, held against what is granted. */
export interface ReviewedAccess extends Learned {
  readonly review: AccessReview;
}

/**
 * Reads flow logs, audit logs, snapshots and learned state into graphs of what was seen.
 *
 * @throws NetlearnError when an input, a snapshot or the state is missing or unreadable, clusters are mixed, or a pattern is
 * malformed; records that can't be used are counted, never thrown
 */
export async function learn(inputs: readonly string[], options: LearnOptions, io: PipelineIo): Promise<Remembered> {
  return learnWith(inputs, options, io, await readCluster(options, io));
}

/**
 * The whole way: collect, resolve, decide, write down, prove.
 *
 * @throws NetlearnError as {@link learn}; `NETLEARN_PROOF_BROKEN` when something observed would be cut or a role would grant
 * more than is granted now, and then nothing is returned
 */
export async function suggest(inputs: readonly string[], options: SuggestOptions, io: PipelineIo): Promise<Suggestion> {
  const cluster = await readCluster(options, io);
  return await suggestFrom({ learned: await learnForgetting(inputs, options, io, cluster), cluster }, options, io);
}

/** What was learned, and the objects that it was learned with. */
export interface LearnedWith {
  readonly learned: Learned;
  readonly cluster: KnownCluster | undefined;
}

/**
 * As {@link suggest}, from what was learned already.
 *
 * @throws NetlearnError `NETLEARN_PROOF_BROKEN`
 */
export async function suggestFrom(
  { learned, cluster }: LearnedWith,
  options: SuggestOptions,
  io: PipelineIo,
): Promise<Suggestion> {
  await pause(io);
  const known = await readAccess(learned, cluster ?? {}, options, io);
  const accessSuggestion = await suggestRoles(learned, known, options, io);
  const apiUse = apiUseIn(learned, known);
  await pause(io);
  // Audit logs alone say nothing about flows: what objects say about these is then nobody's question.
  const network = learned.graph.facts.records > 0 ? { learned, cluster } : { learned: { ...learned, known: NONE } };
  const policies = await suggestPolicies(network.learned, { cluster: network.cluster, apiUse }, options, io);
  return {
    ...learned,
    ...policies,
    accessSuggestion,
    apiUse,
    findings: [...learned.findings, ...policies.findings, ...meetingOf(learned, apiUse, options)],
  };
}

const NONE: Learned["known"] = new Map();

/**
 * Reads what {@link learn} reads, and holds the use of the API against what is granted.
 *
 * @throws NetlearnError as {@link learn}
 */
export async function review(
  inputs: readonly string[],
  options: SuggestOptions,
  io: PipelineIo,
): Promise<ReviewedAccess> {
  const cluster = await readCluster(options, io);
  const learned = await learnForgetting(inputs, options, io, cluster);
  await pause(io);
  const known = await readAccess(learned, cluster ?? {}, options, io);
  return { ...learned, review: reviewOf(learned, known, cluster?.directory.namespaces ?? [], options) };
}
