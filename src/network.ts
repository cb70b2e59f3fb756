import { setImmediate } from "node:timers/promises";
import { type GeneratedFile, generate } from "../generators/index.ts";
import type { PipelineIo, SuggestOptions } from "./config/pipeline-options.ts";
import { type InForce, judgeInForce } from "./evaluator/proof/in-force.ts";
import { inForceFindings } from "./evaluator/proof/in-force-findings.ts";
import { promisesInForce } from "./evaluator/proof/promises-in-force.ts";
import { prove, type ReplayFacts } from "./evaluator/proof.ts";
import type { KnownCluster } from "./inventory/known-cluster.ts";
import type { Learned } from "./learn.ts";
import { NetlearnError } from "./lib/errors.ts";
import type { ApiUse } from "./model/access-review.ts";
import type { Finding } from "./model/finding.ts";
import type { CommunicationGraph, Edge } from "./model/graph.ts";
import { NOTHING_INFERRED } from "./model/inferred.ts";
import { peerName, type WorkloadKey } from "./model/peer.ts";
import type { PolicySet } from "./model/policy-set.ts";
import type { Proof } from "./model/proof.ts";
import { DEFAULT_SYNTHESIS, type SynthesisOptions } from "./synthesizer/network/options.ts";
import { type ObjectPromises, synthesize } from "./synthesizer/network/synthesize.ts";

export type ManifestFile = GeneratedFile;

/** NetworkPolicies for what was seen talking, proved. */
export interface NetworkSuggestion {
  readonly policies: PolicySet;
  readonly files: readonly ManifestFile[];
  readonly proof: Proof;
  /** What the policies in force mean beside these; undefined when none were given. */
  readonly inForce: InForce | undefined;
  readonly findings: readonly Finding[];
}

/** What is known besides flows. */
export interface NetworkContext {
  /** Undefined where no objects were read. */
  readonly cluster: KnownCluster | undefined;
  readonly apiUse: ReadonlyMap<WorkloadKey, ApiUse>;
}

/**
 * Decides on policies, writes them down and proves them.
 *
 * @throws NetlearnError `NETLEARN_PROOF_BROKEN` when an observed edge would be cut
 */
export async function suggestPolicies(
  learned: Learned,
  { cluster, apiUse }: NetworkContext,
  options: SuggestOptions,
  io: PipelineIo,
): Promise<NetworkSuggestion> {
  const promises = promisesOf(cluster, learned, options);
  const policies = synthesize(learned.graph, synthesisOptions(options, apiUse), learned.known, promises);
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
    judgeInForce(withUnseen(learned), manifests, cluster.policies, {
      ...replayFacts(cluster.directory, learned.known),
      inferred,
    });
  return {
    policies,
    files,
    proof: inForce === undefined ? proof : { ...proof, unused: inForce.unused },
    inForce,
    findings: inForce === undefined ? [] : inForceFindings(inForce),
  };
}

function promisesOf(cluster: KnownCluster | undefined, learned: Learned, { allow }: SuggestOptions): ObjectPromises {
  if (cluster === undefined) return { inferred: NOTHING_INFERRED, allow };
  const { inferred, policies } = cluster;
  const facts = replayFacts(cluster.directory, learned.known);
  return { inferred, allow, inForce: promisesInForce(inferred.traffic, policies, learned.known, facts) };
}

/** The graph, with the workloads in it that only the cluster's objects know: what may reach them counts too. */
export function withUnseen({
  graph,
  known,
}: Pick<Learned, "graph" | "known">): Pick<CommunicationGraph, "workloads" | "edges"> {
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

/** What replaying needs to know of a cluster. @param directory undefined where no objects were read */
export function replayFacts(directory: KnownCluster["directory"] | undefined, known: Learned["known"]): ReplayFacts {
  return {
    namespaces: directory?.namespaces ?? [],
    containerPorts: new Map([...known].map(([key, { ports }]) => [key, ports])),
  };
}

/**
 * Between two long pieces of work: an interruption is heard, and a sweep of the heap that waits for its turn is
 * finished instead of put off while garbage piles up.
 */
export async function pause({ signal }: PipelineIo): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function synthesisOptions(options: SuggestOptions, apiUse: NetworkContext["apiUse"]): SynthesisOptions {
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
    apiUse,
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
