import { hashTexts } from "../../../lib/hash.ts";
import type { AccessRecord, AccessSign, AuditStage, Citation, Identity } from "../../../model/access.ts";
import { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import type { Request } from "./attributes.ts";
import { requestOf } from "./attributes.ts";
import { dotted, dottedKey, list, object, status, text, wellFormed } from "./fields.ts";
import type { AuditMemory, KnownIdentity } from "./memory.ts";
import type { AuditSource } from "./recognise.ts";
import { impersonationSigns, isWrite, requestSigns } from "./signs.ts";

/** An audit event as a record, or the sentence that says what is wrong with it. */
export type DecodedEvent =
  | { readonly record: AccessRecord; readonly fault: undefined }
  | { readonly record: undefined; readonly fault: string };

/**
 * Reads one Event of audit.k8s.io (k8s.io/apiserver pkg/apis/audit/v1/types.go; the older versions differ in times only).
 *
 * @param source what the envelope says of the log it is from
 */
export function decodeEvent(event: Fields, source: AuditSource, memory: AuditMemory): DecodedEvent {
  const faults = new Faults();
  checkVersion(event, faults);
  const user = object(event["user"], "user", faults) ?? NOBODY;
  const username = text(user["username"], "user.username", faults);
  const asker = memory.identity(username, list(user["groups"], "user.groups", faults));
  const impersonation = readImpersonation(event, memory, faults);
  const verb = text(event["verb"], "verb", faults);
  const uri = text(event["requestURI"], "requestURI", faults);
  const request = requestOf({ verb, uri, objectRef: object(event["objectRef"], "objectRef", faults) }, faults);
  const annotations = readAnnotations(object(event["annotations"], "annotations", faults));
  const decision = decisionOf(annotations.decision, faults);
  const code = codeOf(object(event["responseStatus"], "responseStatus", faults), faults);
  const record: AccessRecord = {
    time: timeOf(event, memory),
    stage: stageOf(text(event["stage"], "stage", faults), faults),
    request: requestHash(event, request, { verb, uri, username }),
    identity: impersonation?.identity ?? asker.identity,
    impersonator: impersonation === undefined ? undefined : asker.identity,
    attributes: request.attributes,
    decision,
    citation: decision === "allow" ? citationOf(annotations.reason, asker, memory, faults) : undefined,
    code,
    signs: signsOf(event, request, code, impersonation?.signs),
    pod: podOf(user, asker.account?.namespace, faults),
    userAgent: userAgentOf(text(event["userAgent"], "userAgent", faults)),
    sourceIp: sourceIpOf(list(event["sourceIPs"], "sourceIPs", faults)),
    token: annotations.token,
    origin: source.origin,
    cluster: source.cluster,
  };
  return faults.first === undefined ? { record, fault: undefined } : { record: undefined, fault: faults.first };
}

const NOBODY: Fields = {};
const OTHER_VERSIONS: ReadonlySet<unknown> = new Set([
  "audit.k8s.io/v1beta1",
  "audit.k8s.io/v1alpha1",
  undefined,
  null,
  "",
]);

/** Items of lists have no version of their own. */
function checkVersion(event: Fields, faults: Faults): void {
  const version = event["apiVersion"];
  if (version !== "audit.k8s.io/v1" && !OTHER_VERSIONS.has(version)) {
    faults.add("apiVersion", version, "audit.k8s.io/v1, v1beta1 or v1alpha1");
  }
}

function codeOf(responseStatus: Fields | undefined, faults: Faults): number | undefined {
  return responseStatus === undefined ? undefined : status(responseStatus["code"], "responseStatus.code", faults);
}

interface Impersonation {
  readonly identity: Identity;
  readonly signs: readonly AccessSign[];
}

/** What was impersonated besides the name and the groups leaves no other trace. */
function readImpersonation(event: Fields, memory: AuditMemory, faults: Faults): Impersonation | undefined {
  const user = object(event["impersonatedUser"], "impersonatedUser", faults);
  if (user === undefined) {
    return undefined;
  }
  const username = text(user["username"], "impersonatedUser.username", faults);
  const { identity } = memory.identity(username, list(user["groups"], "impersonatedUser.groups", faults));
  if (username === "") {
    faults.add("impersonatedUser.username", user["username"], "the name of whoever was impersonated");
  }
  const extra = object(user["extra"], "impersonatedUser.extra", faults) ?? NOBODY;
  const values = Object.keys(extra).map(
    (key) => [key, list(extra[key], `impersonatedUser.extra.${key}`, faults)] as const,
  );
  const metadata = object(event["authenticationMetadata"], "authenticationMetadata", faults) ?? NOBODY;
  const constraint = text(
    metadata["impersonationConstraint"],
    "authenticationMetadata.impersonationConstraint",
    faults,
  );
  return { identity, signs: impersonationSigns(text(user["uid"], "impersonatedUser.uid", faults), values, constraint) };
}

const DECISION = dottedKey("authorization.k8s.io/decision");
const REASON = dottedKey("authorization.k8s.io/reason");
const LEGACY_TOKEN = dottedKey("authentication.k8s.io/legacy-token");
const STALE_TOKEN = dottedKey("authentication.k8s.io/stale-token");

function decisionOf(decision: unknown, faults: Faults): AccessRecord["decision"] {
  return decision === undefined || decision === "allow" || decision === "forbid"
    ? decision
    : faults.add(`annotations["${DECISION.plain}"]`, decision, "allow or forbid");
}

function citationOf(reason: unknown, asker: KnownIdentity, memory: AuditMemory, faults: Faults): Citation | undefined {
  if (typeof reason === "string") {
    return memory.citation(reason, asker);
  }
  return reason === undefined ? undefined : faults.add(`annotations["${REASON.plain}"]`, reason, "a string");
}

interface Annotations {
  readonly decision: unknown;
  readonly reason: unknown;
  readonly token: AccessRecord["token"];
}

/** Nearly always they stand there as Kubernetes writes them, and then all of them do. */
function readAnnotations(annotations: Fields | undefined): Annotations {
  if (annotations === undefined) {
    return NO_ANNOTATIONS;
  }
  const decision = annotations["authorization.k8s.io/decision"];
  if (typeof decision === "string") {
    const reason = annotations["authorization.k8s.io/reason"] ?? undefined;
    const legacy = annotations["authentication.k8s.io/legacy-token"];
    return { decision, reason, token: tokenOf(legacy, annotations["authentication.k8s.io/stale-token"]) };
  }
  return {
    decision: dotted(annotations, DECISION),
    reason: dotted(annotations, REASON),
    token: tokenOf(dotted(annotations, LEGACY_TOKEN), dotted(annotations, STALE_TOKEN)),
  };
}

const NO_ANNOTATIONS: Annotations = { decision: undefined, reason: undefined, token: undefined };

/** What the annotations say is a warning; that they are there says which. */
function tokenOf(legacy: unknown, stale: unknown): AccessRecord["token"] {
  if (legacy !== undefined && legacy !== null) {
    return "legacy";
  }
  return stale === undefined || stale === null ? undefined : "stale";
}

function stageOf(stage: string, faults: Faults): AuditStage {
  switch (stage) {
    case "RequestReceived":
    case "ResponseStarted":
    case "ResponseComplete":
    case "Panic":
      return stage;
    default:
      faults.add("stage", stage, "a stage of audit.k8s.io");
      return "RequestReceived";
  }
}

/** The first time that is there and can be read: old versions only have the later ones. */
const TIMES = ["requestReceivedTimestamp", "timestamp", "stageTimestamp"] as const;

function timeOf(event: Fields, memory: AuditMemory): number | undefined {
  for (const name of TIMES) {
    const value = event[name];
    const time = typeof value === "string" ? memory.times.read(value) : undefined;
    if (time !== undefined) {
      return time;
    }
  }
  return undefined;
}

/** Names a request so that a client can't choose another's name: it chooses the audit id only. */
function requestHash(
  event: Fields,
  { attributes }: Request,
  asked: { readonly verb: string; readonly uri: string; readonly username: string },
): number {
  const received = event["requestReceivedTimestamp"] ?? event["timestamp"];
  const what = asked.uri === "" ? Object.values(attributes).join("/") : asked.uri;
  return hashTexts([plain(event["auditID"]), plain(received), asked.verb, asked.username, what]);
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function signsOf(
  event: Fields,
  { attributes, query }: Request,
  code: number | undefined,
  impersonation: readonly AccessSign[] = NO_SIGNS,
): readonly AccessSign[] {
  if (!isWrite(attributes)) {
    return impersonation;
  }
  const [requestBody, responseBody] = [event["requestObject"], event["responseObject"]];
  const userAgent = plain(event["userAgent"]);
  const signs = requestSigns({ attributes, query, code, userAgent, requestBody, responseBody });
  return impersonation.length === 0 ? signs : [...signs, ...impersonation];
}

const NO_SIGNS: readonly AccessSign[] = [];

const POD_NAME = dottedKey("authentication.kubernetes.io/pod-name");

/** A ServiceAccount's token may be bound to a pod of its namespace. */
function podOf(user: Fields, namespace: string | undefined, faults: Faults): AccessRecord["pod"] {
  const extra = object(user["extra"], "user.extra", faults);
  const value =
    extra === undefined ? undefined : (extra["authentication.kubernetes.io/pod-name"] ?? dotted(extra, POD_NAME));
  const name: unknown = Array.isArray(value) ? value[0] : value;
  return namespace !== undefined && typeof name === "string" && name !== ""
    ? { namespace, name: wellFormed(name) }
    : undefined;
}

const LONGEST_USER_AGENT = 300;

function userAgentOf(userAgent: string): string | undefined {
  if (userAgent.length <= LONGEST_USER_AGENT) {
    return userAgent === "" ? undefined : userAgent;
  }
  return userAgent.slice(0, LONGEST_USER_AGENT).toWellFormed();
}

function sourceIpOf(addresses: readonly string[]): string | undefined {
  const last = addresses.at(-1);
  return last === undefined || last === "" ? undefined : wellFormed(last);
}
