import { NetlearnError } from "../../lib/errors.ts";
import { isPolicyProtocol, type Protocol } from "../../model/flow.ts";
import { type Answer, anyOf } from "./answer.ts";
import type { CompiledNetworkWorld } from "./compile.ts";
import { type Attempt, judgeDirection } from "./direction.ts";
import { findEnd, isOwnNode, isSamePod } from "./end.ts";
import type { DirectionVerdict, NetworkVerdict } from "./verdict.ts";
import type { Connection } from "./world.ts";

/**
 * Would the policies of this world let a *new* connection pass? (What happens to open connections when a policy
 * changes is up to the plugin, rule 15.) Replies need no rule of their own (rule 1).
 * @throws NetlearnError NETLEARN_USAGE for an unknown pod, a text that is no address, a missing port or one outside
 * 1-65535
 */
export function evaluateConnection(world: CompiledNetworkWorld, connection: Connection): NetworkVerdict {
  const { protocol, port } = connection;
  requirePort(protocol, port);
  const client = findEnd(world, connection.from);
  const server = findEnd(world, connection.to);
  const attempt: Attempt = { client, server, protocol, port };
  const exemption = exemptionOf(world, attempt);
  const egress = exempted(judgeDirection(world, attempt, "egress"), exemption);
  const ingress = exempted(judgeDirection(world, attempt, "ingress"), exemption);
  return together(egress, ingress);
}

/** @throws NetlearnError NETLEARN_USAGE where a protocol with ports has none, or the port is not from 1 to 65535 */
export function requirePort(protocol: Protocol, port: number | undefined): void {
  if (port === undefined ? isPolicyProtocol(protocol) : !isPort(port)) {
    throw new NetlearnError("NETLEARN_USAGE", `${protocol} ${port ?? "without a port"} names no connection.`, {
      hint: "Give the server's port as a whole number from 1 to 65535.",
    });
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}

interface Exemption {
  readonly applies: Answer;
  readonly reason: string;
}

/** Traffic that passes whatever policies say (rule 12). */
function exemptionOf(world: CompiledNetworkWorld, { client, server }: Attempt): Exemption {
  if (isSamePod(client, server)) {
    return { applies: "yes", reason: `${client.text} always reaches itself` };
  }
  const { exemptFromOwnNode, exemptToOwnNode } = world.profile;
  const fromNode = bothOf(isOwnNode(server, client), exemptFromOwnNode);
  const toNode = bothOf(isOwnNode(client, server), exemptToOwnNode);
  const reason = "traffic between a pod and the node it runs on is exempt from policies";
  return { applies: anyOf([fromNode, toNode]), reason };
}

function bothOf(a: Answer, b: Answer): Answer {
  if (a === "no" || b === "no") {
    return "no";
  }
  return a === "yes" && b === "yes" ? "yes" : "unknown";
}

function exempted(judged: DirectionVerdict, { applies, reason }: Exemption): DirectionVerdict {
  if (judged.verdict === "allowed" || applies === "no") {
    return judged;
  }
  if (applies === "yes") {
    return { ...judged, verdict: "allowed", reason };
  }
  return { ...judged, verdict: "undefined", reason: `it is not known whether ${reason} here; else: ${judged.reason}` };
}

function together(egress: DirectionVerdict, ingress: DirectionVerdict): NetworkVerdict {
  for (const verdict of ["denied", "undefined"] as const) {
    const decided = [egress, ingress].find((direction) => direction.verdict === verdict);
    if (decided !== undefined) {
      return { verdict, reason: decided.reason, egress, ingress };
    }
  }
  return { verdict: "allowed", reason: `${egress.reason}; ${ingress.reason}`, egress, ingress };
}
