import { hashText } from "../../../lib/hash.ts";
import type { AccessRecord, AccessSign, AuditStage, Citation, Identity } from "../../../model/access.ts";
import { serviceAccountOf } from "../../../model/service-account.ts";
import { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import { parseTime } from "../time.ts";
import type { Request } from "./attributes.ts";
import { requestOf } from "./attributes.ts";
import { dotted, dottedKey, list, object, status, text } from "./fields.ts";
import type { AuditMemory } from "./memory.ts";
import { impersonationSigns, requestSigns } from "./signs.ts";

/** An audit event as a record, or the sentence that says what is wrong with it. */
export type DecodedEvent =
  | { readonly record: AccessRecord; readonly fault: undefined }
  | { readonly record: undefined; readonly fault: string };

/**
 * Reads one Event of audit.k8s.io (k8s.io/apiserver pkg/apis/audit/v1/types.go; the older versions differ in times only).
 *
 * @param origin what the envelope says of the source, see `AccessRecord.origin`
 */
export function decodeEvent(event: Fields, origin: string | undefined, memory: AuditMemory): DecodedEvent {
  const faults = new Faults();
  checkVersion(event, faults);
  const user = object(event, "user", "", faults) ?? NOBODY;
  const asker = identityOf(user, "user.", memory, faults);
  const impersonation = readImpersonation(event, memory, faults);
  const verb = text(event, "verb", "", faults);
  const uri = text(event, "requestURI", "", faults);
  const request = requestOf({ verb, uri, objectRef: object(event, "objectRef", "", faults) }, faults);
  const answer = readAnswer(event, memory, faults);
  const record: AccessRecord = {
    time: timeOf(event),
    stage: stageOf(text(event, "stage", "", faults), faults),
    request: requestHash(event, request, { verb, uri, username: asker.username }),
    identity: impersonation?.identity ?? asker,
    impersonator: impersonation === undefined ? undefined : asker,
    attributes: request.attributes,
    ...answer,
    signs: signsOf(event, request, answer.code, impersonation?.signs),
    pod: podOf(user, asker.username, faults),
    ...readClient(event, faults),
    origin,
  };
  return faults.first === undefined ? { record, fault: undefined } : { record: undefined, fault: faults.first };
}

const NOBODY: Fields = {};
const VERSIONS: readonly unknown[] = [
  "audit.k8s.io/v1",
  "audit.k8s.io/v1beta1",
  "audit.k8s.io/v1alpha1",
  undefined,
  null,
  "",
];

/** Items of lists have no version of their own. */
function checkVersion(event: Fields, faults: Faults): void {
  if (!VERSIONS.includes(event["apiVersion"])) {
    faults.add("apiVersion", event["apiVersion"], "audit.k8s.io/v1, v1beta1 or v1alpha1");
  }
}

function identityOf(user: Fields, at: string, memory: AuditMemory, faults: Faults): Identity {
  return memory.identity(text(user, "username", at, faults), list(user, "groups", at, faults));
}

interface Impersonation {
  readonly identity: Identity;
  readonly signs: readonly AccessSign[];
}

/** What was impersonated besides the name and the groups leaves no other trace. */
function readImpersonation(event: Fields, memory: AuditMemory, faults: Faults): Impersonation | undefined {
  const user = object(event, "impersonatedUser", "", faults);
  if (user === undefined) {
    return undefined;
  }
  const at = "impersonatedUser.";
  const identity = identityOf(user, at, memory, faults);
  if (identity.username === "") {
    faults.add("impersonatedUser.username", user["username"], "the name of whoever was impersonated");
  }
  const extra = object(user, "extra", at, faults) ?? NOBODY;
  const values = Object.keys(extra).map((key) => [key, list(extra, key, "impersonatedUser.extra.", faults)] as const);
  const metadata = object(event, "authenticationMetadata", "", faults) ?? NOBODY;
  const constraint = text(metadata, "impersonationConstraint", "authenticationMetadata.", faults);
  return { identity, signs: impersonationSigns(text(user, "uid", at, faults), values, constraint) };
}

const DECISION = dottedKey("authorization.k8s.io/decision");
const REASON = dottedKey("authorization.k8s.io/reason");
const LEGACY_TOKEN = dottedKey("authentication.k8s.io/legacy-token");
const STALE_TOKEN = dottedKey("authentication.k8s.io/stale-token");

function readAnswer(
  event: Fields,
  memory: AuditMemory,
  faults: Faults,
): Pick<AccessRecord, "decision" | "citation" | "code" | "token"> {
  const annotations = object(event, "annotations", "", faults) ?? NOBODY;
  const decision = dotted(annotations, DECISION);
  if (decision !== undefined && decision !== "allow" && decision !== "forbid") {
    faults.add(`annotations["${DECISION.plain}"]`, decision, "allow or forbid");
  }
  const legacy = dotted(annotations, LEGACY_TOKEN) !== undefined;
  const stale = dotted(annotations, STALE_TOKEN) !== undefined;
  return {
    decision: decision === "allow" || decision === "forbid" ? decision : undefined,
    citation: decision === "allow" ? citationOf(dotted(annotations, REASON), memory, faults) : undefined,
    code: status(object(event, "responseStatus", "", faults) ?? NOBODY, "code", "responseStatus.", faults),
    token: legacy ? "legacy" : stale ? "stale" : undefined,
  };
}

function citationOf(reason: unknown, memory: AuditMemory, faults: Faults): Citation | undefined {
  if (typeof reason === "string") {
    return memory.citation(reason);
  }
  return reason === undefined ? undefined : faults.add(`annotations["${REASON.plain}"]`, reason, "a string");
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

function timeOf(event: Fields): number | undefined {
  for (const name of TIMES) {
    const value = event[name];
    const time = typeof value === "string" ? parseTime(value) : undefined;
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
  const parts = [what, asked.verb, asked.username, event["auditID"], received];
  return hashText(parts.map((part) => (typeof part === "string" ? part : "")).join("\0"));
}

function signsOf(
  event: Fields,
  { attributes, query }: Request,
  code: number | undefined,
  impersonation: readonly AccessSign[] = [],
): readonly AccessSign[] {
  const signs = requestSigns({
    attributes,
    query,
    code,
    userAgent: typeof event["userAgent"] === "string" ? event["userAgent"] : "",
    requestBody: event["requestObject"],
    responseBody: event["responseObject"],
  });
  return impersonation.length === 0 ? signs : [...signs, ...impersonation];
}

const POD_NAME = dottedKey("authentication.kubernetes.io/pod-name");

/** A ServiceAccount's token may be bound to a pod of its namespace. */
function podOf(user: Fields, username: string, faults: Faults): AccessRecord["pod"] {
  const extra = object(user, "extra", "user.", faults);
  const account = extra === undefined ? undefined : serviceAccountOf(username);
  if (extra === undefined || account === undefined) {
    return undefined;
  }
  const value = dotted(extra, POD_NAME);
  const name: unknown = Array.isArray(value) ? value[0] : value;
  return typeof name === "string" && name !== ""
    ? { namespace: account.namespace, name: name.toWellFormed() }
    : undefined;
}

const LONGEST_USER_AGENT = 300;

function readClient(event: Fields, faults: Faults): Pick<AccessRecord, "userAgent" | "sourceIp"> {
  const userAgent = text(event, "userAgent", "", faults);
  const sourceIp = list(event, "sourceIPs", "", faults).at(-1);
  return {
    userAgent: userAgent === "" ? undefined : userAgent.slice(0, LONGEST_USER_AGENT).toWellFormed(),
    sourceIp: sourceIp === undefined || sourceIp === "" ? undefined : sourceIp.toWellFormed(),
  };
}
