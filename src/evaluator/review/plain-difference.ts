import type { PolicyProtocol } from "../../model/flow.ts";
import type { Difference, DifferenceOptions, DifferenceRow } from "../difference/difference.ts";
import { type Address, addressKey, blockHolds, parseAddress, parseBlock } from "../network/address.ts";
import type { CompiledNetworkWorld } from "../network/compile.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import type { Direction, NetworkVerdict, VerdictKind } from "../network/verdict.ts";
import type { Connection, ConnectionEnd } from "../network/world.ts";
import { type EndClass, endClasses, endOf, rulesOf } from "./plain-ends.ts";

const PROTOCOLS: readonly PolicyProtocol[] = ["TCP", "UDP", "SCTP"];

/** A change of the verdict between two classes on a range of ports. */
interface Change {
  readonly client: EndClass;
  readonly server: EndClass;
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly endPort: number;
  readonly base: VerdictKind;
  readonly head: VerdictKind;
  readonly direction: Direction;
  readonly policies: DifferenceRow["policies"];
}

/**
 * What changes between two worlds, exactly: every class of ends with every other, on every range of ports that the
 * policies tell apart, asked of the plain evaluator. Classes of which neither side changed are passed over.
 */
export function plainDifference(
  base: CompiledNetworkWorld,
  head: CompiledNetworkWorld,
  { listed = 10 }: DifferenceOptions = {},
): Difference {
  const classes = endClasses(base, head);
  const ports = portRanges([base, head]);
  const changes = classes.flatMap((client) =>
    classes.flatMap((server) => (isPossible(client, server) ? changesOf({ base, head }, client, server, ports) : [])),
  );
  const rows = rowsOf(changes, listed);
  const where = (test: (row: DifferenceRow) => boolean): readonly DifferenceRow[] =>
    rows.map(({ row }) => row).filter(test);
  return {
    cut: where((row) => row.base === "allowed" && row.head === "denied"),
    opened: where((row) => row.base === "denied" && row.head === "allowed"),
    unclear: where((row) => row.base === "undefined" || row.head === "undefined"),
    onlyInBase: [...base.pods.keys()].filter((id) => !head.pods.has(id)).toSorted(),
    onlyInHead: [...head.pods.keys()].filter((id) => !base.pods.has(id)).toSorted(),
    rowOf: rowFinder(rows, { base, head }, classes),
  };
}

/** Addresses never talk to addresses here, and a pod is never cut from itself. */
function isPossible(client: EndClass, server: EndClass): boolean {
  const hasPod = client.pods.length > 0 || server.pods.length > 0;
  const hasPair = client !== server || client.second !== undefined;
  return hasPod && hasPair && (client.isChanged || server.isChanged);
}

interface Worlds {
  readonly base: CompiledNetworkWorld;
  readonly head: CompiledNetworkWorld;
}

interface PortRange {
  readonly protocol: PolicyProtocol;
  readonly port: number;
  readonly endPort: number;
}

function changesOf(
  { base, head }: Worlds,
  client: EndClass,
  server: EndClass,
  ports: readonly PortRange[],
): readonly Change[] {
  const to = client === server ? (server.second ?? server.first) : server.first;
  const found: Change[] = [];
  for (const range of ports) {
    const connection = { from: client.first, to, protocol: range.protocol, port: range.port };
    const before = evaluateConnection(base, connection);
    const after = evaluateConnection(head, connection);
    if (before.verdict === after.verdict) continue;
    const { direction, policies } = decided(before, after);
    const last = found.at(-1);
    const change = { client, server, ...range, base: before.verdict, head: after.verdict, direction, policies };
    if (last !== undefined && continues(last, change)) found[found.length - 1] = { ...last, endPort: range.endPort };
    else found.push(change);
  }
  return found;
}

const RANK: Readonly<Record<VerdictKind, number>> = { denied: 0, undefined: 1, allowed: 2 };

function decided(before: NetworkVerdict, after: NetworkVerdict): Pick<Change, "direction" | "policies"> {
  const stricter = RANK[before.verdict] < RANK[after.verdict] ? before : after;
  const direction = stricter.egress.verdict === stricter.verdict ? "egress" : "ingress";
  return { direction, policies: { base: before[direction].isolatedBy, head: after[direction].isolatedBy } };
}

function continues(last: Change, next: Change): boolean {
  return last.endPort + 1 === next.port && kindOf(last) === kindOf(next);
}

function kindOf({ protocol, base, head, direction, policies }: Change): string {
  return JSON.stringify([protocol, base, head, direction, policies]);
}

