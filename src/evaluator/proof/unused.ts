import { byText } from "../../lib/sort.ts";
import type { PolicyProtocol } from "../../model/flow.ts";
import type { Workload } from "../../model/graph.ts";
import type { Proof } from "../../model/proof.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import { portMatches } from "../network/match.ts";
import type { CompiledRule } from "../network/policy.ts";
import { type ClassIndex, classify, rulesFor, type WorkloadClass } from "./classes.ts";
import type { PortEdge } from "./edges.ts";
import type { ReplayWorld } from "./replay.ts";

type UnusedPair = Proof["unused"][number];

/** At most so many pairs are listed: a policy that opens everything to everyone says so long before. */
export const UNUSED_LIMIT = 10_000;

interface ServerPort {
  readonly protocol: PolicyProtocol;
  readonly port: number;
}

/** Ports of a server worth asking about, by `protocol/port`. */
type ServerPorts = ReadonlyMap<string, ServerPort>;

/**
 * Pairs of workloads and ports that a rule opens and no wanted edge uses. Asked about are, for every server, the ports
 * named by the rules that lead to it and those it was seen serving. When nothing isolates either end, no policy opened
 * the pair and it is not listed. A rule that lets anyone in on some ports is one pair with `anyone`. Sorted by client, server, protocol and port; at most {@link UNUSED_LIMIT}.
 */
export function unusedPairs(
  world: ReplayWorld,
  workloads: readonly Workload[],
  wanted: readonly PortEdge[],
): readonly UnusedPair[] {
  const index = classify(world, workloads);
  const ports = serverPorts(index, wanted);
  const used = new Set(wanted.flatMap(edgeKey));
  const found: UnusedPair[] = [...openToAnyone(index)];
  for (const { client, server } of openedPairs(index)) {
    for (const port of ports.get(server)?.values() ?? []) {
      const policy = openedBy(world, client, server, port);
      found.push(...(policy === undefined ? [] : expand(client, server, { ...port, policy }, used)));
    }
    if (found.length >= UNUSED_LIMIT) {
      break;
    }
  }
  return found.toSorted(byPair).slice(0, UNUSED_LIMIT);
}

/** What a rule opens that names ports and nobody: it would be a pair with every workload there is, and more than those. */
function openToAnyone({ classes }: ClassIndex): readonly UnusedPair[] {
  return classes.flatMap((subject) => {
    const rules = rulesFor(subject, "ingress").filter(({ rule }) => isForAnyone(rule));
    const opened = rules.flatMap(({ policy, rule }) => namedPorts(rule, subject).map((port) => ({ ...port, policy })));
    const distinct = new Map(opened.toReversed().map((one) => [`${one.protocol}/${one.port}`, one]));
    return subject.workloads.flatMap((server) =>
      [...distinct.values()].map(({ port, protocol, policy }) => ({
        client: "anyone",
        server,
        port,
        protocol,
        policy,
      })),
    );
  });
}

function isForAnyone({ peers, ports }: CompiledRule): boolean {
  return peers.length === 0 && ports.length > 0;
}

/**
 * Pairs of classes of which a rule names both, each once. Where both ends are isolated both must name the other, so
 * the pair comes from the end that names fewer: rules that name everybody then cost no more than those that do not.
 */
function* openedPairs(
  index: ClassIndex,
): Generator<{ readonly client: WorkloadClass; readonly server: WorkloadClass }> {
  const clientsNamed = countNamed(index, "ingress");
  const serversNamed = countNamed(index, "egress");
  const isFewer = (client: WorkloadClass, server: WorkloadClass): boolean =>
    (clientsNamed.get(server) ?? Infinity) <= (serversNamed.get(client) ?? Infinity);
  for (const server of clientsNamed.keys()) {
    for (const client of matchedBy(index, server, "ingress")) {
      if (isFewer(client, server)) {
        yield { client, server };
      }
    }
  }
  for (const client of serversNamed.keys()) {
    for (const server of matchedBy(index, client, "egress")) {
      if (!isFewer(client, server)) {
        yield { client, server };
      }
    }
  }
}

