import { closeSync, openSync, writeSync } from "node:fs";
import { createRandom } from "../support/simulator/random.ts";

/** What the events are of. */
export interface AuditEventOptions {
  readonly events: number;
  /** ServiceAccounts, each with some uses of its own. */
  readonly identities: number;
  readonly usesEach: number;
  /** Share of events that are refused and each ask for a name that no other asks for. */
  readonly probes: number;
  readonly seed: string;
  readonly hours: number;
}

export const AUDIT_DEFAULTS: AuditEventOptions = {
  events: 1_000_000,
  identities: 400,
  usesEach: 50,
  probes: 0,
  seed: "audit",
  hours: 200,
};

const START = Date.UTC(2026, 2, 4, 6);
const CHUNK = 8 * 1024 * 1024;
const RESOURCES = [
  { group: "", version: "v1", resource: "configmaps" },
  { group: "", version: "v1", resource: "secrets" },
  { group: "", version: "v1", resource: "pods" },
  { group: "apps", version: "v1", resource: "deployments" },
  { group: "coordination.k8s.io", version: "v1", resource: "leases" },
  { group: "example.com", version: "v1alpha1", resource: "widgets" },
] as const;
const VERBS = ["get", "get", "list", "watch", "update", "patch"] as const;

/** The parts of an event's line between which times and ids are put. */
type Template = readonly [beforeId: string, beforeReceived: string, beforeStaged: string, end: string];

function templates({ identities, usesEach, seed }: AuditEventOptions): Template[] {
  const random = createRandom(`${seed}/uses`);
  const found: Template[] = [];
  for (let identity = 0; identity < identities; identity++) {
    const namespace = `team-${identity % 60}`;
    for (let use = 0; use < usesEach; use++) {
      const verb = VERBS[random.integer(0, VERBS.length - 1)] ?? "get";
      const type = RESOURCES[random.integer(0, RESOURCES.length - 1)] ?? RESOURCES[0];
      const name = verb === "list" || verb === "watch" ? "" : `object-${random.integer(0, 30)}`;
      found.push(template({ identity, namespace, verb, ...type, name, isDenied: false }));
    }
  }
  return found;
}

interface Request {
  readonly identity: number;
  readonly namespace: string;
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly name: string;
  readonly isDenied: boolean;
}

/** An event as kube-apiserver writes it at level Metadata, of about 1.5 kB. */
function template({ identity, namespace, verb, group, version, resource, name, isDenied }: Request): Template {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const account = `worker-${identity}`;
  const query = verb === "watch" ? "?allowWatchBookmarks=true&timeoutSeconds=540&watch=true" : "";
  const event = {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: "@@ID@@",
    stage: "ResponseComplete",
    requestURI: `${root}/namespaces/${namespace}/${resource}${name === "" ? "" : `/${name}`}${query}`,
    verb,
    user: {
      username: `system:serviceaccount:${namespace}:${account}`,
      uid: "0c6a0a51-6e2a-4a71-9f0b-2f4f0d3f6b61",
      groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
      extra: {
        "authentication.kubernetes.io/credential-id": ["JTI=7d4b4d9e-39b3-4a43-a2f7-6f0e0a4e5f11"],
        "authentication.kubernetes.io/node-name": [`node-${identity % 40}`],
        "authentication.kubernetes.io/node-uid": ["5d1f7a6e-9b1a-4ef5-8f0a-0a1fb7a1c9de"],
        "authentication.kubernetes.io/pod-name": [`${account}-6f7d8c9b5d-x2x7k`],
        "authentication.kubernetes.io/pod-uid": ["3a9a5d7c-7a51-4d4e-8b8e-6b1f7a3d2c10"],
      },
    },
    sourceIPs: ["10.0.12.34"],
    userAgent: `${account}/v1.12.3 (linux/amd64) kubernetes/faecb19`,
    objectRef: {
      resource,
      namespace,
      ...(name === "" ? {} : { name }),
      ...(group === "" ? {} : { apiGroup: group }),
      apiVersion: version,
    },
    responseStatus: { metadata: {}, code: isDenied ? 403 : 200 },
    requestReceivedTimestamp: "@@RECEIVED@@",
    stageTimestamp: "@@STAGED@@",
    annotations: isDenied
      ? { "authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "" }
      : {
          "authorization.k8s.io/decision": "allow",
          "authorization.k8s.io/reason": `RBAC: allowed by RoleBinding "${account}/${namespace}" of Role "${account}" to ServiceAccount "${account}/${namespace}"`,
        },
  };
  const [beforeId = "", beforeReceived = "", beforeStaged = "", end = ""] = JSON.stringify(event).split(/@@[A-Z]+@@/u);
  return [beforeId, beforeReceived, beforeStaged, `${end}\n`];
}

function probe(number: number): Template {
  const [group, version] = ["", "v1"];
  const name = `guess-${number}`;
  return template({
    identity: 7,
    namespace: "team-7",
    verb: "get",
    group,
    version,
    resource: "secrets",
    name,
    isDenied: true,
  });
}

/** Writes events as JSON lines; returns the number of bytes. */
export function writeAuditEvents(options: AuditEventOptions, file: string): number {
  const uses = templates(options);
  const random = createRandom(`${options.seed}/order`);
  const step = (options.hours * 3_600_000) / options.events;
  const descriptor = openSync(file, "w");
  let written = 0;
  let chunk: string[] = [];
  let held = 0;
  const flush = (): void => {
    written += writeSync(descriptor, chunk.join(""));
    chunk = [];
    held = 0;
  };
  for (let number = 0; number < options.events; number++) {
    const isProbe = random.next() < options.probes;
    const popular = Math.floor(uses.length ** random.next()) - 1;
    const at = number < uses.length ? number : popular;
    const [beforeId, beforeReceived, beforeStaged, end] = isProbe ? probe(number) : (uses[at] ?? probe(number));
    const time = new Date(START + number * step).toISOString().slice(0, -1);
    const id = `805e8918-d1fc-43bb-b117-${number.toString(16).padStart(12, "0")}`;
    const line = `${beforeId}${id}${beforeReceived}${time}641Z${beforeStaged}${time}734Z${end}`;
    chunk.push(line);
    held += line.length;
    if (held > CHUNK) flush();
  }
  flush();
  closeSync(descriptor);
  return written;
}