function portRanges(worlds: readonly CompiledNetworkWorld[]): readonly PortRange[] {
  const declared = worlds.flatMap(({ pods }) => [...pods.values()].flatMap((pod) => pod.ports));
  const entries = worlds.flatMap(rulesOf).flatMap(({ ports }) => ports);
  return PROTOCOLS.flatMap((protocol) => {
    const starts = new Set([1]);
    for (const entry of entries.filter((one) => one.protocol === protocol)) {
      if (typeof entry.port === "number") starts.add(entry.port).add((entry.endPort ?? entry.port) + 1);
    }
    for (const { name, port } of declared.filter((one) => one.protocol === protocol)) {
      if (name !== undefined && port >= 1 && port <= LAST_PORT) starts.add(port).add(port + 1);
    }
    const sorted = [...starts].filter((port) => port <= LAST_PORT).toSorted((a, b) => a - b);
    return sorted.map((port, index) => ({ protocol, port, endPort: (sorted[index + 1] ?? LAST_PORT + 1) - 1 }));
  });
}

const LAST_PORT = 65_535;

interface BuiltRow {
  readonly row: DifferenceRow;
  readonly clients: ReadonlySet<EndClass>;
  readonly servers: ReadonlySet<EndClass>;
}

/** Changes that differ in nothing but the client are one row, then rows that differ in nothing but the server. */
function rowsOf(changes: readonly Change[], listed: number): readonly BuiltRow[] {
  const ids = new Map<EndClass, number>();
  const idOf = (one: EndClass): number => {
    const known = ids.get(one) ?? ids.size;
    ids.set(one, known);
    return known;
  };
  const isPods = (one: EndClass): boolean => one.pods.length > 0;
  const byServer = Map.groupBy(changes, (change) =>
    JSON.stringify([kindOf(change), change.port, change.endPort, idOf(change.server), isPods(change.client)]),
  );
  const merged = Map.groupBy(byServer.values(), ([change, ...others]) => {
    const clients = [change, ...others].flatMap((one) => (one === undefined ? [] : [idOf(one.client)]));
    return change === undefined
      ? ""
      : JSON.stringify([kindOf(change), change.port, change.endPort, clients, isPods(change.server)]);
  });
  return [...merged.values()].flatMap((groups) => {
    const [first] = groups[0] ?? [];
    if (first === undefined) return [];
    const clients = new Set(groups.flat().map(({ client }) => client));
    const servers = new Set(groups.flat().map(({ server }) => server));
    const { base, head, protocol, port, endPort, direction, policies } = first;
    const ends = { client: endOf([...clients], listed), server: endOf([...servers], listed) };
    return [
      {
        clients,
        servers,
        row: { base, head, ...ends, protocol, port, endPort, direction, policies, nodes: undefined },
      },
    ];
  });
}

function rowFinder(
  rows: readonly BuiltRow[],
  { base, head }: Worlds,
  classes: readonly EndClass[],
): Difference["rowOf"] {
  const classOfPod = new Map(classes.flatMap((one) => one.pods.map((id) => [id, one] as const)));
  const holds = (end: ConnectionEnd, members: ReadonlySet<EndClass>): boolean => {
    const id = "ip" in end ? ownerOf(end.ip, base) : `${end.namespace}/${end.name}`;
    if (id !== undefined) {
      const found = classOfPod.get(id);
      return found !== undefined && members.has(found);
    }
    return "ip" in end && isAmong(end.ip, members);
  };
  return (connection: Connection) => {
    const { from, to, protocol, port } = connection;
    if (port === undefined) return undefined;
    return rows.find(
      ({ row, clients, servers }) =>
        row.protocol === protocol &&
        row.port <= port &&
        port <= row.endPort &&
        holds(from, clients) &&
        holds(to, servers) &&
        evaluateConnection(base, connection).verdict !== evaluateConnection(head, connection).verdict,
    )?.row;
  };
}

function ownerOf(ip: string, { podsByAddress }: CompiledNetworkWorld): string | undefined {
  const address = parseAddress(ip);
  return address && podsByAddress.get(addressKey(address))?.[0]?.id;
}

function isAmong(ip: string, members: ReadonlySet<EndClass>): boolean {
  const address = parseAddress(ip);
  if (address === undefined) return false;
  return [...members].some(({ cidrs }) => cidrs.some((cidr) => holdsAddress(cidr, address)));
}

function holdsAddress(cidr: string, address: Address): boolean {
  const block = parseBlock(cidr);
  return block !== undefined && blockHolds(block, address);
}
