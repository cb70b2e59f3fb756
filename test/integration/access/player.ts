import type { ApiCall } from "../../testbed/api-client.ts";
import type { Cluster } from "./cluster.ts";
import type { Step } from "./step.ts";

/** What a step came to. */
export interface Outcome {
  readonly step: Step;
  readonly code: number;
  readonly body: unknown;
}

/** Plays the steps one after the other. */
export async function play({ cast }: Cluster, steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    const member = cast.get(step[0]);
    if (member === undefined) throw new Error(`nobody is called ${step[0]}`);
    const { status, body } = await member.client.send(callOf(step));
    outcomes.push({ step, code: status, body });
  }
  return outcomes;
}

/** The steps that did not come to what they should, each as a sentence with the server's. */
export function surprises(outcomes: readonly Outcome[]): readonly string[] {
  return outcomes
    .filter(({ step: [, , wanted], code }) => code !== wanted)
    .map(({ step: [who, request, wanted, what], code, body }) => {
      const said = typeof body === "object" && body !== null && "message" in body ? body.message : body;
      return `${who}: ${request} (${what}): ${code} instead of ${wanted}: ${String(said).slice(0, 300)}`;
    });
}

const METHODS: Readonly<Record<string, ApiCall["method"]>> = {
  GET: "GET",
  HEAD: "HEAD",
  POST: "POST",
  PUT: "PUT",
  PATCH: "PATCH",
  DELETE: "DELETE",
  WATCH: "GET",
  SOCKET: "GET",
  APPLY: "PATCH",
};
const TYPES: Readonly<Record<string, string>> = {
  PATCH: "application/merge-patch+json",
  APPLY: "application/apply-patch+yaml",
};
const SOCKET = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "c29tZWJvZHkgd2FzIGhlcmU=",
  "sec-websocket-protocol": "v5.channel.k8s.io",
};

/** The request of a step. */
export function callOf([, request, , , carried = {}]: Step): ApiCall {
  const { body, as, auditId, agent } = carried;
  const cut = request.indexOf(" ");
  const [word, target] = [request.slice(0, cut), request.slice(cut + 1)];
  const method = METHODS[word];
  if (method === undefined) throw new Error(`no such request: ${request}`);
  const watched = `${target}${target.includes("?") ? "&" : "?"}watch=1&timeoutSeconds=1`;
  const type = TYPES[word] ?? "application/json";
  return {
    method,
    path: word === "WATCH" ? watched : target,
    headers: {
      "user-agent": agent ?? "scenario",
      ...(auditId === undefined ? {} : { "audit-id": auditId }),
      ...(word === "SOCKET" ? SOCKET : {}),
      ...(as === undefined ? {} : impersonation(as)),
    },
    ...(body === undefined ? {} : { content: { type, body: JSON.stringify(body) } }),
  };
}

function impersonation(as: NonNullable<NonNullable<Step[4]>["as"]>): Record<string, string | readonly string[]> {
  const { user, groups = [], uid, extra = {} } = as;
  return {
    "impersonate-user": user,
    ...(groups.length === 0 ? {} : { "impersonate-group": groups }),
    ...(uid === undefined ? {} : { "impersonate-uid": uid }),
    ...Object.fromEntries(Object.entries(extra).map(([key, value]) => [`impersonate-extra-${key}`, value])),
  };
}
