import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { Place } from "../../model/manifest-object.ts";
import { peerName } from "../../model/peer.ts";
import type { Direction, DirectionVerdict, VerdictKind } from "../network/verdict.ts";
import { isPortEdge, type PortEdge, replayEdge } from "../proof/edges.ts";
import { findingOf, placeOf } from "./finding.ts";
import type { ReviewWorld } from "./world.ts";

/** What replaying the observed edges gave. */
export interface ObservedReview {
  readonly findings: readonly CheckFinding[];
  /** Edges a NetworkPolicy can speak about. */
  readonly replayed: number;
}

/** What the policies say about one edge. */
interface Judgement {
  readonly verdict: VerdictKind;
  /** The directions that do not allow it; the decisive one first. */
  readonly against: readonly { readonly direction: Direction; readonly verdict: DirectionVerdict }[];
  readonly reason: string;
}

const DIRECTIONS = ["egress", "ingress"] as const;

/**
 * Observed connections that the policies cut or leave undefined, each with its evidence.
 *
 * @param base where the change begins: what is cut there already is no more than a note
 */
export function observedFindings(
  graph: Pick<CommunicationGraph, "edges">,
  head: ReviewWorld,
  base: ReviewWorld | undefined,
): ObservedReview {
  const edges = graph.edges.filter(isPortEdge);
  const findings = edges.flatMap((edge) => {
    const judged = judge(head, edge);
    if (judged.verdict === "allowed") return [];
    const before = base === undefined ? undefined : judge(base, edge).verdict;
    return [edgeFinding(edge, judged, head, before)];
  });
  return { findings, replayed: edges.length };
}

function judge(world: ReviewWorld, edge: PortEdge): Judgement {
  const replay = replayEdge(world, edge);
  if (replay.kind === "impossible") return { verdict: "undefined", against: [], reason: replay.problem };
  const against = DIRECTIONS.map((direction) => ({ direction, verdict: replay.directions[direction] })).filter(
    ({ verdict }) => verdict.verdict !== "allowed",
  );
  const decisive = against.find(({ verdict }) => verdict.verdict === "denied") ?? against[0];
  if (decisive === undefined) return { verdict: "allowed", against: [], reason: "" };
  const ordered = [decisive, ...against.filter((other) => other !== decisive)];
  return { verdict: decisive.verdict.verdict, against: ordered, reason: decisive.verdict.reason };
}

/** An edge as people write it: `shop/frontend -> shop/cart 8080/TCP`. */
export function edgeText({ client, server, protocol, port }: Edge): string {
  return `${peerName(client)} -> ${peerName(server)} ${port === undefined ? protocol : `${port}/${protocol}`}`;
}

function edgeFinding(
  edge: PortEdge,
  { verdict, against, reason }: Judgement,
  head: ReviewWorld,
  before: VerdictKind | undefined,
): CheckFinding {
  const text = edgeText(edge);
  const isCut = verdict === "denied";
  const isOld = before === verdict;
  const what = isCut
    ? `would be cut${before === undefined ? "" : isOld ? ", as before this change" : " by this change"}`
    : `may be cut${isOld ? ", as before this change" : ""}: that is left open`;
  const [place, ...others] = against.flatMap(({ direction, verdict: { isolatedBy } }) =>
    placesOf(head, isolatedBy, direction),
  );
  return findingOf({
    code: isCut ? "connection-cut" : "connection-undefined",
    severity: isOld ? "info" : isCut ? "error" : "warning",
    about: text,
    message: `${text} was seen and ${what}: ${reason}`,
    choice: isCut
      ? "Add a rule that allows it (netlearn suggest writes one), or make sure that nobody needs it any more."
      : "Say with --profile which network plugin the cluster has, or test it there.",
    place: place?.place,
    related: others.slice(0, 5),
    evidence: edge.evidence,
    detail: "",
  });
}

/** Where the policies stand that isolate an end. */
export function placesOf(
  { policies }: ReviewWorld,
  ids: readonly string[],
  direction: Direction,
): readonly { readonly place: Place; readonly text: string }[] {
  const wanted = new Set(ids);
  return policies
    .filter(({ id }) => wanted.has(id))
    .map(({ id, object, policy }) => {
      const path = policy.spec?.[direction] === undefined ? ["spec"] : ["spec", direction];
      return { place: placeOf(object, path), text: `${id} isolates for ${direction}` };
    });
}
