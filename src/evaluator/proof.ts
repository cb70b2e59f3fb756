import { NetlearnError } from "../lib/errors.ts";
import { by, byText } from "../lib/sort.ts";
import type { KnownWorkloads } from "../model/directory.ts";
import type { CommunicationGraph, Edge, Workload } from "../model/graph.ts";
import type { NetworkPolicy } from "../model/manifest.ts";
import { peerName } from "../model/peer.ts";
import type { InferredOutcome } from "../model/policy-set.ts";
import type { Proof } from "../model/proof.ts";
import type { Direction } from "./network/verdict.ts";
import { cutsOf, DIRECTIONS } from "./proof/cuts.ts";
import { isPortEdge, type PortEdge, replayEdge } from "./proof/edges.ts";
import { provePromises } from "./proof/promises.ts";
import { buildReplayWorld, type ReplayFacts, type ReplayWorld } from "./proof/replay.ts";
import { countRules } from "./proof/rules.ts";
import { unusedPairs } from "./proof/unused.ts";

export type { ReplayFacts } from "./proof/replay.ts";

/** How edges are replayed and which of them must pass. */
export interface ProofOptions extends ReplayFacts {
  /**
   * False for an edge an operator decided to cut in this direction: it is not checked there. An edge expected in
   * neither direction counts as one that nobody wants, so letting it through is listed as unused.
   */
  readonly expected?: (edge: Edge, direction: Direction) => boolean;
  /** Inferred traffic: what rules were made for must pass. */
  readonly inferred?: readonly InferredOutcome[];
  /** Workloads that objects describe: ends of inferred traffic that nobody saw are among them. */
  readonly known?: KnownWorkloads;
}

/**
 * Replays every observed edge against the policies, generated and existing ones together. Edges without a port and
 * those with an entity whose address nobody saw are not checked. A verdict the evaluator can't give counts as a cut.
 * Equal edges and policies in any order give equal proofs.
 * Of two policies with one name the later counts, so generated ones go last.
 * @throws NetlearnError NETLEARN_PROOF_BROKEN when a policy is one the API server would refuse: a proof about policies
 * that cannot be applied proves nothing. Callers sift existing policies with `problemsOf`.
 */
export function prove(
  graph: Pick<CommunicationGraph, "workloads" | "edges">,
  policies: readonly NetworkPolicy[],
  options: ProofOptions = {},
): Proof {
  const workloads = withUnseen(graph.workloads, options);
  const world = buildReplayWorld({ ...graph, workloads }, policies, options);
  refuseProblems(world);
  const expected = options.expected ?? ((): boolean => true);
  const rules = countRules(world.compiled);
  const cut: Proof["cut"][number][] = [];
  const wanted: PortEdge[] = [];
  let allowed = 0;
  for (const edge of graph.edges.filter(isPortEdge)) {
    const directions = DIRECTIONS.filter((direction) => expected(edge, direction));
    if (directions.length === 0) {
      continue;
    }
    wanted.push(edge);
    const replay = replayEdge(world, edge);
    const found = cutsOf(edge, replay, directions);
    cut.push(...found);
    allowed += found.length === 0 ? 1 : 0;
    if (replay.kind === "replayed") {
      directions.forEach((direction) => rules.note(direction, replay.directions[direction]));
    }
  }
  const promised = provePromises(world, options.inferred ?? [], rules);
  const needless = rules.needless();
  const unused = unusedPairs(world, workloads, wanted);
  return { checked: wanted.length, allowed, cut: cut.toSorted(by(cutKey)), promised, needless, unused };
}

/** Ends of allowed traffic that nobody saw have policies, so they have pods here as well. */
function withUnseen(workloads: readonly Workload[], { inferred = [], known }: ProofOptions): readonly Workload[] {
  const seen = new Set(workloads.map(({ key }) => key));
  const ends = inferred
    .filter(({ outcome }) => outcome === "allowed")
    .flatMap(({ server, client }) => (client === undefined ? [server] : [server, client]));
  const unseen = [...new Set(ends)].filter((key) => !seen.has(key)).toSorted(byText);
  return [
    ...workloads,
    ...unseen.flatMap((key) => {
      const found = known?.get(key);
      if (found === undefined) return [];
      const { namespace, name, kind, labels, serviceAccount } = found;
      return [{ key, cluster: undefined, namespace, name, kind, labels, serviceAccount }];
    }),
  ];
}

function refuseProblems({ compiled }: ReplayWorld): void {
  const refused = compiled.problems.filter(({ kind }) => kind === "refused");
  const [first] = refused;
  if (first !== undefined) {
    const more = refused.length === 1 ? "" : ` (and ${refused.length - 1} more)`;
    throw new NetlearnError("NETLEARN_PROOF_BROKEN", `${first.about}: ${first.problem}${more}.`, {
      hint: "Mend or remove this policy; the API server would not take it as it is.",
    });
  }
}

function cutKey({ edge, direction }: Proof["cut"][number]): string {
  const port = String(edge.port).padStart(5, "0");
  return JSON.stringify([peerName(edge.client), peerName(edge.server), edge.protocol, port, direction]);
}
