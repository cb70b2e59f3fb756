import { hashText } from "../../../lib/hash.ts";
import type { AccessRecord, AccessSign, AuditStage, Citation, Identity } from "../../../model/access.ts";
import { Faults } from "../faults.ts";
import type { Fields } from "../json.ts";
import type { Request } from "./attributes.ts";
import { requestOf } from "./attributes.ts";
import { dotted, dottedKey, list, object, status, text, wellFormed } from "./fields.ts";
import type { AuditMemory, KnownIdentity } from "./memory.ts";
import { impersonationSigns, isWrite, requestSigns } from "./signs.ts";

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
  const { identity: asker, account } = identityOf(user, "user.", memory, faults);
  const impersonation = readImpersonation(event, memory, faults);
  const verb = text(event, "verb", "", faults);
  const uri = text(event, "requestURI", "", faults);
  const request = requestOf({ verb, uri, objectRef: object(event, "objectRef", "", faults) }, faults);
  const annotations = object(event, "annotations", "", faults) ?? NOBODY;
  const decision = decisionOf(annotations, faults);
  const code = status(object(event, "responseStatus", "", faults) ?? NOBODY, "code", "responseStatus.", faults);
  const record: AccessRecord = {
    time: timeOf(event, memory),
    stage: stageOf(text(event, "stage", "", faults), faults),
    request: requestHash(event, request, { verb, uri, username: asker.username }),
    identity: impersonation?.identity ?? asker,
    impersonator: impersonation === undefined ? undefined : asker,
    attributes: request.attributes,
    decision,
    citation: decision === "allow" ? readCitation(annotations, memory, faults) : undefined,
    code,
    signs: signsOf(event, request, code, impersonation?.signs),
    pod: podOf(user, account?.namespace, faults),
    userAgent: userAgentOf(text(event, "userAgent", "", faults)),
    sourceIp: sourceIpOf(list(event, "sourceIPs", "", faults)),
    token: tokenOf(annotations),
    origin,
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

function identityOf(user: Fields, at: string, memory: AuditMemory, faults: Faults): KnownIdentity {
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
  const { identity } = identityOf(user, at, memory, faults);
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

function decisionOf(annotations: Fields, faults: Faults): AccessRecord["decision"] {
  const decision = dotted(annotations, DECISION);
  return decision === undefined || decision === "allow" || decision === "forbid"
    ? decision
    : faults.add(`annotations["${DECISION.plain}"]`, decision, "allow or forbid");
}

function readCitation(annotations: Fields, memory: AuditMemory, faults: Faults): Citation | undefined {
  const reason = dotted(annotations, REASON);
  if (typeof reason === "string") {
    return memory.citation(reason);
  }
  return reason === undefined ? undefined : faults.add(`annotations["${REASON.plain}"]`, reason, "a string");
}

/** What the annotations say is a warning; that they are there says which. */
function tokenOf(annotations: Fields): AccessRecord["token"] {
  if (dotted(annotations, LEGACY_TOKEN) !== undefined) {
    return "legacy";
  }
  return dotted(annotations, STALE_TOKEN) === undefined ? undefined : "stale";
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
  return hashText(`${plain(event["auditID"])}\0${plain(received)}\0${asked.verb}\0${asked.username}\0${what}`);
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
  const extra = object(user, "extra", "user.", faults);
  const value = extra === undefined ? undefined : dotted(extra, POD_NAME);
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
