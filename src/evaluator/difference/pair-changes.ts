import type { PolicyProtocol } from "../../model/flow.ts";
import type { Answer } from "../network/answer.ts";
import type { Direction, VerdictKind } from "../network/verdict.ts";
import type { IndexedNetworkWorld } from "../network-index/index-world.ts";
import { ADDRESS } from "../network-index/peer-space.ts";
import { LAST_PORT, PROTOCOLS, type ProtocolTable, serverPort } from "../network-index/port-table.ts";
import { exempted, nodeExemption, policiesAnswer, VERDICTS } from "../network-index/verdict-of.ts";
import type { DifferenceRow } from "./difference.ts";
import type { JointWorlds, Unit } from "./units.ts";

/** Which pairs of a pod and a node are meant, as in a row. */
export type NodeRelation = DifferenceRow["nodes"];

/** What changes between two units, on a range of ports. */
export interface PairChange {
  readonly base: VerdictKind;
  readonly head: VerdictKind;
  readonly direction: Direction;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly endPort: number;
  readonly nodes: NodeRelation;
}

/** The two ends of a connection. */
export interface Pair {
  readonly client: Unit;
  readonly server: Unit;
}

/** Whether it matters in either world on which nodes the two are. */
export function hangsOnNodes({ base, head }: JointWorlds, { client, server }: Pair): boolean {
  return [exemptionOf(base, client.base, server.base), exemptionOf(head, client.head, server.head)].some(
    (answer) => answer !== "no",
  );
}

/** Everything that changes between the two units, for one relation of their nodes, by protocol and port. */
export function pairChanges(worlds: JointWorlds, pair: Pair, nodes: NodeRelation): readonly PairChange[] {
  const found: PairChange[] = [];
  for (const [number, protocol] of PROTOCOLS.entries()) {
    const firsts = portBounds(worlds, pair, number);
    let open: PairChange | undefined;
    for (const [place, port] of firsts.entries()) {
      const change = changeAt(worlds, pair, { protocol, port, nodes });
      const endPort = (firsts[place + 1] ?? LAST_PORT + 1) - 1;
      if (open !== undefined && change !== undefined && isSame(open, change)) {
        open = { ...open, endPort };
        found[found.length - 1] = open;
      } else {
        open = change && { ...change, endPort };
        found.push(...(open === undefined ? [] : [open]));
      }
    }
  }
  return found;
}

function isSame(a: PairChange, b: PairChange): boolean {
  return a.base === b.base && a.head === b.head && a.direction === b.direction;
}

/** The first ports of the pieces on which none of the four tables changes its answer. */
function portBounds({ base, head }: JointWorlds, { client, server }: Pair, protocol: number): readonly number[] {
  const tables: readonly (ProtocolTable | undefined)[] = [
    base.isolation.egress.classes[client.base]?.table[protocol],
    base.isolation.ingress.classes[server.base]?.table[protocol],
    head.isolation.egress.classes[client.head]?.table[protocol],
    head.isolation.ingress.classes[server.head]?.table[protocol],
  ];
  const firsts = new Set([1]);
  for (const table of tables) {
    table?.firsts.forEach((first) => firsts.add(first));
  }
  return firsts.size === 1 ? [1] : [...firsts].toSorted((a, b) => a - b);
}

interface Asked {
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly nodes: NodeRelation;
}

function changeAt({ base, head }: JointWorlds, { client, server }: Pair, asked: Asked): PairChange | undefined {
  const before = judge(base, [client.base, server.base], asked);
  const after = judge(head, [client.head, server.head], asked);
  if (before.verdict === after.verdict) {
    return undefined;
  }
  const { direction } = after.verdict < before.verdict ? after : before;
  const kinds = { base: VERDICTS[before.verdict] ?? "undefined", head: VERDICTS[after.verdict] ?? "undefined" };
  return { ...kinds, direction, ...asked, endPort: asked.port };
}

const OWN: Readonly<Record<NonNullable<NodeRelation>, Answer>> = { own: "yes", other: "no", unknown: "unknown" };

function judge(
  world: IndexedNetworkWorld,
  [client, server]: readonly [client: number, server: number],
  { protocol, port, nodes }: Asked,
): { readonly verdict: number; readonly direction: Direction } {
  const at = serverPort(protocol, port);
  const exempt = nodes === undefined ? "no" : exemptionOf(world, client, server);
  const isOwn = nodes === undefined ? "no" : OWN[nodes];
  const egress = exempted(policiesAnswer(world.isolation.egress, client, server, at), exempt, isOwn);
  const ingress = exempted(policiesAnswer(world.isolation.ingress, server, client, at), exempt, isOwn);
  return egress <= ingress ? { verdict: egress, direction: "egress" } : { verdict: ingress, direction: "ingress" };
}

function exemptionOf({ profile, peers }: IndexedNetworkWorld, client: number, server: number): Answer {
  return nodeExemption(profile, peers.kinds[client] ?? ADDRESS, peers.kinds[server] ?? ADDRESS);
}
