/** What a request was, for an audit event of it; everything has a default. */
export interface EventDraft {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly impersonated?: { readonly username: string; readonly groups?: readonly string[] };
  readonly verb?: string;
  /** Core unless given. */
  readonly apiGroup?: string;
  /** Empty: no resource, see `path`. */
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Of a request for no resource. */
  readonly path?: string;
  readonly decision?: "allow" | "forbid";
  /** Undefined: RBAC's own, by a binding named like the user; empty text: none. */
  readonly reason?: string;
  readonly code?: number;
  readonly stage?: "Panic" | "RequestReceived" | "ResponseComplete" | "ResponseStarted";
  /** ISO 8601. */
  readonly time?: string;
  readonly auditID?: string;
  readonly sourceIp?: string;
  readonly userAgent?: string;
  readonly pod?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

let made = 0;

/** An audit event of level Metadata, as kube-apiserver writes it (audit.k8s.io/v1). */
export function auditEvent(draft: EventDraft = {}): object {
  const time = draft.time ?? "2026-11-02T08:00:00.000000Z";
  made += 1;
  return {
    kind: "Event",
    apiVersion: "audit.k8s.io/v1",
    level: "Metadata",
    auditID: draft.auditID ?? `00000000-0000-4000-8000-${String(made).padStart(12, "0")}`,
    stage: draft.stage ?? "ResponseComplete",
    requestURI: uriOf(draft),
    verb: draft.verb ?? "get",
    ...peopleOf(draft),
    sourceIPs: [draft.sourceIp ?? "10.0.1.5"],
    userAgent: draft.userAgent ?? "cart/v1 (linux/amd64)",
    ...objectRefOf(draft),
    requestReceivedTimestamp: time,
    stageTimestamp: time,
    ...(draft.stage === "RequestReceived" ? {} : answerOf(draft)),
  };
}

function userOf({ user }: EventDraft): string {
  return user ?? "system:serviceaccount:shop:cart";
}

function peopleOf(draft: EventDraft): object {
  const username = userOf(draft);
  const { pod, impersonated } = draft;
  return {
    user: {
      username,
      groups: draft.groups ?? groupsOf(username),
      ...(pod === undefined ? {} : { extra: { "authentication.kubernetes.io/pod-name": [pod] } }),
    },
    ...(impersonated === undefined ? {} : { impersonatedUser: impersonated }),
  };
}

/** What an event carries once something was decided. */
function answerOf(draft: EventDraft): object {
  const decision = draft.decision ?? "allow";
  const code = draft.code ?? (decision === "forbid" ? 403 : 200);
  return { responseStatus: { metadata: {}, code }, annotations: annotationsOf(draft, userOf(draft), decision) };
}

function annotationsOf(
  { reason, annotations }: EventDraft,
  user: string,
  decision: string,
): Readonly<Record<string, string>> {
  const own = `RBAC: allowed by ClusterRoleBinding "${user}" of ClusterRole "edit" to User "${user}"`;
  return {
    "authorization.k8s.io/decision": decision,
    "authorization.k8s.io/reason": decision === "forbid" ? "" : (reason ?? own),
    ...annotations,
  };
}

function groupsOf(user: string): readonly string[] {
  const [, kind, namespace = ""] = user.split(":");
  if (kind !== "serviceaccount") return ["system:authenticated"];
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
}

function resourceOf({ resource, path }: EventDraft): string {
  return path === undefined ? (resource ?? "configmaps") : "";
}

function objectRefOf(draft: EventDraft): object {
  const resource = resourceOf(draft);
  if (resource === "") return {};
  const { apiGroup, subresource, namespace, name } = draft;
  return {
    objectRef: {
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      ...(apiGroup === undefined ? {} : { apiGroup }),
      apiVersion: "v1",
      ...(subresource === undefined ? {} : { subresource }),
    },
  };
}

function uriOf(draft: EventDraft): string {
  const resource = resourceOf(draft);
  if (resource === "") return draft.path ?? "/";
  const { apiGroup, subresource, namespace, name, verb } = draft;
  const start = apiGroup === undefined ? "/api/v1" : `/apis/${apiGroup}/v1`;
  const place = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  const object =
    name === undefined || (verb === "create" && subresource === undefined) ? "" : `/${encodeURIComponent(name)}`;
  const query = verb === "watch" ? "?watch=true" : "";
  return `${start}${place}/${resource}${object}${subresource === undefined ? "" : `/${subresource}`}${query}`;
}

/** A log as the API server writes it: one event a line. */
export function auditLog(drafts: readonly EventDraft[]): string {
  return drafts.map((draft) => `${JSON.stringify(auditEvent(draft))}\n`).join("");
}
