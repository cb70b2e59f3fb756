import { by, byText } from "../lib/sort.ts";
import type { CommunicationGraph, DeniedEdge, Edge } from "../model/graph.ts";
import { type Peer, peerName } from "../model/peer.ts";
import {
  type Place,
  type PlacePeer,
  placeAlike,
  placeEach,
  placeNamespaces,
  placeOutsideTogether,
} from "./graph-places.ts";
import { counted, formatPort } from "./wording.ts";

/** Pictures of a graph are drawn from this: boxes in groups, one arrow for each pair of boxes. Texts are raw. */
export interface GraphView {
  readonly groups: readonly { readonly title: string; readonly boxes: readonly Box[] }[];
  readonly arrows: readonly Arrow[];
  /** What was drawn together or left out, one sentence each. */
  readonly collapsed: readonly string[];
}

export interface Box {
  /** `n0`, `n1`, ...: safe in every picture language. */
  readonly id: string;
  readonly title: string;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly denied: boolean;
}

/** Arrows beyond which nobody can read a picture (facts of mermaid: 500 is its hard limit). */
const MOST_ARROWS = 60;

/** The graph with only what touches one of the namespaces; without namespaces, all of it. */
export function withinNamespaces(graph: CommunicationGraph, namespaces: readonly string[]): CommunicationGraph {
  if (namespaces.length === 0) return graph;
  const namespaceOf = new Map(graph.workloads.map(({ key, namespace }) => [key, namespace]));
  const isInside = (peer: Peer): boolean =>
    peer.kind === "workload" && namespaces.includes(namespaceOf.get(peer.workload) ?? "");
  const touches = ({ client, server }: Edge | DeniedEdge): boolean => isInside(client) || isInside(server);
  const edges = graph.edges.filter(touches);
  const denied = graph.denied.filter(touches);
  const seen = new Set([...edges, ...denied].flatMap(({ client, server }) => [peerName(client), peerName(server)]));
  const workloads = graph.workloads.filter(({ key, namespace }) => namespaces.includes(namespace) || seen.has(key));
  return { ...graph, edges, denied, workloads };
}

/** Prepares a graph for a program that lays out any size: nothing is drawn together. */
export function viewWholeGraph(graph: CommunicationGraph): GraphView {
  return finish(draw(graph, placeEach(graph)), []);
}

/**
 * Prepares a graph for people: outside addresses that talk alike share a box. Where there are too many arrows, first the addresses outside become one box, then
 * each namespace does, then the arrows with the fewest connections are left out.
 */
export function viewGraph(graph: CommunicationGraph, mostArrows: number = MOST_ARROWS): GraphView {
  const attempts: readonly { readonly place: PlacePeer; readonly note?: string }[] = [
    { place: placeAlike(graph) },
    { place: placeOutsideTogether(graph), note: "Addresses outside the cluster are drawn as one box." },
    { place: placeNamespaces(graph), note: "Each namespace is drawn as one box, and so is everything outside." },
  ];
  for (const [index, { place, note }] of attempts.entries()) {
    const view = draw(graph, place);
    const notes = note === undefined ? [] : [`${counted(graph.edges.length, "edge")} are too many to draw. ${note}`];
    if (view.arrows.length <= mostArrows) return finish(view, notes);
    if (index === attempts.length - 1) {
      const left = view.arrows.length - mostArrows;
      const kept = { ...view, arrows: view.arrows.toSorted(byImportance).slice(0, mostArrows) };
      return finish(kept, [...notes, `The ${counted(left, "arrow")} with the fewest connections are left out.`]);
    }
  }
  return { groups: [], arrows: [], collapsed: [] };
}

interface Drawing {
  readonly places: ReadonlyMap<string, Place>;
  readonly arrows: readonly DrawnArrow[];
}

interface DrawnArrow {
  readonly from: string;
  readonly to: string;
  readonly ports: readonly string[];
  readonly connections: number;
  readonly denied: boolean;
}

function draw(graph: CommunicationGraph, placePeer: PlacePeer): Drawing {
  const places = new Map<string, Place>();
  const arrows = new Map<
    string,
    { from: string; to: string; ports: Set<string>; connections: number; denied: boolean }
  >();
  const keyOf = (peer: Peer): string => {
    const place = placePeer(peer);
    const key = JSON.stringify([place.group, place.title]);
    places.set(key, place);
    return key;
  };
  const add = (edge: Edge | DeniedEdge, connections: number, denied: boolean): void => {
    const [from, to] = [keyOf(edge.client), keyOf(edge.server)];
    const key = JSON.stringify([from, to, denied]);
    const arrow = arrows.get(key) ?? { from, to, ports: new Set<string>(), connections: 0, denied };
    arrow.ports.add(shortPort(edge));
    arrow.connections += connections;
    arrows.set(key, arrow);
  };
  for (const edge of graph.edges) add(edge, edge.evidence.connections, false);
  for (const attempt of graph.denied) if (attempt.byPolicy) add(attempt, attempt.connections, true);
  return {
    places,
    arrows: [...arrows.values()]
      .map((arrow) => ({ ...arrow, ports: [...arrow.ports].toSorted(byNumber) }))
      .toSorted(by((arrow) => JSON.stringify([arrow.from, arrow.to, arrow.denied]))),
  };
}

function finish(drawing: Drawing, collapsed: readonly string[]): GraphView {
  const used = new Set(drawing.arrows.flatMap(({ from, to }) => [from, to]));
  const sorted = [...drawing.places].filter(([key]) => used.has(key)).toSorted(by(([key]) => key));
  const ids = new Map(sorted.map(([key], index) => [key, `n${index}`]));
  const titles = new Set(sorted.map(([, { group }]) => group));
  const groups = [...titles].toSorted(byText).map((title) => ({
    title,
    boxes: sorted
      .filter(([, { group }]) => group === title)
      .map(([key, place]) => ({ id: ids.get(key) ?? key, title: place.title })),
  }));
  const arrows = drawing.arrows.map((arrow) => ({
    from: ids.get(arrow.from) ?? "",
    to: ids.get(arrow.to) ?? "",
    label: `${arrow.denied ? "denied " : ""}${portList(arrow.ports)}`,
    denied: arrow.denied,
  }));
  return { groups, arrows, collapsed };
}

// TCP is what everybody expects, so only the others are named.
function shortPort({ protocol, port }: Pick<Edge, "protocol" | "port">): string {
  return protocol === "TCP" && port !== undefined ? String(port) : formatPort(protocol, port);
}

function portList(ports: readonly string[]): string {
  return ports.length <= 6 ? ports.join(", ") : `${ports.slice(0, 5).join(", ")} and ${ports.length - 5} more`;
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || byText(a, b);
}

function byImportance(a: DrawnArrow, b: DrawnArrow): number {
  return b.connections - a.connections || byText(`${a.from} ${a.to}`, `${b.from} ${b.to}`);
}
