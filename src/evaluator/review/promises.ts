import type { CheckFinding } from "../../model/check-finding.ts";
import type { CommunicationGraph } from "../../model/graph.ts";
import { clientName, type InferredTraffic } from "../../model/inferred.ts";
import { evaluateConnection } from "../network/evaluate.ts";
import type { Direction } from "../network/verdict.ts";
import { mayComeIn } from "../proof/promises-in-force.ts";
import { findingOf, namesOf, placeOf } from "./finding.ts";
import { SubjectNames } from "./subject-names.ts";
import { podId, type ReviewWorld, type Subject } from "./world.ts";

/** Promised traffic that policies refuse in a direction. */
interface Refusal {
  readonly traffic: InferredTraffic;
  readonly direction: Direction;
  /** Ids of the policies that isolate the end; never empty. */
  readonly policies: readonly string[];
}

/**
 * Traffic that objects promise (webhooks, ingresses, scrapes) and policies refuse: nobody notices before it is needed
 * (rule 20). What was seen is left to the findings about what was seen. One finding for each policy, direction and kind.
 */
export function promiseFindings(
  world: ReviewWorld,
  graph: Pick<CommunicationGraph, "edges"> | undefined,
): readonly CheckFinding[] {
  const { traffic } = world.promises;
  if (traffic.length === 0) return [];
  const names = new SubjectNames(world.subjects);
  const seen = new Set((graph?.edges ?? []).flatMap(edgeText));
  const refusals = traffic.flatMap((one) => refusalsOf(world, one, names, seen));
  const groups = Map.groupBy(refusals, ({ traffic: { kind }, direction, policies }) =>
    JSON.stringify([policies[0], direction, kind]),
  );
  return [...groups.values()].flatMap((group) => refusedFinding(world, group));
}

function edgeText({ client, server, protocol, port }: CommunicationGraph["edges"][number]): readonly string[] {
  if (client.kind !== "workload" || server.kind !== "workload") return [];
  return [JSON.stringify([client.workload, server.workload, protocol, port])];
}

function refusalsOf(
  world: ReviewWorld,
  traffic: InferredTraffic,
  names: SubjectNames,
  seen: ReadonlySet<string>,
): readonly Refusal[] {
  const servers = names.of(traffic.server);
  if (traffic.client.kind !== "workload") {
    return firstOfEach(servers.flatMap((server) => refusedByAddress(world, traffic, server)));
  }
  const pairs = names
    .of(traffic.client.workload)
    .flatMap((client) => servers.map((server) => ({ client, server })))
    .filter(({ client, server }) => {
      return !seen.has(JSON.stringify([client.key, server.key, traffic.protocol, traffic.port]));
    });
  return firstOfEach(pairs.flatMap((pair) => refusedBetween(world, traffic, pair)));
}

/** Many pods of a workload say the same. */
function firstOfEach(refusals: readonly Refusal[]): readonly Refusal[] {
  return [...new Map(refusals.toReversed().map((one) => [one.direction, one])).values()];
}

function refusedBetween(
  { compiled }: ReviewWorld,
  traffic: InferredTraffic,
  { client, server }: { readonly client: Subject; readonly server: Subject },
): readonly Refusal[] {
  const { protocol, port } = traffic;
  const [from, to] = [client.pods[0], client === server ? (server.pods[1] ?? server.pods[0]) : server.pods[0]];
  if (from === undefined || to === undefined) return [];
  const verdict = evaluateConnection(compiled, { from, to, protocol, port });
  return (["ingress", "egress"] as const).flatMap((direction) => {
    const { verdict: judged, isolatedBy } = verdict[direction];
    return judged === "denied" && isolatedBy.length > 0 ? [{ traffic, direction, policies: isolatedBy }] : [];
  });
}

function refusedByAddress({ compiled }: ReviewWorld, traffic: InferredTraffic, { pods }: Subject): readonly Refusal[] {
  const [first] = pods;
  const pod = first === undefined ? undefined : compiled.pods.get(podId(first));
  const policies = pod?.isolatedBy.ingress.map(({ id }) => id) ?? [];
  if (pod === undefined || policies.length === 0 || mayComeIn(pod, traffic)) return [];
  return [{ traffic, direction: "ingress", policies }];
}

function refusedFinding(world: ReviewWorld, group: readonly Refusal[]): readonly CheckFinding[] {
  const [first] = group;
  const found = world.policies.find(({ id }) => id === first?.policies[0]);
  if (first === undefined || found === undefined) return [];
  const { direction, traffic } = first;
  const objects = [...new Set(group.map((one) => one.traffic.object))];
  const connections = [...new Set(group.map((one) => connectionText(one.traffic)))];
  const other = [...new Set(group.flatMap(({ policies }) => policies))].filter((id) => id !== found.id);
  return [
    findingOf({
      code: "promised-traffic-cut",
      severity: "warning",
      about: found.id,
      message: `NetworkPolicy ${found.id} closes ${direction} and no policy lets through what ${namesOf(objects)} ${objects.length === 1 ? "promises" : "promise"}: ${namesOf(connections)}`,
      choice: `Add ${direction === "ingress" ? "an ingress" : "an egress"} rule for it${adviceFor(traffic.client.kind)}.`,
      place: placeOf(found.object, ["spec", direction]),
      related: relatedTo(world, objects, other),
      details: group.map((one) => `${connectionText(one.traffic)}, promised by ${one.traffic.object}`),
      detail: JSON.stringify([direction, traffic.kind, connections]),
    }),
  ];
}

function connectionText({ client, server, port, protocol }: InferredTraffic): string {
  return `${clientName(client)} -> ${server.namespace}/${server.name} ${port}/${protocol}`;
}

function adviceFor(client: InferredTraffic["client"]["kind"]): string {
  switch (client) {
    case "api-server":
      return " without peers: API servers are no pods, and the addresses of managed ones are not known (where konnectivity-agent pods stand in for them, name those)";
    case "outside":
      return " for blocks of outside addresses";
    case "nodes":
    case "outside-or-nodes":
      return " without peers: nodes stand in for clients, and not every plugin matches them by address";
    case "unknown":
    case "workload":
      return "";
  }
}

/** The objects that promise it and the other policies that select the pods, the first few of each. */
function relatedTo(
  { promises, policies }: ReviewWorld,
  objects: readonly string[],
  others: readonly string[],
): CheckFinding["related"] {
  const promised = objects.flatMap((name) => {
    const object = promises.objects.get(name);
    return object === undefined ? [] : [{ place: placeOf(object, []), text: `${name} promises it` }];
  });
  const selecting = others.flatMap((id) => {
    const policy = policies.find((one) => one.id === id);
    return policy === undefined ? [] : [{ place: placeOf(policy.object, []), text: `${id} closes it as well` }];
  });
  return [...promised.slice(0, 3), ...selecting.slice(0, 3)];
}
