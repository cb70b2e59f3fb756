import type { StateView } from "./view.ts";

/** What a state holds, for programs; one JSON object that ends with a line break. Times are RFC 3339. */
export function renderStateJson({ summary, graph, reading }: StateView): string {
  const { location, bytes, schemaVersion, cells, positions } = summary;
  const { window, workloads, edges, denied, facts } = graph;
  const { records, used, setAside, audit, rejected } = reading;
  const view = {
    location,
    bytes,
    schemaVersion,
    first: printTime(window?.first),
    last: printTime(window?.last),
    workloads: workloads.length,
    namespaces: [...new Set(workloads.map(({ namespace }) => namespace))].toSorted(),
    edges: edges.length,
    denied: denied.length,
    records,
    used,
    setAside,
    audit,
    rejected: rejected.map(({ reason, count, sample }) => ({ reason, count, sample })),
    lostEvents: facts.lostEvents,
    gaps: facts.gaps,
    cells,
    positions: positions.map(({ source, next, owner }) => ({ source, next, owner })),
  };
  return `${JSON.stringify(view, undefined, 2)}\n`;
}

function printTime(time: number | undefined): string | undefined {
  return time === undefined || Math.abs(time) > 8.64e15 ? undefined : new Date(time).toISOString();
}