/** For each class that is isolated, how many classes its rules name: past counting for a server that lets anyone in. */
function countNamed(index: ClassIndex, direction: "ingress" | "egress"): ReadonlyMap<WorkloadClass, number> {
  const isolated = index.classes.filter(({ compiled }) => compiled.isolatedBy[direction].length > 0);
  return new Map(
    isolated.map((subject) => {
      const isOpen = direction === "ingress" && rulesFor(subject, direction).some(({ rule }) => isForAnyone(rule));
      return [subject, isOpen ? Infinity : matchedBy(index, subject, direction).size];
    }),
  );
}

function matchedBy(
  index: ClassIndex,
  subject: WorkloadClass,
  direction: "ingress" | "egress",
): ReadonlySet<WorkloadClass> {
  const named = rulesFor(subject, direction).filter(({ rule }) => direction === "egress" || !isForAnyone(rule));
  return new Set(named.flatMap(({ rule, namespace }) => index.matched(rule, namespace)));
}

function serverPorts(index: ClassIndex, wanted: readonly PortEdge[]): ReadonlyMap<WorkloadClass, ServerPorts> {
  const ports = new Map<WorkloadClass, Map<string, ServerPort>>(index.classes.map((found) => [found, new Map()]));
  const add = (server: WorkloadClass | undefined, { protocol, port }: ServerPort): void => {
    if (server !== undefined) {
      ports.get(server)?.set(`${protocol}/${port}`, { protocol, port });
    }
  };
  const classOf = new Map(index.classes.flatMap((found) => found.workloads.map((key) => [key, found] as const)));
  for (const edge of wanted) {
    add(edge.server.kind === "workload" ? classOf.get(edge.server.workload) : undefined, edge);
  }
  for (const subject of index.classes) {
    for (const { rule } of rulesFor(subject, "ingress")) {
      namedPorts(rule, subject).forEach((port) => add(subject, port));
    }
    for (const { rule, namespace } of rulesFor(subject, "egress")) {
      for (const server of rule.ports.length === 0 ? [] : index.matched(rule, namespace)) {
        namedPorts(rule, server).forEach((port) => add(server, port));
      }
    }
  }
  return ports;
}

/** The numbers a rule mentions for a server: both ends of a range, and what a name stands for there. */
function namedPorts(rule: CompiledRule, { compiled }: WorkloadClass): readonly ServerPort[] {
  const server = { kind: "pod", text: compiled.id, addresses: [], pod: compiled } as const;
  return rule.ports.flatMap((entry) => {
    const { protocol, port, endPort } = entry;
    if (typeof port === "number") {
      return [...new Set([port, endPort ?? port])].map((number) => ({ protocol, port: number }));
    }
    return compiled.ports.filter((declared) => portMatches(entry, declared.protocol, declared.port, server));
  });
}

/**
 * The policy whose rule lets the connection through; undefined when it does not pass, no policy has a say, or the server
 * lets anyone in on this port.
 */
function openedBy(
  { compiled }: ReplayWorld,
  client: WorkloadClass,
  server: WorkloadClass,
  { protocol, port }: ServerPort,
): string | undefined {
  const to = client === server ? server.secondPod : server.pod;
  const { verdict, ingress, egress } = evaluateConnection(compiled, { from: client.pod, to, protocol, port });
  if (ingress.allowedBy.some((rule) => rule.peer === undefined && rule.port !== undefined)) return undefined;
  const [opening] = [...ingress.allowedBy, ...egress.allowedBy];
  return verdict === "allowed" ? opening?.policy : undefined;
}

function expand(
  clients: WorkloadClass,
  servers: WorkloadClass,
  { protocol, port, policy }: ServerPort & { readonly policy: string },
  used: ReadonlySet<string>,
): readonly UnusedPair[] {
  const found: UnusedPair[] = [];
  for (const client of clients.workloads) {
    for (const server of servers.workloads) {
      if (found.length < UNUSED_LIMIT && !used.has(pairKey(client, server, protocol, port))) {
        found.push({ client, server, port, protocol, policy });
      }
    }
  }
  return found;
}

function edgeKey({ client, server, protocol, port }: PortEdge): readonly string[] {
  return client.kind === "workload" && server.kind === "workload"
    ? [pairKey(client.workload, server.workload, protocol, port)]
    : [];
}

function pairKey(client: string, server: string, protocol: string, port: number): string {
  return JSON.stringify([client, server, protocol, port]);
}

function byPair(a: UnusedPair, b: UnusedPair): number {
  return byText(a.client, b.client) || byText(a.server, b.server) || byText(a.protocol, b.protocol) || a.port - b.port;
}
