import { write } from "graphology-gexf";
import type { CommunicationGraph } from "../model/graph.ts";
import { viewOf } from "./view.ts";

/** The graph as GEXF 1.2, for Gephi and its like; equal graphs give equal text. */
export function renderGexf(graph: CommunicationGraph): string {
  const text = write(viewOf(graph), {
    formatNode: (_, { label, kind, namespace }) => ({ label, attributes: { kind, namespace } }),
    formatEdge: (_, { label, weight, ...attributes }) => ({ label, weight, attributes }),
  });
  return `${text}\n`;
}
