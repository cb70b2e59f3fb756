import { collectFiles } from "./collectors/file/collect-files.ts";
import type { CollectSummary } from "./collectors/file/collect-options.ts";
import { readSnapshot } from "./collectors/file/read-snapshot.ts";
import { inputFormat } from "./collectors/formats/input-format.ts";
import { completenessOf, factsThatBreakIt } from "./confidence/index.ts";
import type { ClusterChoice, LearnOptions, PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { chooseCluster } from "./graph/choose-cluster.ts";
import { knownFindings } from "./graph/known-findings.ts";
import { Learner } from "./graph/learner.ts";
import { readingOf } from "./graph/reading.ts";
import { resolve } from "./graph/resolve.ts";
import { selectEdges } from "./graph/select.ts";
import { printSnapshot } from "./graph/snapshot.ts";
import type { ClusterReading, KnownCluster, ObjectCounts } from "./inventory/known-cluster.ts";
import type { AccessGraph } from "./model/access.ts";
import type { Completeness } from "./model/completeness.ts";
import type { KnownWorkloads } from "./model/directory.ts";
import type { Finding } from "./model/finding.ts";
import type { CommunicationGraph, Edge } from "./model/graph.ts";
import type { KubernetesApi } from "./model/kubernetes-api.ts";
import type { Reading } from "./model/reading.ts";

/** What was learned from the inputs. */
export interface Learned {
  readonly graph: CommunicationGraph;
  readonly reading: Reading;
  readonly completeness: Completeness;
  /** About the inputs: gaps, masks, patterns that match nothing. */
  readonly findings: readonly Finding[];
  /** Edges left out by `exclude`. */
  readonly excluded: readonly Edge[];
  /** What the cluster's objects say about its workloads, seen or not; empty without them. */
  readonly known: KnownWorkloads;
  /** How many objects of the cluster were read; undefined without them. */
  readonly objects: ObjectCounts | undefined;
  /** Who used the API, as audit events show it; without uses when there were none. */
  readonly access: AccessGraph;
}

/** What was learned, with everything that a later run needs to go on from it. */
export interface Remembered extends Learned {
  /** Everything remembered, as text that later runs can merge in. */
  readonly snapshot: () => string;
}

/** Reading the cluster's objects takes code that runs on flows alone do without. */
export async function readCluster(options: LearnOptions, io: PipelineIo): Promise<KnownCluster | undefined> {
  const { manifests, cluster } = options;
  if (manifests.length === 0 && cluster === undefined) return undefined;
  const { readKnownCluster } = await import("./inventory/known-cluster.ts");
  io.reading?.("objects");
  const connect = clusterConnection(cluster, io);
  const known = await readKnownCluster({ manifests, connect, namespaces: cluster?.namespaces ?? [] }, reading(io));
  io.reading?.("records");
  return known;
}

/** How the live cluster is reached; undefined when none is meant. */
export function clusterConnection(
  cluster: ClusterChoice | undefined,
  { env = {}, cwd = process.cwd() }: PipelineIo,
): (() => Promise<KubernetesApi & { readonly close: () => void }>) | undefined {
  if (cluster === undefined) return undefined;
  return async () => (await import("./kubernetes/connect.ts")).connect(cluster, { env, cwd });
}

/** What reading objects needs of the process. */
export function reading({ env: _, cwd = process.cwd(), signal, ...rest }: PipelineIo): ClusterReading {
  return { ...rest, cwd, signal: signal ?? new AbortController().signal };
}

/** Lets go of the observations, which are most of the memory, before policies are made of them. */
export async function learnForgetting(
  inputs: readonly string[],
  options: LearnChoice,
  io: PipelineIo,
  cluster: KnownCluster | undefined,
): Promise<Learned> {
  const { snapshot: _, ...learned } = await learnWith(inputs, options, io, cluster);
  return learned;
}

type LearnChoice = LearnOptions & Partial<Pick<SuggestOptions, "allowDenied">>;

/**
 * Reads inputs, snapshots and state into what was seen.
 *
 * @throws NetlearnError when one of them is missing or unreadable, clusters are mixed, or a pattern is malformed; records that
 * can't be used are counted, never thrown
 */
export async function learnWith(
  inputs: readonly string[],
  options: LearnChoice,
  io: PipelineIo,
  cluster: KnownCluster | undefined,
): Promise<Remembered> {
  const learner = new Learner({ since: options.since, until: options.until });
  const summary = await collect(inputs, options, learner, io);
  const remembered = await remember(options, learner, io);
  const { observations } = learner;
  const { clusterName, exclude, allowDenied = [] } = options;
  const directory = cluster?.directory;
  const chosen = chooseCluster(learner, clusterName);
  const { graph: resolved, undecidedRecords, known } = resolve(observations, { clusterName: chosen.flows, directory });
  const { graph, excluded, findings } = selectEdges(resolved, exclude, allowDenied);
  const access = learner.accesses.resolve(chosen.audit);
  return {
    graph,
    reading: readingOf(
      { ...summary, remembered },
      {
        counts: observations.counts,
        audit: learner.accesses.reading(chosen.audit),
        rejections: learner.rejections(),
        undecidedRecords,
      },
    ),
    completeness: completenessOf(graph),
    findings: [
      ...(cluster?.findings ?? []),
      ...chosen.findings,
      ...(isAboutAccessAlone(graph, access) ? [] : knownFindings(graph, known)),
      ...factsThatBreakIt(graph),
      ...findings,
    ],
    access,
    excluded,
    known,
    objects: cluster?.counts,
    snapshot: () => printSnapshot(learner, { graph: resolved, access }),
  };
}

/** Objects of the cluster and no flow: nothing is strange about workloads that were not seen. */
function isAboutAccessAlone({ facts }: CommunicationGraph, access: AccessGraph): boolean {
  return facts.records === 0 && access.facts.events > 0;
}

async function collect(
  inputs: readonly string[],
  { format }: LearnOptions,
  learner: Learner,
  io: PipelineIo,
): Promise<CollectSummary> {
  const { progress, ...rest } = io;
  const records = () => learner.observations.counts.get("records") ?? 0;
  return collectFiles(inputs, learner, {
    ...rest,
    format: inputFormat(format),
    ...(progress === undefined ? {} : { progress: (state) => progress({ ...state, records: records() }) }),
  });
}

/** Merges in what was learned before, and says how much of it there is. */
async function remember(options: LearnOptions, learner: Learner, io: PipelineIo): Promise<Reading["remembered"]> {
  const remembered: Reading["remembered"][number][] = [];
  const understood = () => ({
    records: learner.observations.counts.get("records") ?? 0,
    events: learner.accesses.records,
  });
  const merge = async (source: string, work: () => Promise<void>): Promise<void> => {
    const before = understood();
    await work();
    const { records, events } = understood();
    remembered.push({ source, records: records - before.records, events: events - before.events });
  };
  const { snapshots, state } = options;
  for (const file of snapshots) await merge(file, async () => await mergeSnapshotFile(file, learner));
  if (state !== undefined) {
    const { stateName } = await import("./state.ts");
    await merge(stateName(state), async () => await mergeState(state, options, { learner, io }));
  }
  return remembered;
}

/** Snapshots are checked by a schema library that nobody else needs: it is loaded with the first of them. */
async function mergeSnapshotFile(file: string, learner: Learner): Promise<void> {
  const { mergeSnapshot } = await import("./graph/merge-snapshot.ts");
  const rejections = mergeSnapshot(learner, await readSnapshot(file), file);
  for (const rejection of rejections) learner.addRejections(rejection);
}

/** Databases take a while to load, and runs on files alone do without. */
async function mergeState(
  state: string,
  { since, until }: LearnOptions,
  { learner, io }: { readonly learner: Learner; readonly io: PipelineIo },
): Promise<void> {
  if (since !== undefined || until !== undefined) {
    io.notice?.("--since and --until choose among the records of the inputs; what the state remembers counts whole");
  }
  const { learnFromState } = await import("./state.ts");
  await learnFromState(state, learner, io.signal);
}
