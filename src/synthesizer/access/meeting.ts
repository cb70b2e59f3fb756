import { some } from "../../lib/some.ts";
import { byText } from "../../lib/sort.ts";
import type { ApiUse } from "../../model/access-review.ts";
import type { KnownWorkloads } from "../../model/directory.ts";
import type { Finding } from "../../model/finding.ts";
import type { CommunicationGraph, Edge } from "../../model/graph.ts";
import type { WorkloadKey } from "../../model/peer.ts";

/** What was learned about flows, about workloads, and about their use of the API. */
export interface Meeting {
  readonly graph: Pick<CommunicationGraph, "edges">;
  readonly known: KnownWorkloads;
  readonly apiUse: ReadonlyMap<WorkloadKey, ApiUse>;
  /** Whether policies are wanted for a namespace. */
  readonly isInScope: (namespace: string) => boolean;
}

/** Where flows and the use of the API say something together that neither says alone. */
export function meetingFindings(meeting: Meeting): readonly Finding[] {
  return [
    ...tokenFindings(meeting),
    ...refusedFindings(meeting),
    ...unknownFindings(meeting),
    ...egressFindings(meeting),
  ];
}

function keysOf({ apiUse, isInScope }: Meeting, kind: ApiUse["kind"]): readonly WorkloadKey[] {
  return [...apiUse]
    .filter(([key, use]) => use.kind === kind && isInScope(namespaceOf(key)))
    .map(([key]) => key)
    .toSorted(byText);
}

function namespaceOf(key: WorkloadKey): string {
  return key.split("/", 1).join("");
}

function tokenFindings(meeting: Meeting): readonly Finding[] {
  const groups = Map.groupBy(keysOf(meeting, "unused"), namespaceOf);
  return [...groups].map(([namespace, keys]) => ({
    code: "token-unused",
    severity: "info",
    about: namespace,
    message: `While the audit log was written, no request came with the token of ${some(keys, 5)}.`,
    choice:
      "If that stays so: automountServiceAccountToken: false in the pod template, and no egress to the API server is needed.",
  }));
}

/** What never was let in is nothing a policy should allow, and perhaps somebody who is trying things out. */
function refusedFindings(meeting: Meeting): readonly Finding[] {
  return keysOf(meeting, "refused").map((key) => ({
    code: "token-refused",
    severity: "warning",
    about: key,
    message: `Every request with the token of ${key} (ServiceAccount ${accountOf(meeting, key)}) was refused: a mistake, or somebody who got in and looks around.`,
    choice:
      "Look at who asks there. If the workload has no business with the API: automountServiceAccountToken: false in the pod template.",
  }));
}

function unknownFindings(meeting: Meeting): readonly Finding[] {
  const keys = keysOf(meeting, "unknown");
  if (keys.length === 0) return [];
  return [
    {
      code: "token-use-unknown",
      severity: "info",
      about: undefined,
      message: `The audit log shows no reads, so nothing tells whether ${some(keys, 5)} use their tokens.`,
      choice: "Log get, list and watch at level Metadata to learn it.",
    },
  ];
}

/** A workload that calls the API, whose flows were seen, and none of them to it: closing its egress would cut the calls. */
function egressFindings(meeting: Meeting): readonly Finding[] {
  const { graph, known } = meeting;
  const egress = new Map<WorkloadKey, Edge[]>();
  for (const edge of graph.edges) {
    if (edge.client.kind !== "workload") continue;
    const own = egress.get(edge.client.workload);
    if (own === undefined) egress.set(edge.client.workload, [edge]);
    else own.push(edge);
  }
  return keysOf(meeting, "used").flatMap((key) => {
    const edges = egress.get(key) ?? [];
    if (edges.length === 0 || known.get(key)?.hostNetwork === true || edges.some(mayReachApi)) return [];
    return [
      {
        code: "api-egress-unseen",
        severity: "warning" as const,
        about: key,
        message: `${key} calls the API as ServiceAccount ${accountOf(meeting, key)}, and no flow of it to the API server was seen: a policy that closes its egress cuts these calls.`,
        choice: "See that flows of its node are recorded, and allow the API server by hand until they are.",
      },
    ];
  });
}

function accountOf({ apiUse }: Meeting, key: WorkloadKey): string {
  return apiUse.get(key)?.serviceAccount ?? "";
}

/** Ports that API servers listen on. */
const API_PORTS: readonly (number | undefined)[] = [443, 6443, 8443];

/** True where the far end is the API server, or may be: outside addresses and nodes are not told apart by name. */
export function mayReachApi({ server, port, services = [] }: Edge): boolean {
  if (server.kind === "entity" && server.entity === "kube-apiserver") return true;
  if (services.some((service) => service.startsWith("default/kubernetes:"))) return true;
  return server.kind !== "workload" && API_PORTS.includes(port);
}
