import type { Draft } from "./agents.ts";
import type { FlowJson } from "./record.ts";

interface Group {
  readonly first: Draft & { readonly body: FlowJson };
  ingress: number;
  egress: number;
  unknown: number;
}

/** What must be equal for flows to become one line; the rest of the line is the first flow's. */
function keyOf(flow: FlowJson, node: string): string {
  const { source, destination } = flow;
  const l4 = flow.l4 as Record<string, { destination_port?: number; source_port?: number }> | undefined;
  const [protocol = "", ports = {}] = Object.entries(l4 ?? {})[0] ?? [];
  // The client's port is the one thing that differs between connections of an edge.
  const port = flow.is_reply === true ? ports.source_port : ports.destination_port;
  return [
    node,
    flow.verdict,
    flow.event_type.type,
    flow.is_reply,
    flow.trace_observation_point,
    protocol,
    port,
    flow.IP.source,
    flow.IP.destination,
    source.pod_name,
    destination.pod_name,
  ].join("|");
}

/** What the exporter makes of its flows when it aggregates (Cilium 1.19, pkg/hubble/exporter/aggregator.go). */
export function aggregate(drafts: readonly Draft[], seconds: number): Draft[] {
  const groups = new Map<string, Group>();
  const others: Draft[] = [];
  for (const draft of drafts.toSorted((a, b) => a.time - b.time)) {
    if (draft.kind !== "flow") {
      others.push(draft);
      continue;
    }
    const flow = draft.body as FlowJson;
    const key = `${Math.floor(draft.time / (seconds * 1_000_000))}|${keyOf(flow, draft.node)}`;
    const group = groups.get(key) ?? { first: { ...draft, body: flow }, ingress: 0, egress: 0, unknown: 0 };
    groups.set(key, group);
    if (flow.traffic_direction === "INGRESS") group.ingress += 1;
    else if (flow.traffic_direction === "EGRESS") group.egress += 1;
    else group.unknown += 1;
  }
  const merged = [...groups.values()].map(({ first, ingress, egress, unknown }) => ({
    ...first,
    body: {
      ...first.body,
      aggregate: {
        ingress_flow_count: ingress || undefined,
        egress_flow_count: egress || undefined,
        unknown_direction_flow_count: unknown || undefined,
      },
    },
  }));
  return [...merged, ...others].toSorted((a, b) => a.time - b.time);
}
