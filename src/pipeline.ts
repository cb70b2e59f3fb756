import { setImmediate } from "node:timers/promises";
import { type GeneratedFile, generate } from "../generators/index.ts";
import { collectFiles } from "./collectors/file/collect-files.ts";
import type { CollectSummary } from "./collectors/file/collect-options.ts";
import { readSnapshot } from "./collectors/file/read-snapshot.ts";
import { inputFormat } from "./collectors/formats/input-format.ts";
import { completenessOf, factsThatBreakIt } from "./confidence/index.ts";
import type { LearnOptions, PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { type InForce, judgeInForce } from "./evaluator/proof/in-force.ts";
import { inForceFindings } from "./evaluator/proof/in-force-findings.ts";
import { promisesInForce } from "./evaluator/proof/promises-in-force.ts";
import { prove, type ReplayFacts } from "./evaluator/proof.ts";
import { knownFindings } from "./graph/known-findings.ts";
import { Learner } from "./graph/learner.ts";
import { readingOf } from "./graph/reading.ts";
import { resolve } from "./graph/resolve.ts";
import { selectEdges } from "./graph/select.ts";
import { printSnapshot } from "./graph/snapshot.ts";
import type { KnownCluster, ObjectCounts } from "./inventory/known-cluster.ts";
import { NetlearnError } from "./lib/errors.ts";
import type { Completeness } from "./model/completeness.ts";
import type { KnownWorkloads } from "./model/directory.ts";
import type { Finding } from "./model/finding.ts";
import type { CommunicationGraph, Edge } from "./model/graph.ts";
import { NOTHING_INFERRED } from "./model/inferred.ts";
import { peerName } from "./model/peer.ts";
import type { PolicySet } from "./model/policy-set.ts";
import type { Proof } from "./model/proof.ts";
import type { Reading } from "./model/reading.ts";
import { DEFAULT_SYNTHESIS, type SynthesisOptions } from "./synthesizer/network/options.ts";
import { type ObjectPromises, synthesize } from "./synthesizer/network/synthesize.ts";

export type ManifestFile = GeneratedFile;

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
}

/** What was learned, with everything that a later run needs to go on from it. */
export interface Remembered extends Learned {
  /** Everything remembered, as text that later runs can merge in. */
  readonly snapshot: () => string;
}

/** Policies for what was learned, proved. */
export interface Suggestion extends Learned {
  readonly policies: PolicySet;
  readonly files: readonly ManifestFile[];
  readonly proof: Proof;
  /** What the policies in force mean beside these; undefined when none were given. */
  readonly inForce: InForce | undefined;
}

/**
 * Reads flow logs, snapshots and learned state into one graph.
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
 * @throws NetlearnError as {@link learn}; `NETLEARN_PROOF_BROKEN` when an observed edge would be cut, and then nothing
 * is returned
 */
export async function suggest(inputs: readonly string[], options: SuggestOptions, io: PipelineIo): Promise<Suggestion> {
  const cluster = await readCluster(options, io);
  const learned = await learnForgetting(inputs, options, io, cluster);
  await pause(io);
  const promises = promisesOf(cluster, learned, options);
  const policies = synthesize(learned.graph, synthesisOptions(options), learned.known, promises);
  await pause(io);
  const files = generate(policies, "network-policy");
  await pause(io);
  const manifests = files.map(({ manifest }) => manifest);
  const { inferred } = policies;
  const proof = prove(learned.graph, manifests, { expected: isWanted(options), inferred, known: learned.known });
  requireProof(proof);
  await pause(io);
  const inForce =
    cluster &&
    judgeInForce(withUnseen(learned), manifests, cluster.policies, { ...replayFacts(cluster, learned), inferred });
  return {
    ...learned,
    policies,
    files,
    proof: inForce === undefined ? proof : { ...proof, unused: inForce.unused },
    inForce,
    findings: [...learned.findings, ...(inForce === undefined ? [] : inForceFindings(inForce))],
  };
}

function promisesOf(cluster: KnownCluster | undefined, learned: Learned, { allow }: SuggestOptions): ObjectPromises {
  if (cluster === undefined) return { inferred: NOTHING_INFERRED, allow };
  const { inferred, policies } = cluster;
  const facts = replayFacts(cluster, learned);
  return { inferred, allow, inForce: promisesInForce(inferred.traffic, policies, learned.known, facts) };
}

/** Reading the cluster's objects takes code that runs on flows alone do without. */
async function readCluster(options: LearnOptions, io: PipelineIo): Promise<KnownCluster | undefined> {
  const { manifests, cluster } = options;
  if (manifests.length === 0 && cluster === undefined) return undefined;
  const { readKnownCluster } = await import("./inventory/known-cluster.ts");
  io.reading?.("objects");
  const { env = {}, cwd = process.cwd(), signal = new AbortController().signal, ...rest } = io;
  const connect = async () => (await import("./kubernetes/connect.ts")).connect(cluster ?? {}, { env, cwd });
  const known = await readKnownCluster(
    { manifests, connect: cluster && connect, namespaces: cluster?.namespaces ?? [] },
    { ...rest, cwd, signal },
  );
  io.reading?.("records");
  return known;
}

