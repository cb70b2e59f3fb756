import type { Agents, Packet } from "./agents.ts";
import { packetOf, pathOf } from "./packets.ts";
import type { Connection } from "./plan.ts";

const SECOND = 1_000_000;

/** When TCP tries again (RFC 6298: doubling from one second). */
const RETRANSMISSIONS = [0, 1 * SECOND, 3 * SECOND, 7 * SECOND, 15 * SECOND] as const;

/** A packet refused for a reason: the drop and, for a policy's doing, the verdict beside it, 1-49 microseconds apart. */
export function recordDrop(
  agents: Agents,
  packet: Packet,
  what: { readonly side: "egress" | "ingress"; readonly code: number; readonly reason: string },
): void {
  const end = what.side === "egress" ? packet.source : packet.destination;
  if (end.kind !== "pod") return;
  const direction = what.side === "egress" ? ("EGRESS" as const) : ("INGRESS" as const);
  const common = { verdict: "DROPPED", isReply: undefined, direction };
  const more = { drop_reason: what.code, drop_reason_desc: what.reason };
  if (what.reason === "POLICY_DENIED") agents.record(end.node, packet, { type: 5, ...common, more });
  const after = Math.min(49, 1 + Math.floor(agents.random.pareto(5, 1.2)));
  agents.record(end.node, { ...packet, time: packet.time + after }, { type: 1, subType: what.code, ...common, more });
}

/**
 * A refused connection. Refused at the server, its first packets have left the client's node by then, which reports
 * them as forwarded; the datapath reports one of them in five seconds.
 */
export function recordDenied(agents: Agents, connection: Connection): void {
  const side = connection.denied ?? "ingress";
  const tries = connection.protocol === "TCP" ? agents.random.integer(2, RETRANSMISSIONS.length) : 1;
  let reported = Number.NEGATIVE_INFINITY;
  for (const after of RETRANSMISSIONS.slice(0, tries)) {
    const packet = packetOf(connection, { after, reply: false, flags: { SYN: true } });
    if (side === "ingress" && after - reported >= 5 * SECOND) {
      reported = after;
      for (const [node, point] of pathOf(agents, packet))
        if (point !== "TO_ENDPOINT") agents.trace(node, packet, point);
    }
    recordDrop(agents, { ...packet, time: packet.time + 300 }, { side, code: 133, reason: "POLICY_DENIED" });
  }
}