/** The graph, with the workloads in it that only the cluster's objects know: what may reach them counts too. */
function withUnseen({ graph, known }: Learned): Pick<CommunicationGraph, "workloads" | "edges"> {
  const seen = new Set(graph.workloads.map(({ key }) => key));
  const unseen = [...known].filter(([key, { hostNetwork }]) => !hostNetwork && !seen.has(key));
  return {
    edges: graph.edges,
    workloads: [
      ...graph.workloads,
      ...unseen.map(([key, { namespace, name, kind, labels, serviceAccount }]) => {
        return { key, cluster: undefined, namespace, name, kind, labels, serviceAccount };
      }),
    ],
  };
}

function replayFacts({ directory }: KnownCluster, { known }: Learned): ReplayFacts {
  return {
    namespaces: directory.namespaces,
    containerPorts: new Map([...known].map(([key, { ports }]) => [key, ports])),
  };
}

/**
 * Between two long pieces of work: an interruption is heard, and a sweep of the heap that waits for its turn is
 * finished instead of put off while garbage piles up.
 */
async function pause({ signal }: PipelineIo): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

/** Lets go of the observations, which are most of the memory, before policies are made of them. */
async function learnForgetting(
  inputs: readonly string[],
  options: SuggestOptions,
  io: PipelineIo,
  cluster: KnownCluster | undefined,
): Promise<Learned> {
  const { graph, reading, completeness, findings, excluded, known, objects } = await learnWith(
    inputs,
    options,
    io,
    cluster,
  );
  return { graph, reading, completeness, findings, excluded, known, objects };
}

async function learnWith(
  inputs: readonly string[],
  options: LearnOptions & Partial<Pick<SuggestOptions, "allowDenied">>,
  io: PipelineIo,
  cluster: KnownCluster | undefined,
): Promise<Remembered> {
  const learner = new Learner({ since: options.since, until: options.until });
  const summary = await collect(inputs, options, learner, io);
  const remembered = await remember(options, learner, io);
  const { observations } = learner;
  const { clusterName, exclude, allowDenied = [] } = options;
  const directory = cluster?.directory;
  const { graph: resolved, undecidedRecords, known } = resolve(observations, { clusterName, directory });
  const { graph, excluded, findings } = selectEdges(resolved, exclude, allowDenied);
  return {
    graph,
    reading: readingOf(
      { ...summary, remembered },
      {
        counts: observations.counts,
        audit: learner.accesses.reading(),
        rejections: learner.rejections(),
        undecidedRecords,
      },
    ),
    completeness: completenessOf(graph),
    findings: [...(cluster?.findings ?? []), ...knownFindings(graph, known), ...factsThatBreakIt(graph), ...findings],
    excluded,
    known,
    objects: cluster?.counts,
    snapshot: () => printSnapshot(learner, resolved),
  };
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

function synthesisOptions(options: SuggestOptions): SynthesisOptions {
  const { namespaces, systemNamespaces, unobserved, defaultDeny, externalPrefix, externalClients, dnsOverTcp } =
    options;
  const inexpressible = { ...DEFAULT_SYNTHESIS.inexpressible, ...options.entities };
  return {
    namespaces,
    systemNamespaces,
    unobserved,
    defaultDeny,
    inexpressible,
    externalPrefix,
    externalClients,
    dnsOverTcp,
  };
}

/** False where the operator decided to cut what was seen. */
function isWanted({ entities }: SuggestOptions): (edge: Edge, direction: "ingress" | "egress") => boolean {
  const choices: Readonly<Partial<Record<string, string>>> = entities;
  return (edge, direction) => {
    const other = direction === "egress" ? edge.server : edge.client;
    return other.kind !== "entity" || choices[other.entity] !== "omit";
  };
}

function requireProof({ cut, promised }: Proof): void {
  const [first] = cut;
  const [refused] = promised.refused;
  if (first !== undefined) {
    const { client, server, protocol, port } = first.edge;
    const what = `${peerName(client)} -> ${peerName(server)} ${port ?? ""}/${protocol}`;
    throw brokenProof(
      `the policies would cut ${cut.length} observed edges, the first: ${what} (${first.direction}: ${first.reason})`,
      "the records of this edge",
    );
  }
  if (refused !== undefined) {
    const { object, port, protocol } = refused.traffic;
    const what = `${object} ${port}/${protocol} (${refused.direction}: ${refused.reason})`;
    throw brokenProof(
      `the policies would cut ${promised.refused.length} of what --allow lets through, the first: ${what}`,
      "this object",
    );
  }
}

function brokenProof(message: string, evidence: string): NetlearnError {
  return new NetlearnError("NETLEARN_PROOF_BROKEN", message, {
    hint: `this is a fault of netlearn, and nothing was written: please report it with ${evidence}`,
  });
}
